package orb.kernel.message;

import java.util.List;
import java.util.Optional;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Digest;

/** Who is there: joining, staying, and meeting others. */
public sealed interface Membership extends Message {
    /** Signed peer records are opaque here and at most this long (as BEP 44 values). */
    int RECORD_MAX = 1000;

    /** At most this many records in one message. */
    int RECORDS_MAX = 64;

    /** A gauge carries at most this many bytes each way. */
    int GAUGE_MAX = 512 << 10;

    /** At most this many incidents in one message. */
    int INCIDENTS_MAX = 64;

    /**
     * A node's or tracker's first words on a new link.
     *
     * @param network digest of the swarm's genesis, zero if it is not known yet
     * @param record the speaker's signed record
     * @param program name and version of the program
     */
    record Hello(Digest network, Bytes record, String program) implements Membership {}

    /**
     * The answer to a {@link Hello}.
     *
     * @param network digest of the swarm's genesis
     * @param record the answerer's signed record
     * @param observed where the asker's link comes from, as seen here
     * @param peers signed records of other peers
     * @param epochMillis length of a settlement epoch in milliseconds
     */
    record Welcome(
            Digest network, Bytes record, Address observed, List<Bytes> peers, long epochMillis)
            implements Membership {
        public Welcome {
            peers = List.copyOf(peers);
        }
    }

    /**
     * A node lives, and is this busy; the answer is {@link Beat}'s echo.
     *
     * @param running invocations under way
     * @param capacity invocations that can run at once
     * @param queueMicros time that an invocation waits at present
     */
    record Beat(int running, int capacity, long queueMicros) implements Membership {}

    /** What a node uses and what its functions did; {@code Done} answers. */
    record Use(UseReport report) implements Membership {}

    /** Threats that a node noticed, those that happened last; {@code Done} answers. */
    record Incidents(List<Incident> incidents) implements Membership {
        public Incidents {
            incidents = List.copyOf(incidents);
        }
    }

    /**
     * Asks who is here; {@link Peers} answers, or {@code Done} where nothing has changed.
     *
     * @param known the revision of the last answer, 0 for none
     */
    record FindPeers(long known) implements Membership {}

    /**
     * Signed records of peers: a tracker names itself and those that are linked to it, a node whom
     * it knows.
     *
     * @param revision names this set, so that it need not be sent again; 0 for one without a name
     */
    record Peers(List<Bytes> records, long revision) implements Membership {
        public Peers {
            records = List.copyOf(records);
        }
    }

    /**
     * Measures the way to a tracker; {@link Gauged} answers, or a refusal where it is asked often.
     *
     * @param payload what is carried there, at most {@link #GAUGE_MAX} bytes that mean nothing
     * @param wanted how many bytes are to be carried back, 0..{@link #GAUGE_MAX}
     */
    record Gauge(Bytes payload, int wanted) implements Membership {}

    /** So many bytes as were wanted; they mean nothing. */
    record Gauged(Bytes payload) implements Membership {}

    /** Asks for one node's state as a tracker sees it; all of them if empty. */
    record FindNodes(Optional<Digest> node) implements Membership {}

    /** What a tracker knows of nodes. */
    record Nodes(List<NodeView> nodes) implements Membership {
        public Nodes {
            nodes = List.copyOf(nodes);
        }
    }
}
