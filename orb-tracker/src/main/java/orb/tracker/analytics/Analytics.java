package orb.tracker.analytics;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.FunctionId;
import orb.kernel.NodeId;

/**
 * Sums what the ledger settles and what this tracker sees, by hour, function and node.
 *
 * <p>Calls and rewards follow from the log alone, so they add up to the ledger's, also after a
 * restart. Latencies are what this tracker saw since its start. At most so many sums are kept by
 * the hour; the oldest are then added up to one for each function and node, so that no call is
 * lost. Belongs to one owner; not thread-safe.
 */
public final class Analytics {
    /** Sums that are kept by the hour; each takes some 200 bytes, and 600 more with latencies. */
    public static final int HOURLY_MAX = 50_000;

    /** Rows that are shown at once. */
    public static final int ROWS_MAX = 10_000;

    private final int hourlyMax;
    private final TreeMap<Key, Cell> cells = new TreeMap<>();
    private final TreeMap<Key, Cell> older = new TreeMap<>();
    private final TreeMap<FunctionId, Long> settledBefore = new TreeMap<>();

    /** The order of rows. */
    private record Key(Instant hour, FunctionId function, NodeId node) implements Comparable<Key> {
        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::hour)
                        .thenComparing(Key::function)
                        .thenComparing(Key::node);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    /** A sum under way. */
    private static final class Cell {
        private long calls;
        private Rewards rewards = Rewards.NONE;
        private Optional<Latencies> latencies = Optional.empty();

        void add(Cell other) {
            calls += other.calls;
            rewards = rewards.plus(other.rewards);
            other.latencies.ifPresent(more -> latencies().add(more));
        }

        Latencies latencies() {
            Latencies own = latencies.orElseGet(Latencies::new);
            latencies = Optional.of(own);
            return own;
        }

        Usage.Sum sum() {
            Usage.Seen seen =
                    latencies
                            .map(l -> new Usage.Seen(l.count(), l.percentile(50), l.percentile(99)))
                            .orElse(new Usage.Seen(0, 0, 0));
            return new Usage.Sum(calls, rewards, seen);
        }
    }

    /**
     * What is asked for beside a function.
     *
     * @param node all if it is empty
     * @param from the first hour, cut to it
     * @param to an hour that begins then or later is left out
     */
    public record Where(Optional<NodeId> node, Instant from, Instant to) {
        private boolean fits(Key key) {
            return node.filter(n -> !n.equals(key.node)).isEmpty()
                    && !key.hour.isBefore(hour(from))
                    && key.hour.isBefore(to);
        }
    }

    Analytics() {
        this(HOURLY_MAX);
    }

    Analytics(int hourlyMax) {
        this.hourlyMax = hourlyMax;
    }

    /**
     * A voucher was settled.
     *
     * @param at when it was ordered
     * @param callsSettled of that function in all, with this settlement
     */
    void settled(Instant at, FunctionId function, NodeId node, long callsSettled, Rewards rewards) {
        Long before = settledBefore.put(function, callsSettled);
        Cell cell = cell(at, function, node);
        cell.calls += callsSettled - (before == null ? 0 : before);
        cell.rewards = cell.rewards.plus(rewards);
    }

    /** A node answered a call of this tracker's. */
    public void answered(Instant at, FunctionId function, NodeId node, Duration took) {
        cell(at, function, node).latencies().add(took);
    }

    private Cell cell(Instant at, FunctionId function, NodeId node) {
        Cell cell = cells.computeIfAbsent(new Key(hour(at), function, node), _ -> new Cell());
        while (cells.size() > hourlyMax) {
            Map.Entry<Key, Cell> oldest = cells.pollFirstEntry();
            Key whenever = new Key(Instant.EPOCH, oldest.getKey().function, oldest.getKey().node);
            older.computeIfAbsent(whenever, _ -> new Cell()).add(oldest.getValue());
        }
        return cell;
    }

    private static Instant hour(Instant at) {
        return at.truncatedTo(ChronoUnit.HOURS);
    }

    /**
     * The sums that are asked for, the first {@link #ROWS_MAX} of them one by one.
     *
     * @param function all if it is empty
     */
    Usage find(Optional<FunctionId> function, Where where) {
        List<Usage.Row> rows = new ArrayList<>();
        Cell total = new Cell();
        boolean isCut = false;
        for (TreeMap<Key, Cell> some : List.of(older, cells)) {
            for (Map.Entry<Key, Cell> each : some.entrySet()) {
                Key key = each.getKey();
                if (function.filter(f -> !f.equals(key.function)).isPresent() || !where.fits(key)) {
                    continue;
                }
                total.add(each.getValue());
                isCut |= rows.size() == ROWS_MAX;
                if (!isCut) {
                    rows.add(
                            new Usage.Row(key.hour, key.function, key.node, each.getValue().sum()));
                }
            }
        }
        return new Usage(rows, total.sum(), isCut, new TreeMap<>());
    }
}
