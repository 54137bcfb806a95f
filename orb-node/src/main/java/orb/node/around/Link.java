package orb.node.around;

import java.time.Duration;
import java.time.Instant;
import orb.kernel.Address;
import orb.kernel.NodeId;
import orb.overlay.PeerRecord;
import orb.overlay.SignedRecord;

/** A standing link to a peer, proved by its key; changed by the node's joining alone. */
public final class Link {
    /** How far the two have introduced themselves. */
    private enum State {
        /** The peer's record is not known yet. */
        STRANGER,
        /** Both know who the other is and that it belongs to the same swarm. */
        WELCOMED
    }

    public final NodeId peer;
    public final Address remote;
    public final boolean dialled;
    private State state = State.STRANGER;
    private PeerRecord.Role role = PeerRecord.Role.NODE;
    private Duration epoch = Duration.ZERO;
    private Instant heard;
    private Instant greeted;
    private long incidentsTold;

    /** A link that has just come about. */
    public Link(NodeId peer, Address remote, boolean dialled, Instant now) {
        this.peer = peer;
        this.remote = remote;
        this.dialled = dialled;
        heard = now;
        greeted = now;
    }

    /** Who it is was proved; it said how long its epochs are. */
    public void welcomed(SignedRecord record, Duration length, Instant now) {
        state = State.WELCOMED;
        role = record.record().role();
        epoch = length;
        heard = now;
    }

    /** It answered. */
    public void heard(Instant now) {
        heard = now;
    }

    /** This node says who it is. */
    public void greeted(Instant now) {
        greeted = now;
    }

    /** Which revision of the incidents it was told, 0 for none. */
    public long incidentsTold() {
        return incidentsTold;
    }

    /** It was told of the incidents up to this revision. */
    public void incidentsTold(long revision) {
        incidentsTold = revision;
    }

    /** When it answered last. */
    public Instant heard() {
        return heard;
    }

    /** When it was told last who this node is. */
    public Instant greeted() {
        return greeted;
    }

    /** Length of its settlement epoch, zero if it is not known. */
    public Duration epoch() {
        return epoch;
    }

    /** Whether both know who the other is. */
    public boolean isWelcomed() {
        return state == State.WELCOMED;
    }

    /** Whether a tracker stands at the other end, of which this node is a member. */
    public boolean isTracker() {
        return isWelcomed() && role == PeerRecord.Role.TRACKER;
    }

    /** Whether another node stands at the other end. */
    public boolean isNeighbour() {
        return isWelcomed() && role == PeerRecord.Role.NODE;
    }
}
