package orb.sim;

import java.util.List;
import orb.kernel.NodeId;
import orb.kernel.message.Message;

/** Watches a run for one kind of thing that must never be. */
interface Checker extends Watcher {
    /**
     * What a peer said to a question.
     *
     * @param question as it arrived, which is not as it was sent if it was changed on the way
     * @param answer as it was sent
     */
    record Said(NodeId asker, NodeId answerer, Message question, Message answer) {}

    /** A peer answered. */
    default void said(Said said) {}

    /** Everything that went wrong, at the end of the run; empty is the only good answer. */
    List<String> violations(Replay replay);
}
