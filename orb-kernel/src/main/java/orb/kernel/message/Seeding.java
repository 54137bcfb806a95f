package orb.kernel.message;

import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.FunctionId;

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
    record Fetch(Digest artefact, long offset, int length) implements Seeding {}

    /** A part of an artefact and the whole's length. */
    record Chunk(Bytes bytes, long total) implements Seeding {}

    /** The node has the artefact, verified and prepared, and serves; {@code Done} answers. */
    record Serving(FunctionId function, Digest artefact) implements Seeding {}

    /** The node serves this function no longer. */
    record Stopped(FunctionId function, String reason) implements Seeding {}
}
