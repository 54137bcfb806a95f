package orb.sim;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * What one run of the simulated world is: everything in it follows from these values.
 *
 * @param seed where all chance comes from
 * @param trackers number of trackers, each with its own owner, 1..31
 * @param nodes number of nodes, each with its own owner, 1..100
 * @param busy how long people act and things go wrong, in simulated time
 * @param faults how badly the world behaves meanwhile
 * @param isScarce whether peers have little of everything: places, credits, memory for notes
 */
public record Scenario(
        long seed, int trackers, int nodes, Duration busy, Faults faults, boolean isScarce) {
    private static final String GENERATOR = "L64X128MixRandom";

    /** Odd and without a pattern (the golden ratio), so that seeds do not meet each other. */
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private static final int NODES_LEAST = 2;
    private static final int NODES_MOST = 7;
    private static final int SECONDS_LEAST = 8;
    private static final int SECONDS_MOST = 20;

    /** Of a hundred seeds so many see no fault at all, and so many one kind alone. */
    private static final int CALM_PERCENT = 8;

    private static final int SINGLE_PERCENT = 32;
    private static final int SCARCE_PERCENT = 25;

    /** Of a hundred seeds so many have several trackers. */
    private static final int SEVERAL_PERCENT = 40;

    private static final int TRACKERS_MOST = 5;

    public Scenario {
        require(trackers >= 1 && trackers <= 31, "a swarm has 1..31 trackers, not %d", trackers);
        require(nodes >= 1 && nodes <= 100, "a swarm has 1..100 nodes, not %d", nodes);
        require(!busy.isNegative(), "a run is not shorter than nothing: %s", busy);
    }

    /** The scenario that a seed stands for: its swarm and its faults are drawn from it too. */
    public static Scenario of(long seed) {
        RandomGenerator chance = chance(seed, "scenario");
        int nodes = chance.nextInt(NODES_LEAST, NODES_MOST + 1);
        int seconds = chance.nextInt(SECONDS_LEAST, SECONDS_MOST + 1);
        int luck = chance.nextInt(100);
        Faults faults = Faults.ALL;
        if (luck < CALM_PERCENT) {
            faults = Faults.NONE;
        } else if (luck < CALM_PERCENT + SINGLE_PERCENT) {
            List<Faults> singles = Faults.SINGLES;
            faults = singles.get(chance.nextInt(singles.size()));
        }
        boolean isScarce = chance.nextInt(100) < SCARCE_PERCENT;
        int trackers =
                chance.nextInt(100) < SEVERAL_PERCENT ? chance.nextInt(2, TRACKERS_MOST + 1) : 1;
        return new Scenario(seed, trackers, nodes, Duration.ofSeconds(seconds), faults, isScarce);
    }

    public Scenario withTrackers(int count) {
        return new Scenario(seed, count, nodes, busy, faults, isScarce);
    }

    public Scenario withNodes(int count) {
        return new Scenario(seed, trackers, count, busy, faults, isScarce);
    }

    public Scenario withBusy(Duration length) {
        return new Scenario(seed, trackers, nodes, length, faults, isScarce);
    }

    public Scenario withFaults(Faults others) {
        return new Scenario(seed, trackers, nodes, busy, others, isScarce);
    }

    public Scenario withScarcity(boolean scarce) {
        return new Scenario(seed, trackers, nodes, busy, faults, scarce);
    }

    /** Whether no peer lies. */
    boolean isHonest() {
        return faults.forgedPermille() == 0;
    }

    /** A source of chance of its own for each purpose, so that one does not shift another. */
    RandomGenerator chance(String purpose) {
        return chance(seed, purpose);
    }

    private static RandomGenerator chance(long seed, String purpose) {
        return RandomGeneratorFactory.of(GENERATOR).create(seed * SPREAD + purpose.hashCode());
    }

    /** As {@code orb sim} takes it. */
    @Override
    public String toString() {
        return String.format(
                "--seed %d --trackers %d --nodes %d --seconds %d --faults %s --scarce %s",
                seed, trackers, nodes, busy.toSeconds(), faults.name(), isScarce ? "yes" : "no");
    }
}
