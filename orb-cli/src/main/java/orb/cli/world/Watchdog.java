package orb.cli.world;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Interrupts threads whose run has passed its wall time. One thread of its own looks every ten
 * milliseconds while anything runs, and sleeps otherwise. Thread-safe.
 */
public final class Watchdog implements AutoCloseable {
    private static final long WATCH_NANOS = 10_000_000;

    /** As often it looks in vain before it sleeps: waking it costs more than a look. */
    private static final int WATCHES_IDLE = 100;

    private final List<Slot> slots = new CopyOnWriteArrayList<>();
    private final AtomicInteger active = new AtomicInteger();
    private final ThreadLocal<Slot> slot = ThreadLocal.withInitial(this::takeSlot);
    private final Thread thread;
    private volatile boolean sleeps;
    private volatile boolean closed;

    /** Starts its thread. */
    public Watchdog() {
        thread = Thread.ofPlatform().daemon(true).name("orb-watchdog").start(this::watch);
    }

    /**
     * A run begins on the calling thread, which is interrupted if {@link #end} has not been called
     * by then. Threads that call this are few and live long: one slot each is kept.
     *
     * @param until as of {@link System#nanoTime}
     * @return lets others interrupt it, for as long as it runs
     */
    public Slot begin(long until) {
        Slot mine = slot.get();
        mine.begin(until);
        active.getAndIncrement();
        if (sleeps) {
            LockSupport.unpark(thread);
        }
        return mine;
    }

    /**
     * The run of the calling thread has ended; an interrupt that came too late is forgotten.
     *
     * @return whether its time was up
     */
    public boolean end() {
        active.getAndDecrement();
        return slot.get().end();
    }

    private Slot takeSlot() {
        Slot taken = new Slot();
        slots.add(taken);
        return taken;
    }

    private void watch() {
        int idle = 0;
        while (!closed) {
            if (idle >= WATCHES_IDLE) {
                sleep();
                idle = 0;
            }
            idle = active.get() == 0 ? idle + 1 : 0;
            LockSupport.parkNanos(this, WATCH_NANOS);
            long now = System.nanoTime();
            for (Slot each : slots) {
                each.interruptIfLate(now);
            }
        }
    }

    /** Until a run begins; it looks at the flag after it has counted itself. */
    private void sleep() {
        sleeps = true;
        while (active.get() == 0 && !closed) {
            LockSupport.park(this);
        }
        sleeps = false;
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    /** What one thread runs at present; the lock keeps an interrupt from hitting the next run. */
    public static final class Slot {
        private final ReentrantLock lock = new ReentrantLock();
        private Optional<Thread> running = Optional.empty();
        private long deadline;
        private boolean isLate;

        private Slot() {}

        private void begin(long until) {
            lock.lock();
            try {
                running = Optional.of(Thread.currentThread());
                deadline = until;
                isLate = false;
            } finally {
                lock.unlock();
            }
        }

        private boolean end() {
            lock.lock();
            try {
                running = Optional.empty();
                Thread.interrupted(); // one that came too late to be noticed
                return isLate;
            } finally {
                lock.unlock();
            }
        }

        private void interruptIfLate(long now) {
            lock.lock();
            try {
                if (running.isPresent() && now - deadline > 0) {
                    isLate = true;
                    running.get().interrupt();
                }
            } finally {
                lock.unlock();
            }
        }

        /** Has the run end by then at the latest, if there is one. */
        void endBy(long until) {
            lock.lock();
            try {
                deadline = until - deadline < 0 ? until : deadline;
            } finally {
                lock.unlock();
            }
        }

        /** Interrupts the run, if there is one; its time is not up for that. */
        void interrupt() {
            lock.lock();
            try {
                running.ifPresent(Thread::interrupt);
            } finally {
                lock.unlock();
            }
        }
    }
}
