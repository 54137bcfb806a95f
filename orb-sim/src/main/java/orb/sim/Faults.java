package orb.sim;

import static orb.kernel.Require.require;

/**
 * How badly the world behaves.
 *
 * @param lostPermille messages of a thousand that never arrive
 * @param forgedPermille messages of a thousand that arrive with changed bytes
 * @param doubledPermille questions of a thousand that arrive twice
 * @param slowPermille messages of a thousand that take a hundred times as long
 * @param crashes processes ended at a random moment during a run
 * @param partitions times that a peer is cut off for a while
 * @param lostWrites whether a crash loses what was not yet synced to disk
 * @param fullDisks times that the tracker's disk is full for a while
 */
public record Faults(
        int lostPermille,
        int forgedPermille,
        int doubledPermille,
        int slowPermille,
        int crashes,
        int partitions,
        boolean lostWrites,
        int fullDisks) {
    /** A world where nothing goes wrong. */
    public static final Faults NONE = new Faults(0, 0, 0, 0, 0, 0, false, 0);

    /** Everything at once, at rates at which work still gets done. */
    public static final Faults ALL = new Faults(10, 3, 5, 20, 4, 2, true, 1);

    public Faults {
        require(
                lostPermille >= 0 && forgedPermille >= 0 && doubledPermille >= 0 && slowPermille >= 0,
                "rates are not negative");
        require(
                lostPermille + forgedPermille + slowPermille <= 1000,
                "rates sum to at most 1000 permille");
        require(crashes >= 0 && partitions >= 0 && fullDisks >= 0, "counts are not negative");
    }
}
