package orb.host.walls;

import static orb.kernel.Require.require;

/**
 * How much of the processors a program gets, where control groups stand.
 *
 * @param percent of one processor that it may use at most: 250 are two and a half
 * @param yields whether everything else on the machine goes first
 */
public record Share(int percent, boolean yields) {
    /** A node that computes too little does not keep its links alive. */
    public static final int PERCENT_MIN = 5;

    public Share {
        require(
                percent >= PERCENT_MIN && percent <= 100_000,
                "percent is %d..100000 of one processor, not %d",
                PERCENT_MIN,
                percent);
    }

    /** All processors, at the ordinary weight. */
    public static Share whole() {
        return new Share(100 * Runtime.getRuntime().availableProcessors(), false);
    }
}
