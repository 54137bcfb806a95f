package orb.tracker;

import orb.kernel.NodeId;

/** Who waits for an answer, and by which number; each is answered exactly once. */
sealed interface Asker {
    /** A linked peer. */
    record Peer(long inbound, NodeId id) implements Asker {}

    /** A person or program on this machine. */
    record Person(long command) implements Asker {}
}
