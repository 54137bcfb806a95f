package orb.kernel.message;

import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Digest;

/**
 * How peers hold trackers to one history of the ledger. Notes are signed and opaque here; their
 * text is in {@code docs/protocol/log.md}.
 */
public sealed interface Witnessing extends Message {
    /** A checkpoint with its signatures is at most this long. */
    int NOTE_MAX = 32 << 10;

    /** One signature line is at most this long. */
    int LINE_MAX = 400;

    /** A proof of consistency has at most so many hashes. */
    int PROOF_MAX = 64;

    /**
     * A tracker shows a checkpoint that it signed to another one; {@link Cosigned} answers if that
     * one came to the same by itself.
     */
    record Offer(Bytes note) implements Witnessing {}

    /** The answerer's cosignature, one signature line with its newline. */
    record Cosigned(Bytes line) implements Witnessing {}

    /**
     * Asks a tracker for its newest final checkpoint; {@link Checkpoint} answers.
     *
     * @param older size of a log that the asker has seen, 0 for none
     */
    record FindCheckpoint(long older) implements Witnessing {}

    /**
     * A final checkpoint.
     *
     * @param note the checkpoint with its signatures
     * @param proof that the log of the size asked for is its beginning; empty for none or a longer
     */
    record Checkpoint(Bytes note, List<Digest> proof) implements Witnessing {
        public Checkpoint {
            proof = List.copyOf(proof);
        }
    }

    /** Two checkpoints of one size by one tracker that differ; {@code Done} answers. */
    record Fraud(Bytes first, Bytes second) implements Witnessing {}
}
