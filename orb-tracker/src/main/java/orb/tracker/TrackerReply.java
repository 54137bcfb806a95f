package orb.tracker;

import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Timing;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.Incident;
import orb.kernel.message.Message;
import orb.kernel.message.UseReport;
import orb.kernel.port.Reply;
import orb.ledger.Genesis;
import orb.tracker.analytics.Usage;
import orb.tracker.log.Checkpoints;

/** What a tracker answers. */
public sealed interface TrackerReply extends Reply {
    /** The answer in a peer's words. */
    record Told(Message answer) implements TrackerReply {}

    /**
     * What became of a call.
     *
     * @param call names the call; its proof is found by it
     * @param trail hosts that were tried and why they were left, for people
     */
    record Called(
            Digest call,
            Outcome outcome,
            NodeId host,
            Bytes receipt,
            Timing timing,
            List<String> trail)
            implements TrackerReply {}

    /** What live nodes said last of what they use, in the order in which they joined. */
    record Use(List<NodeUse> nodes) implements TrackerReply {
        public Use {
            nodes = List.copyOf(nodes);
        }
    }

    /** What one node said of itself. */
    record NodeUse(NodeId node, UseReport report) {}

    /** Calls, latency and rewards. */
    record Sums(Usage usage) implements TrackerReply {}

    /** At most so many incidents, and functions, are shown at once. */
    int INCIDENTS_MAX = 1000;

    /**
     * Threats of the last day and what follows from them.
     *
     * @param noticed the newest first
     * @param nodes those that are alive, in the order in which they joined
     * @param functions those of which something is said, by name
     */
    record Incidents(List<Noticed> noticed, List<NodeScore> nodes, List<FunctionScore> functions)
            implements TrackerReply {
        public Incidents {
            noticed = List.copyOf(noticed);
            nodes = List.copyOf(nodes);
            functions = List.copyOf(functions);
        }
    }

    /** An incident and the peer that says so: a node, or this tracker. */
    record Noticed(NodeId by, Incident incident) {}

    /**
     * How far a node is trusted.
     *
     * @param reputation 0..100
     * @param isTrusted whether it gets its share of the calls
     */
    record NodeScore(NodeId node, String owner, int reputation, boolean isTrusted) {}

    /**
     * How a function stands.
     *
     * @param standing 0..100
     */
    record FunctionScore(FunctionName function, int standing) {}

    /**
     * What is said of the log.
     *
     * @param genesis canonical bytes of what the swarm agreed on
     * @param roster keys of the trackers whose cosignatures count
     * @param note the newest final checkpoint; empty before the first
     * @param guilty trackers of whom there is a proof that they told two histories
     */
    record Log(Bytes genesis, List<PublicKey> roster, Optional<Bytes> note, List<NodeId> guilty)
            implements TrackerReply {
        public Log {
            roster = List.copyOf(roster);
            guilty = List.copyOf(guilty);
        }

        static Log of(Genesis genesis, Checkpoints log) {
            return new Log(genesis.encoded(), log.roster().keys(), log.finalNote(), log.guilty());
        }
    }

    /** A tile's hashes; empty if there are not so many yet. */
    record Tile(Optional<Bytes> hashes) implements TrackerReply {}

    /**
     * This tracker.
     *
     * @param dev whether it was started without a public domain, for development only
     * @param nodes nodes that are alive
     * @param entries length of the log
     * @param stateRoot root over the ledger's state, equal on trackers with the same log
     */
    record Status(
            NodeId tracker,
            Digest network,
            boolean dev,
            String domain,
            int nodes,
            int functions,
            long entries,
            Digest stateRoot)
            implements TrackerReply {}
}
