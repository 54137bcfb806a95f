package orb.node;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Seeding;
import orb.kernel.port.Effect;
import orb.kernel.port.ModuleFacts;

/**
 * Executables on this machine: stored, read and prepared, each digest by one effect at a time
 * however many wait for it.
 */
final class Artefacts {
    private final Turn turn;
    private final Map<Digest, List<Consumer<Optional<Refusal>>>> storing = new LinkedHashMap<>();
    private final Map<Digest, List<Consumer<Optional<Bytes>>>> loading = new LinkedHashMap<>();
    private final Map<Digest, List<Consumer<Result<ModuleFacts>>>> preparing =
            new LinkedHashMap<>();
    private Optional<Loaded> recent = Optional.empty();

    private record Loaded(Digest digest, Bytes content) {}

    Artefacts(Turn turn) {
        this.turn = turn;
    }

    /** Stores and prepares; the content must be what the digest names. */
    void admit(Digest digest, Bytes content, Consumer<Result<ModuleFacts>> then) {
        Consumer<Optional<Refusal>> stored =
                refusal ->
                        refusal.ifPresentOrElse(
                                why -> then.accept(Result.refused(why)),
                                () -> prepare(digest, then));
        if (wait(storing, digest, stored)) {
            turn.add(new Effect.StoreBlob(digest, content));
        }
    }

    void prepare(Digest digest, Consumer<Result<ModuleFacts>> then) {
        if (wait(preparing, digest, then)) {
            turn.add(new Effect.Prepare(digest));
        }
    }

    /** Reads an executable; empty if it is not there or damaged. The last one is remembered. */
    void load(Digest digest, Consumer<Optional<Bytes>> then) {
        if (recent.isPresent() && recent.get().digest.equals(digest)) {
            then.accept(Optional.of(recent.get().content));
        } else if (wait(loading, digest, then)) {
            turn.add(new Effect.LoadBlob(digest));
        }
    }

    /** Frees the memory of the one that was read last. */
    void forgetRecent() {
        recent = Optional.empty();
    }

    void stored(Digest digest, Optional<Refusal> refusal) {
        release(storing, digest, refusal);
    }

    void loaded(Digest digest, Optional<Bytes> content) {
        recent = content.map(bytes -> new Loaded(digest, bytes));
        release(loading, digest, content);
    }

    void prepared(Digest digest, Result<ModuleFacts> facts) {
        release(preparing, digest, facts);
    }

    private static <T> boolean wait(
            Map<Digest, List<Consumer<T>>> waiters, Digest digest, Consumer<T> then) {
        List<Consumer<T>> those = waiters.computeIfAbsent(digest, _ -> new ArrayList<>());
        those.add(then);
        return those.size() == 1;
    }

    private static <T> void release(
            Map<Digest, List<Consumer<T>>> waiters, Digest digest, T value) {
        List<Consumer<T>> those = waiters.remove(digest);
        if (those != null) {
            those.forEach(then -> then.accept(value));
        }
    }

    /**
     * Fetches one executable in chunks from peers that may have it.
     *
     * <p>When a peer fails in the middle, the next one goes on where it stopped. When the whole
     * does not match its digest, nobody can say whose chunk was wrong, so the next peer starts from
     * the beginning; each peer is tried once.
     */
    static final class Transfer {
        private final Turn turn;
        private final Duration timeout;
        private final FunctionFacts facts;
        private final ArrayDeque<NodeId> sources;
        private final Consumer<Result<Bytes>> then;
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private Refusal last;

        Transfer(
                Turn turn,
                Duration timeout,
                FunctionFacts facts,
                List<NodeId> sources,
                Consumer<Result<Bytes>> then) {
            this.turn = turn;
            this.timeout = timeout;
            this.facts = facts;
            this.sources = new ArrayDeque<>(sources);
            this.then = then;
            last = new Refusal(ErrorCode.NO_HOST, "no linked peer has " + facts.name());
        }

        /** Starts; {@code then} gets the verified content or the last peer's refusal. */
        void start() {
            NodeId source = sources.peek();
            if (source == null) {
                then.accept(Result.refused(last));
                return;
            }
            long left = facts.size().bytes() - received.size();
            int length = (int) Math.max(1, Math.min(left, Seeding.CHUNK_MAX));
            turn.ask(
                    source,
                    new Seeding.Fetch(facts.artefact(), received.size(), length),
                    timeout,
                    answer -> arrived(answer.as(Seeding.Chunk.class)));
        }

        private void arrived(Result<Seeding.Chunk> answer) {
            switch (answer) {
                case Result.Refused<Seeding.Chunk>(var refusal) -> nextSource(refusal);
                case Result.Ok<Seeding.Chunk>(var chunk) -> {
                    long size = facts.size().bytes();
                    if (chunk.total() != size || chunk.bytes().length() > size - received.size()) {
                        restart("is " + chunk.total() + " bytes long there, not " + size);
                    } else if (chunk.bytes().isEmpty() && size > received.size()) {
                        nextSource(new Refusal(ErrorCode.TRUNCATED_WASM, "a chunk came empty"));
                    } else {
                        received.writeBytes(chunk.bytes().array());
                        if (received.size() == size) {
                            verify();
                        } else {
                            start();
                        }
                    }
                }
            }
        }

        private void verify() {
            Bytes content = Bytes.wrap(received.toByteArray());
            Digest digest = Digest.of(content);
            if (digest.equals(facts.artefact())) {
                then.accept(Result.ok(content));
            } else {
                restart("has the digest " + digest + ", not " + facts.artefact());
            }
        }

        private void restart(String problem) {
            received.reset();
            NodeId source = sources.getFirst();
            nextSource(
                    new Refusal(
                            ErrorCode.HASH_MISMATCH,
                            "the executable of "
                                    + facts.name()
                                    + " from "
                                    + source.brief()
                                    + " "
                                    + problem));
        }

        private void nextSource(Refusal refusal) {
            last = refusal;
            sources.poll();
            start();
        }
    }
}
