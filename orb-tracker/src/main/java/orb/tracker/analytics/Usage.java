package orb.tracker.analytics;

import java.time.Instant;
import java.util.List;
import orb.kernel.FunctionId;
import orb.kernel.NodeId;

/**
 * What became of calls, as far as it is settled, and how long answers took.
 *
 * @param rows by hour, then function, then node
 * @param total over all rows that were asked for, also those that are not shown
 * @param isCut whether there were more rows than are shown
 */
public record Usage(List<Row> rows, Sum total, boolean isCut) {
    public Usage {
        rows = List.copyOf(rows);
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
