package orb.node.witness;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.Message;
import orb.kernel.message.Witnessing;

/** What {@link Witness} needs of the node that it is a part of. */
public interface Means {
    /** Trackers that are linked. */
    List<NodeId> trackers();

    /** The key of a peer whose record is known. */
    Optional<PublicKey> keyOf(NodeId peer);

    /** Keys of all trackers whose record is known, linked or not. */
    List<PublicKey> trackerKeys();

    /** Asks a linked tracker; {@code then} is told of a good answer and of nothing else. */
    void ask(NodeId tracker, Witnessing question, Consumer<Message> then);

    /** Keeps a row of the table CHECKPOINTS. */
    void save(Bytes key, Bytes value);

    /** Tells whoever follows events. */
    void tell(String kind, String subject, String detail);

    /** Notes that a tracker has signed another history. */
    void forked(NodeId tracker, String why);
}
