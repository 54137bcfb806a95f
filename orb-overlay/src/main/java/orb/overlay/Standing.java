package orb.overlay;

import java.util.Locale;

/** How far a node has come, as a tracker sees it: what {@code orb swarm watch} shows. */
public enum Standing {
    /** It said who it is, or another tracker names it. */
    DISCOVERED,
    /** Its key is proved and bound to an account, at the assurance that its record names. */
    ATTESTED,
    /** It beats and has a free place. */
    READY,
    /** It beats and every place is taken. */
    BUSY,
    /** Its link is gone or it has been silent for too long. */
    LOST;

    /**
     * What is known of a node.
     *
     * @param isLive whether it is linked and not silent
     * @param isBound whether the ledger binds its key to an account
     * @param beats whether it said how busy it is
     * @param isFull whether every place is taken
     */
    public static Standing of(boolean isLive, boolean isBound, boolean beats, boolean isFull) {
        if (!isLive) {
            return LOST;
        }
        if (!isBound) {
            return DISCOVERED;
        }
        if (!beats) {
            return ATTESTED;
        }
        return isFull ? BUSY : READY;
    }

    /** The next one on the way to another: it is not left out that a node was attested. */
    public Standing towards(Standing other) {
        return this == DISCOVERED && other.isAbove(ATTESTED) ? ATTESTED : other;
    }

    private boolean isAbove(Standing other) {
        return this != LOST && compareTo(other) > 0;
    }

    /** What people read. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
