package orb.overlay;

import orb.kernel.NodeId;

/** A host as {@link Choice} sees it: who it is and how busy. */
public interface Load {
    NodeId id();

    /** Whether it may be given work at all. */
    boolean isFit();

    /** Whether nothing speaks against it; one that is not trusted gets work if no other can. */
    boolean isTrusted();

    /** Invocations under way. */
    int running();

    /** Invocations that can run at once; a host that runs as many is full. */
    int capacity();

    /** Time that an invocation waits there at present, in microseconds. */
    long queueMicros();
}
