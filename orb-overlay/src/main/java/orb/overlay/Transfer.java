package orb.overlay;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Seeding;

/**
 * Fetches one executable in chunks from peers that may have it.
 *
 * <p>When a peer fails in the middle, the next one goes on where it stopped. When the whole does
 * not match its digest, nobody can say whose chunk was wrong, so the next peer starts from the
 * beginning; each peer is tried once. No more is held than the size that was said beforehand. Not
 * thread-safe.
 */
public final class Transfer {
    private final Wanted wanted;
    private final ArrayDeque<NodeId> sources;
    private final Asker asker;
    private final BiConsumer<NodeId, Refusal> changed;
    private final Consumer<Result<Bytes>> then;
    private boolean isMixed;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private Refusal last;

    /**
     * What is fetched.
     *
     * @param artefact its digest
     * @param size its length, as signed by its owner
     * @param name what it is for, for people
     */
    public record Wanted(Digest artefact, ByteSize size, String name) {}

    /** Asks a peer; {@code then} gets its chunk, or why there is none, exactly once. */
    public interface Asker {
        void ask(NodeId source, Seeding.Fetch question, Consumer<Result<Seeding.Chunk>> then);
    }

    private Transfer(
            Wanted wanted,
            List<NodeId> sources,
            Asker asker,
            BiConsumer<NodeId, Refusal> changed,
            Consumer<Result<Bytes>> then) {
        this.changed = changed;
        this.wanted = wanted;
        this.sources = new ArrayDeque<>(sources);
        this.asker = asker;
        this.then = then;
        last = new Refusal(ErrorCode.NO_HOST, "no linked peer has " + wanted.name);
    }

    /**
     * Starts; {@code then} gets the verified content or the last peer's refusal, exactly once.
     *
     * @param sources peers to ask, in this order
     * @param changed hears of each peer that alone sent something other than what is wanted
     */
    public static void start(
            Wanted wanted,
            List<NodeId> sources,
            Asker asker,
            BiConsumer<NodeId, Refusal> changed,
            Consumer<Result<Bytes>> then) {
        new Transfer(wanted, sources, asker, changed, then).next();
    }

    private void next() {
        NodeId source = sources.peek();
        if (source == null) {
            then.accept(Result.refused(last));
            return;
        }
        long left = wanted.size.bytes() - received.size();
        int length = (int) Math.max(1, Math.min(left, Seeding.CHUNK_MAX));
        asker.ask(
                source, new Seeding.Fetch(wanted.artefact, received.size(), length), this::arrived);
    }

    private void arrived(Result<Seeding.Chunk> answer) {
        switch (answer) {
            case Result.Refused<Seeding.Chunk>(var refusal) -> nextSource(refusal);
            case Result.Ok<Seeding.Chunk>(var chunk) -> {
                long size = wanted.size.bytes();
                if (chunk.total() != size || chunk.bytes().length() > size - received.size()) {
                    restart("is " + chunk.total() + " bytes long there, not " + size);
                } else if (chunk.bytes().isEmpty() && size > received.size()) {
                    nextSource(new Refusal(ErrorCode.TRUNCATED_WASM, "a chunk came empty"));
                } else {
                    received.writeBytes(chunk.bytes().array());
                    if (received.size() == size) {
                        verify();
                    } else {
                        next();
                    }
                }
            }
        }
    }

    private void verify() {
        Bytes content = Bytes.wrap(received.toByteArray());
        Digest digest = Digest.of(content);
        if (digest.equals(wanted.artefact)) {
            then.accept(Result.ok(content));
        } else {
            restart("has the digest " + digest + ", not " + wanted.artefact);
        }
    }

    private void restart(String problem) {
        NodeId source = sources.getFirst();
        Refusal refusal =
                new Refusal(
                        ErrorCode.HASH_MISMATCH,
                        "the executable of "
                                + wanted.name
                                + " from "
                                + source.brief()
                                + " "
                                + problem);
        if (!isMixed) {
            changed.accept(source, refusal);
        }
        received.reset();
        nextSource(refusal);
    }

    private void nextSource(Refusal refusal) {
        last = refusal;
        sources.poll();
        isMixed = received.size() > 0;
        next();
    }
}
