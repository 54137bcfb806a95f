package orb.host.loop;

import static orb.kernel.Require.require;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import orb.kernel.port.Event;
import org.jspecify.annotations.Nullable;

/**
 * What waits for a role: many threads put in, one takes out.
 *
 * <p>Thread-safe; putting in never blocks. {@link #offer} is for requests from outside and refuses
 * above the bound, so that an overloaded peer says BUSY instead of growing. {@link #post} is for
 * reports of the role's own effects, each bounded by the effect that caused it, and never refuses:
 * a lost report would leave an exchange open for ever.
 */
public final class Mailbox {
    private static final int SPINS = 200;

    private final Queue<Object> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final int bound;
    private volatile @Nullable Thread parked;
    private volatile boolean closed;

    /**
     * An empty mailbox.
     *
     * @param bound above this many waiting items, requests from outside are refused
     */
    public Mailbox(int bound) {
        require(bound > 0, "a mailbox's bound must be positive: %d", bound);
        this.bound = bound;
    }

    /** Puts a request in, or returns false because too much waits already or the loop stopped. */
    public boolean offer(Event event) {
        if (closed || size.get() >= bound) {
            return false;
        }
        put(event);
        return true;
    }

    /** Puts a report in. */
    public void post(Event event) {
        put(event);
    }

    /** Number of items that wait; a snapshot. */
    public int size() {
        return size.get();
    }

    /** Takes no more: whoever would read it has stopped. */
    void close() {
        closed = true;
    }

    void put(Object item) {
        if (closed) {
            return;
        }
        size.incrementAndGet();
        queue.add(item);
        Thread waiting = parked;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }

    @Nullable Object poll() {
        Object item = queue.poll();
        if (item != null) {
            size.decrementAndGet();
        }
        return item;
    }

    /**
     * Waits until something is in. Spins for some microseconds first if {@code busy}, since waking
     * a parked thread costs more than that under load.
     */
    void await(boolean busy) {
        for (int i = 0; busy && i < SPINS; i++) {
            if (!queue.isEmpty()) {
                return;
            }
            Thread.onSpinWait();
        }
        parked = Thread.currentThread();
        // looked at after `parked` is set: whoever puts in later sees it and unparks
        while (queue.isEmpty()) {
            LockSupport.park(this);
        }
        parked = null;
    }
}
