package orb.sandbox;

import java.time.Instant;

/**
 * The only time and chance that an invocation sees: equal inputs give equal runs.
 *
 * @param now what every clock of the guest shows, from start to end
 * @param seed what its random bytes come from
 */
public record RunInputs(Instant now, long seed) {
    /** For runs that nobody compares: the Unix epoch and seed 0. */
    public static final RunInputs FIXED = new RunInputs(Instant.EPOCH, 0);
}
