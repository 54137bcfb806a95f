package orb.overlay;

import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;
import orb.kernel.message.Incident;

/**
 * How far a node is trusted and how a function stands, in points of {@link #FULL}, by the incidents
 * of the last {@link #REMEMBERED}.
 *
 * <p>What a tracker saw itself counts in full. What nodes say of others counts by the account, not
 * by the node or by how often they say it, and only up to a bound that never makes a node
 * untrusted: whoever lies about others can take ten points of a node and thirty of a function, and
 * as many liars as there are together thirty of a node. What a node says of itself costs it little,
 * so that it may as well say it.
 */
public final class Reputation {
    /** Nothing is known against it. */
    public static final int FULL = 100;

    /** Below this a node gets work only where no other host is free. */
    public static final int TRUSTED_MIN = 50;

    /** What happened longer ago counts no more. */
    public static final Duration REMEMBERED = Duration.ofHours(24);

    private static final int SEEN_POINTS = 20;
    private static final int ACCUSED_POINTS = 10;
    private static final int ACCUSERS_MAX = 3;
    private static final int CONFESSED_POINTS = 5;
    private static final int REPORTER_POINTS_MAX = 30;

    private static final Set<Incident.Kind> OF_NODES =
            EnumSet.of(
                    Incident.Kind.ARTEFACT_CHANGED,
                    Incident.Kind.CODE_CHANGED,
                    Incident.Kind.FALSE_ANSWER);

    private Reputation() {}

    /** Whether a kind speaks against the node where it happened rather than the function. */
    public static boolean isOfNode(Incident.Kind kind) {
        return OF_NODES.contains(kind);
    }

    /**
     * A node's.
     *
     * @param seen how often the tracker itself caught it
     * @param accusers other accounts whose nodes say something against it
     * @param confessed kinds that it said of itself
     */
    public static int ofNode(long seen, int accusers, int confessed) {
        long lost =
                Math.min(seen, FULL / SEEN_POINTS) * SEEN_POINTS
                        + (long) Math.min(accusers, ACCUSERS_MAX) * ACCUSED_POINTS
                        + (long) Math.min(confessed, OF_NODES.size()) * CONFESSED_POINTS;
        return (int) Math.max(0, FULL - lost);
    }

    /**
     * A function's.
     *
     * @param byReporter for each account that says something of it, what kinds
     */
    public static int ofFunction(Collection<? extends Set<Incident.Kind>> byReporter) {
        long lost =
                byReporter.stream()
                        .mapToLong(kinds ->
                                Math.min(
                                        REPORTER_POINTS_MAX,
                                        kinds.stream().mapToInt(Reputation::points).sum()))
                        .sum();
        return (int) Math.max(0, FULL - lost);
    }

    private static int points(Incident.Kind kind) {
        return switch (kind) {
            case CAPABILITY_DENIED, FUEL_LIMIT, MEMORY_LIMIT, TIME_LIMIT -> 5;
            case EGRESS_DENIED -> 10;
            case WORKER_LOST -> 20;
            case WORKER_VIOLATION -> 30;
            case ARTEFACT_CHANGED, CODE_CHANGED, FALSE_ANSWER, LEDGER_FORKED -> 0;
        };
    }
}
