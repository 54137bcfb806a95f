package orb.host.store;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Hands items from many threads to one writer thread, in order and in groups, so that one durable
 * commit serves many items.
 *
 * <p>While a group is being written the next one collects; {@code linger} adds a wait for more
 * where latency matters less than the number of commits. The queue is bounded. Thread-safe.
 */
final class GroupWriter<T> implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition hurry = lock.newCondition();
    private final Condition room = lock.newCondition();
    private final Condition progress = lock.newCondition();
    private final ArrayDeque<T> waiting = new ArrayDeque<>();
    private final Settings settings;
    private final ToIntFunction<T> size;
    private final Consumer<List<T>> write;
    private final Thread thread;
    private long waitingBytes;
    private long accepted;
    private long finished;
    private int flushing;
    private boolean closing;
    private boolean ended;

    /**
     * @param name of the thread
     * @param queueMax items that may wait
     * @param bytesMax bytes of all items that wait; one item alone may be larger
     * @param groupMax items in one group
     * @param linger how long a group that is not full waits for more
     */
    record Settings(String name, int queueMax, long bytesMax, int groupMax, Duration linger) {
        Settings {
            require(groupMax >= 1 && queueMax >= groupMax, "1 <= %d <= %d", groupMax, queueMax);
        }
    }

    /**
     * Starts the thread.
     *
     * @param size bytes of an item
     * @param write runs on the thread and deals with its own failures
     */
    GroupWriter(Settings settings, ToIntFunction<T> size, Consumer<List<T>> write) {
        this.settings = settings;
        this.size = size;
        this.write = write;
        thread = Thread.ofPlatform().name(settings.name()).daemon(true).start(this::run);
    }

    /** Queues an item unless the queue is full or closed. */
    boolean offer(T item) {
        lock.lock();
        try {
            return !isFull() && !closing && !ended && accept(item);
        } finally {
            lock.unlock();
        }
    }

    /** Queues an item, waiting for room; false if the writer is closed. */
    boolean put(T item) {
        lock.lock();
        try {
            while (isFull() && !closing && !ended) {
                room.awaitUninterruptibly();
            }
            return !closing && !ended && accept(item);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything queued before this call was written or the writer has ended. */
    void flush() {
        lock.lock();
        try {
            long target = accepted;
            flushing++;
            hurry.signalAll();
            while (finished < target && !ended) {
                progress.awaitUninterruptibly();
            }
            flushing--;
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@link #close} was called; a writer that retries looks here to give up. */
    boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    /** Waits, on the writer's own thread, for a while or until the writer is closed. */
    void pause(Duration wait) {
        lock.lock();
        try {
            long nanos = wait.toNanos();
            while (nanos > 0 && !closing) {
                nanos = hurry.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Writes what is queued and ends the thread. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            work.signalAll();
            hurry.signalAll();
            room.signalAll();
            while (!ended && !Thread.currentThread().equals(thread)) {
                progress.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isFull() {
        return waiting.size() >= settings.queueMax() || waitingBytes >= settings.bytesMax();
    }

    private boolean accept(T item) {
        waiting.add(item);
        waitingBytes += size.applyAsInt(item);
        accepted++;
        work.signal();
        if (waiting.size() == settings.groupMax()) {
            hurry.signal();
        }
        return true;
    }

    private void run() {
        try {
            List<T> group = nextGroup();
            while (!group.isEmpty()) {
                write.accept(group);
                finished(group.size());
                group = nextGroup();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end();
        }
    }

    /** Also after a bug in write: those who wait must not wait for ever. */
    private void end() {
        lock.lock();
        try {
            ended = true;
            room.signalAll();
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private List<T> nextGroup() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closing) {
                work.await();
            }
            long nanos = settings.linger().toNanos();
            while (nanos > 0 && waiting.size() < settings.groupMax() && flushing == 0 && !closing) {
                nanos = hurry.awaitNanos(nanos);
            }
            List<T> group = new ArrayList<>(Math.min(waiting.size(), settings.groupMax()));
            while (group.size() < settings.groupMax() && !waiting.isEmpty()) {
                T item = waiting.remove();
                waitingBytes -= size.applyAsInt(item);
                group.add(item);
            }
            room.signalAll();
            return group;
        } finally {
            lock.unlock();
        }
    }

    private void finished(int count) {
        lock.lock();
        try {
            finished += count;
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
