package orb.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Simulated time: what is to happen, in the order of its time and, at one time, of its planning.
 *
 * <p>Nothing waits; time jumps to the next happening. Not thread-safe: a simulation is one thread.
 */
public final class Agenda {
    private final PriorityQueue<Item> items =
            new PriorityQueue<>(Comparator.comparing(Item::at).thenComparingLong(Item::number));
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");
    private long planned;
    private long happened;

    private record Item(Instant at, long number, Runnable what) {}

    /** Simulated time. */
    public Instant now() {
        return now;
    }

    /** Number of happenings so far. */
    public long happened() {
        return happened;
    }

    /** Plans a happening; those of one time happen in the order in which they were planned. */
    public void after(Duration delay, Runnable what) {
        items.add(new Item(now.plus(delay), planned++, what));
    }

    /** Lets everything happen that is due until then. */
    public void run(Instant until) {
        while (!items.isEmpty() && !items.peek().at().isAfter(until)) {
            Item item = items.remove();
            now = item.at();
            happened++;
            item.what().run();
        }
        now = until;
    }
}
