package orb.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import orb.kernel.Digest;

/**
 * How one seed went.
 *
 * @param trace digest of everything that happened
 * @param lines events in it
 * @param completed calls that completed
 * @param violations what must not be, and was
 * @param wrongAnswers completed calls whose answer was not the function's; only forged messages
 *     may cause any
 */
public record Course(
        Digest trace,
        long lines,
        long completed,
        List<String> violations,
        List<String> wrongAnswers) {
    /** Runs a seed to its end. */
    public static Course run(
            long seed, int nodes, Duration busy, Faults faults, Consumer<String> reader) {
        SimSwarm swarm = SimSwarm.of(seed, nodes, faults, reader);
        Checks checks = new Checks(swarm);
        List<String> violations = new ArrayList<>();
        try {
            swarm.run(busy);
        } catch (RuntimeException e) {
            StackTraceElement at = e.getStackTrace().length > 0 ? e.getStackTrace()[0] : null;
            violations.add("a step failed: " + e + " at " + at);
        }
        violations.addAll(checks.violations());
        return new Course(
                swarm.trace().end(),
                swarm.trace().lines(),
                checks.completed(),
                List.copyOf(violations),
                checks.wrongAnswers());
    }
}
