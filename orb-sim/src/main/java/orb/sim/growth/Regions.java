package orb.sim.growth;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a message is on its way, by where its two ends are.
 *
 * <p>Five regions, as far apart as half of the round trips between data centres of Europe, the east
 * and west of North America, South America and East Asia; a peer lies in each with the same chance.
 * To each way comes up to a quarter by chance. So it is 8..150 ms one way.
 */
final class Regions {
    private static final int[][] MILLIS = {
        {8, 42, 70, 95, 110},
        {42, 8, 32, 60, 85},
        {70, 32, 8, 85, 55},
        {95, 60, 85, 8, 120},
        {110, 85, 55, 120, 8},
    };

    private static final double CHANCE_MOST = 0.25;
    private static final int NANOS_A_MILLI = 1_000_000;

    private final RandomGenerator chance;

    Regions(RandomGenerator chance) {
        this.chance = chance;
    }

    /** Where another peer lies. */
    int draw() {
        return chance.nextInt(MILLIS.length);
    }

    /** How long the next message takes from one region to another. */
    Duration way(int from, int to) {
        double more = 1 + chance.nextDouble(CHANCE_MOST);
        return Duration.ofNanos((long) (MILLIS[from][to] * more * NANOS_A_MILLI));
    }

    /** A round trip between two regions without anything by chance. */
    static Duration roundTrip(int from, int to) {
        return Duration.ofMillis(2L * MILLIS[from][to]);
    }
}
