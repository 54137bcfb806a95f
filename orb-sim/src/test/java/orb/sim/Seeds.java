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
    private record Found(Scenario scenario, String what) {}

    private static final List<Found> FOUND =
            List.of(
                    found(15, 3, 60, "all", "a repeated call ran on a second host, charged twice"),
                    found(73, 2, 18, "lost", "a receipt lost before its gap was seen, never found"),
                    found(59, 4, 18, "doubled", "a call that its host had before went to another"),
                    found(251, 7, 16, "doubled", "the same, until all lanes of a sponsor had gaps"),
                    found(102, 4, 12, "all", "a function's changed facts were believed for ever"),
                    found(117, 6, 13, "all", "a plan that no swarm has was believed for ever"),
                    found(238, 2, 14, "all", "a host's own count made its payer top up in vain"),
                    found(
                            253,
                            7,
                            10,
                            "forged",
                            "hosts that are left out were said not to be there"),
                    found(36, 3, 20, "all", "a restarted tracker paid for lies it had refused"),
                    found(119, 7, 11, "all", "the same, when the liar's host showed its debt"),
                    found(284, 7, 12, "all", "the same, for a call that nobody had made"),
                    found(226, 6, 18, "all", "a node served unregistered and was not paid"),
                    found(10171, 7, 40, "all", "a GET was given twice to a host that came back"),
                    found(20445, 5, 40, "all", "a wallet that had logged out was asked to sign"),
                    found(20872, 2, 40, "slow", "a node that was still joining was never told"),
                    found(20983, 2, 40, "lost", "a payer that logged out owing 16 calls was stuck"),
                    found(290, 4, 15, "lost", "an executable that was not fetched stayed so"),
                    found(4, 5, 12, "none", "of two functions with one executable one was served"),
                    found(4295, 7, 10, "all", "a liar's account name ended its owner's node"),
                    found(2005, 7, 19, "rot", "what rotted before its first run was given up"),
                    found(176, 2, 18, "rot", "what rotted later was refused for ever"),
                    new Found(
                            new Scenario(1433, 4, 2, Duration.ofSeconds(13), Faults.ALL, true),
                            "a tracker's key was forgotten while credits were set aside"));

    private static Found found(long seed, int nodes, int seconds, String faults, String what) {
        Faults those = Faults.named(faults).orElseThrow();
        return new Found(
                new Scenario(seed, 1, nodes, Duration.ofSeconds(seconds), those, false), what);
    }

    private Seeds() {}

    static List<Scenario> all() {
        List<Scenario> scenarios = new ArrayList<>();
        FOUND.forEach(found -> scenarios.add(found.scenario()));
        LongStream.range(0, SEEDS).mapToObj(Scenario::of).forEach(scenarios::add);
        return List.copyOf(scenarios);
    }
}
