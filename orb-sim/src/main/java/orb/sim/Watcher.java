package orb.sim;

import java.util.List;
import orb.kernel.NodeId;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;

/** Sees a run as it happens, and changes nothing. */
interface Watcher {
    /** A role took an event and wants these effects; none of them has been performed yet. */
    default void stepped(NodeId peer, Event event, List<Effect> effects) {}

    /** A process ended at once; what it had not told anyone is lost. */
    default void crashed(NodeId peer) {}
}
