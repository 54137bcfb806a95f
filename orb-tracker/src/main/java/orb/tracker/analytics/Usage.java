package orb.tracker.analytics;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;

/**
 * What became of calls, as far as it is settled, and how long answers took.
 *
 * @param rows by hour, then function, then node
 * @param total over all rows that were asked for, also those that are not shown
 * @param isCut whether there were more rows than are shown
 * @param names of the functions in the rows
 */
public record Usage(
        List<Row> rows, Sum total, boolean isCut, NavigableMap<FunctionId, FunctionName> names) {
    public Usage {
        rows = List.copyOf(rows);
        names = Collections.unmodifiableNavigableMap(new TreeMap<>(names));
    }

    Usage named(NavigableMap<FunctionId, FunctionName> known) {
        return new Usage(rows, total, isCut, known);
    }

    /**
     * One function on one node in one hour.
     *
     * @param hour its beginning; 1970 for all that is older than what is kept by the hour
     */
    public record Row(Instant hour, FunctionId function, NodeId node, Sum sum) {}

    /**
     * @param calls that were settled in that hour, the same at every tracker
     * @param rewards that were paid for them, the same at every tracker
     * @param seen what this tracker saw itself since its start
     */
    public record Sum(long calls, Rewards rewards, Seen seen) {}

    /**
     * @param answers that came through this tracker from that node
     * @param p50Micros within which half of them came
     * @param p99Micros within which 99 of a hundred came
     */
    public record Seen(long answers, long p50Micros, long p99Micros) {}
}
