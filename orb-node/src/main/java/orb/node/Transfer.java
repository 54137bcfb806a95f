package orb.node;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Seeding;

/**
 * Fetches one executable in chunks from peers that may have it.
 *
 * <p>When a peer fails in the middle, the next one goes on where it stopped. When the whole does
 * not match its digest, nobody can say whose chunk was wrong, so the next peer starts from the
 * beginning; each peer is tried once.
 */
final class Transfer {
    private final Questions questions;
    private final Duration timeout;
    private final FunctionFacts facts;
    private final ArrayDeque<NodeId> sources;
    private final Consumer<Result<Bytes>> then;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private Refusal last;

    Transfer(
            Questions questions,
            Duration timeout,
            FunctionFacts facts,
            List<NodeId> sources,
            Consumer<Result<Bytes>> then) {
        this.questions = questions;
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
        questions.ask(
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
