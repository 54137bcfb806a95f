package orb.host.loop;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import orb.kernel.port.Clock;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;

/**
 * The machine's clock, and one thread that wakes a role at the times it asked for.
 *
 * <p>{@link #now} is the wall clock and may jump when the machine's clock is set; delays are
 * measured on the monotonic clock and do not. A timer that is set again replaces its earlier
 * setting. At most {@value #TIMERS_MAX} timers of different names; one more is a bug of the role.
 * Thread-safe.
 */
public final class RealClock implements Clock, AutoCloseable {
    private static final int TIMERS_MAX = 1 << 20;

    private final Consumer<Event> reports;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition earlier = lock.newCondition();
    private final TreeSet<Timer> due = new TreeSet<>();
    private final Map<String, Timer> byName = new HashMap<>();
    private long set;
    private boolean closed;

    /** Starts the timer thread; each {@link Event.Woke} goes to {@code reports} on it. */
    public RealClock(Consumer<Event> reports) {
        this.reports = reports;
        Thread.ofPlatform().name("orb-clock").daemon(true).start(this::run);
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public void wakeAfter(Effect.WakeAfter effect) {
        long at = System.nanoTime() + Math.max(0, effect.delay().toNanos());
        lock.lock();
        try {
            Timer timer = new Timer(at, set++, effect.timer());
            Timer replaced = byName.put(timer.name, timer);
            if (replaced != null) {
                due.remove(replaced);
            } else if (byName.size() > TIMERS_MAX) {
                byName.remove(timer.name);
                throw new IllegalStateException(
                        "more than %d timers, the last %s".formatted(TIMERS_MAX, timer.name));
            }
            due.add(timer);
            if (due.first().equals(timer)) {
                earlier.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Wakes nobody any more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            earlier.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        lock.lock();
        try {
            while (!closed) {
                if (due.isEmpty()) {
                    earlier.awaitUninterruptibly();
                } else if (left() > 0) {
                    earlier.awaitNanos(left());
                } else {
                    ring();
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the clock's thread", e);
        } finally {
            lock.unlock();
        }
    }

    private long left() {
        return due.first().at - System.nanoTime();
    }

    private void ring() {
        Timer first = due.removeFirst();
        byName.remove(first.name);
        reports.accept(new Event.Woke(first.name)); // a mailbox: never blocks
    }

    private record Timer(long at, long number, String name) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            long difference = at - other.at; // nanoTime may overflow, differences do not
            return difference != 0 ? Long.signum(difference) : Long.compare(number, other.number);
        }
    }
}
