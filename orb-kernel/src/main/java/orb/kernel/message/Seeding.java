package orb.kernel.message;

import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.Refusal;

/** How functions travel: notification, acknowledgement, transfer, serving. */
public sealed interface Seeding extends Message {
    /** A chunk of an artefact is at most this long. */
    int CHUNK_MAX = 1 << 20;

    /** A tracker tells a node that a function can be seeded; {@link Acknowledged} answers. */
    record Available(FunctionFacts function) implements Seeding {}

    /**
     * Whether the node will seed, and why not.
     *
     * @param seeds whether it will
     * @param reason why not, empty if it will; at most 200 characters
     */
    record Acknowledged(boolean seeds, String reason) implements Seeding {}

    /** Asks for a part of an artefact; {@link Chunk} answers. */
    record Fetch(Digest artefact, long offset, int length) implements Seeding {
        /** The part of this content that is asked for, or why there is none. */
        public Message of(Bytes content) {
            if (offset > content.length()) {
                return new Message.Refused(
                        new Refusal(
                                ErrorCode.BAD_ARGUMENT,
                                "offset "
                                        + offset
                                        + " is beyond its "
                                        + content.length()
                                        + " bytes"));
            }
            int to = (int) Math.min(content.length(), offset + length);
            return new Chunk(content.slice((int) offset, to), content.length());
        }
    }

    /** A part of an artefact and the whole's length. */
    record Chunk(Bytes bytes, long total) implements Seeding {}

    /** The node has the artefact, verified and prepared, and serves; {@code Done} answers. */
    record Serving(FunctionId function, Digest artefact) implements Seeding {}

    /** The node serves this function no longer. */
    record Stopped(FunctionId function, String reason) implements Seeding {}
}
