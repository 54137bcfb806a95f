package orb.node.finding;

import orb.kernel.Bytes;
import orb.overlay.PeerRecord;

/** What of a node's words about itself changes while it runs. Not thread-safe. */
public final class Said {
    private Bytes route = Bytes.EMPTY;
    private int load;
    private long bandwidth;

    /** Where its part of the hash table can be asked; empty if it has none. */
    public Bytes route() {
        return route;
    }

    public void route(Bytes now) {
        route = now;
    }

    /** How much of it is taken, in thousandths. */
    public int load() {
        return load;
    }

    /** So many invocations are under way or wait, of so many that run at once. */
    public void busy(int running, int capacity) {
        load = (int) Math.min(PeerRecord.LOAD_MAX, 1000L * running / Math.max(1, capacity));
    }

    /** Bytes a second that its link to a tracker carried; 0 before that was measured. */
    public long bandwidth() {
        return bandwidth;
    }

    public void bandwidth(long bytesPerSecond) {
        bandwidth = bytesPerSecond;
    }
}
