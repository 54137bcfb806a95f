package orb.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Which scenarios the tests run: the first seeds, as many as the property {@code orb.sim.seeds}
 * says, and every scenario that once found something.
 *
 * <p>What a seed does changes with the world it is drawn in, so an old one may no longer meet what
 * it found; what it found has a test of its own beside. They stay: odd corners attract bugs.
 */
final class Seeds {
    private static final int SEEDS = Integer.getInteger("orb.sim.seeds", 20);

    /** A scenario that went wrong once. */
    private record Found(long seed, int nodes, int seconds, String faults, String what) {
        Scenario scenario() {
            return new Scenario(
                    seed, nodes, Duration.ofSeconds(seconds), Faults.named(faults).orElseThrow());
        }
    }

    private static final List<Found> FOUND =
            List.of(
                    new Found(
                            15,
                            3,
                            60,
                            "all",
                            "a repeated call ran on a second host and was charged twice"),
                    new Found(
                            73,
                            2,
                            18,
                            "lost",
                            "a receipt noted as lost after the gap it left was never asked for"),
                    new Found(
                            59,
                            4,
                            18,
                            "doubled",
                            "a call that its host had before was given to another host"),
                    new Found(
                            251,
                            7,
                            16,
                            "doubled",
                            "the same, until every lane of a sponsor had a gap"),
                    new Found(
                            102,
                            4,
                            12,
                            "all",
                            "facts of a function that came changed were believed for ever"),
                    new Found(117, 6, 13, "all", "a plan that no swarm has was believed for ever"),
                    new Found(
                            238,
                            2,
                            14,
                            "all",
                            "a host's own count made a payer top its channel up in vain"),
                    new Found(
                            253,
                            7,
                            10,
                            "forged",
                            "hosts that are left out were reported as not there"),
                    new Found(
                            36,
                            3,
                            20,
                            "all",
                            "a restarted tracker paid for the lies that it had refused"),
                    new Found(
                            226,
                            6,
                            18,
                            "all",
                            "a node that nobody had registered served and was not paid"));

    private Seeds() {}

    static List<Scenario> all() {
        List<Scenario> scenarios = new ArrayList<>();
        FOUND.forEach(found -> scenarios.add(found.scenario()));
        LongStream.range(0, SEEDS).mapToObj(Scenario::of).forEach(scenarios::add);
        return List.copyOf(scenarios);
    }
}
