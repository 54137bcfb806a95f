package orb.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;

/**
 * How one scenario went.
 *
 * @param scenario what was run
 * @param trace digest of everything that happened
 * @param lines events in it
 * @param completed calls that completed
 * @param refusals how often people were refused something, by reason
 * @param violations what must not be, and was
 */
public record Course(
        Scenario scenario,
        Digest trace,
        long lines,
        long completed,
        NavigableMap<ErrorCode, Integer> refusals,
        List<String> violations) {
    /**
     * Runs a scenario to its end and holds it to all checks.
     *
     * @param reader reads the trace along, line by line
     */
    public static Course run(Scenario scenario, Optional<Consumer<String>> reader) {
        SimSwarm swarm = SimSwarm.of(scenario, reader);
        Checks checks = new Checks(swarm);
        List<String> violations = new ArrayList<>();
        Optional<String> failure = play(swarm);
        long lines = swarm.trace().lines();
        Digest trace = swarm.trace().end(); // what the checks ask is no part of it
        failure.ifPresentOrElse(violations::add, () -> violations.addAll(checks.violations()));
        NavigableMap<ErrorCode, Integer> refusals = new TreeMap<>();
        swarm.people()
                .forEach(person ->
                        person.refusals()
                                .forEach((code, n) -> refusals.merge(code, n, Integer::sum)));
        return new Course(
                scenario, trace, lines, checks.completed(), refusals, List.copyOf(violations));
    }

    /** Runs a scenario without checks; the digest of everything that happened. */
    public static Digest trace(Scenario scenario) {
        SimSwarm swarm = SimSwarm.of(scenario, Optional.empty());
        play(swarm);
        return swarm.trace().end();
    }

    /** Runs a swarm; a role that throws is a finding, and the seed replays it. */
    private static Optional<String> play(SimSwarm swarm) {
        try {
            swarm.run();
            return Optional.empty();
        } catch (RuntimeException e) {
            String at =
                    Arrays.stream(e.getStackTrace())
                            .map(StackTraceElement::toString)
                            .filter(frame -> frame.contains("orb.") && !frame.contains("Require"))
                            .findFirst()
                            .orElse("nowhere");
            String what = "a step failed: " + e + " at " + at;
            swarm.trace().add(swarm.agenda().now(), "world", what);
            return Optional.of(what);
        }
    }
}
