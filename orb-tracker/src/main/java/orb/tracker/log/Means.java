package orb.tracker.log;

import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.kernel.message.Message;
import orb.kernel.message.Witnessing;

/** What {@link Checkpoints} needs of the tracker that it is a part of. */
public interface Means {
    /** The time of the step under way. */
    Instant now();

    /** Other trackers that are linked. */
    List<NodeId> fellows();

    /** Nodes that are linked. */
    List<NodeId> nodes();

    /** Asks a linked peer; {@code then} is told of a good answer and of nothing else. */
    void ask(NodeId peer, Witnessing question, Consumer<Message> then);

    /** Keeps a row of the table CHECKPOINTS. */
    void save(Bytes key, Bytes value);

    /** Tells whoever follows events. */
    void tell(String kind, String subject, String detail);

    /** Notes that a tracker has signed another history. */
    void forked(NodeId tracker, String why);
}
