package orb.node;

import java.time.Duration;
import java.time.Instant;
import orb.kernel.Address;
import orb.kernel.NodeId;
import orb.overlay.PeerRecord;
import orb.overlay.SignedRecord;

/** A standing link to a peer, proved by its key; changed by {@link Joining} alone. */
final class Link {
    /** How far the two have introduced themselves. */
    enum State {
        /** The peer's record is not known yet. */
        STRANGER,
        /** Both know who the other is and that it belongs to the same swarm. */
        WELCOMED
    }

    final NodeId peer;
    final Address remote;
    final boolean dialled;
    private State state = State.STRANGER;
    private PeerRecord.Role role = PeerRecord.Role.NODE;
    private Duration epoch = Duration.ZERO;
    private Instant heard;
    private Instant greeted;
    private long incidentsTold;

    Link(NodeId peer, Address remote, boolean dialled, Instant now) {
        this.peer = peer;
        this.remote = remote;
        this.dialled = dialled;
        heard = now;
        greeted = now;
    }

    void welcomed(SignedRecord record, Duration length, Instant now) {
        state = State.WELCOMED;
        role = record.record().role();
        epoch = length;
        heard = now;
    }

    void heard(Instant now) {
        heard = now;
    }

    void greeted(Instant now) {
        greeted = now;
    }

    /** Which revision of the incidents it was told, 0 for none. */
    long incidentsTold() {
        return incidentsTold;
    }

    void incidentsTold(long revision) {
        incidentsTold = revision;
    }

    Instant heard() {
        return heard;
    }

    Instant greeted() {
        return greeted;
    }

    Duration epoch() {
        return epoch;
    }

    boolean isWelcomed() {
        return state == State.WELCOMED;
    }

    /** Whether a tracker stands at the other end, of which this node is a member. */
    boolean isTracker() {
        return isWelcomed() && role == PeerRecord.Role.TRACKER;
    }

    boolean isNeighbour() {
        return isWelcomed() && role == PeerRecord.Role.NODE;
    }
}
