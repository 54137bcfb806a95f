package orb.tracker.analytics;

import orb.kernel.Credits;

/** Who got what of what was paid for calls. */
public record Rewards(Credits host, Credits owner, Credits tracker) {
    /** None. */
    public static final Rewards NONE = new Rewards(Credits.ZERO, Credits.ZERO, Credits.ZERO);

    /** The sum of two. */
    public Rewards plus(Rewards others) {
        return new Rewards(
                host.plus(others.host), owner.plus(others.owner), tracker.plus(others.tracker));
    }

    /** What was paid: the sum of the shares. */
    public Credits paid() {
        return host.plus(owner).plus(tracker);
    }
}
