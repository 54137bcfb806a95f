package orb.host.loop;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import orb.kernel.port.Notice;

/**
 * One follower of a role's notices, with a buffer of its own and a virtual thread that reads it.
 *
 * <p>The reader may block. While it does, {@value #BUFFER_MAX} notices are kept; what comes beyond
 * is dropped, and the reader then gets a notice of the kind {@code events.dropped} that says how
 * many. Thread-safe.
 */
public final class Following implements AutoCloseable {
    static final int BUFFER_MAX = 1_024;

    private final Consumer<Notice> reader;
    private final Consumer<Following> onClose;
    private final BlockingQueue<Notice> buffer = new ArrayBlockingQueue<>(BUFFER_MAX);
    private final AtomicLong dropped = new AtomicLong();
    private final Thread thread;

    Following(Consumer<Notice> reader, Consumer<Following> onClose) {
        this.reader = reader;
        this.onClose = onClose;
        thread = Thread.ofVirtual().name("orb-follower").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void offer(Notice notice) {
        if (!buffer.offer(notice)) {
            dropped.incrementAndGet();
        }
    }

    /** Ends the following; the reader is interrupted if it blocks. */
    @Override
    public void close() {
        onClose.accept(this);
        thread.interrupt();
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Notice notice = buffer.take();
                long lost = dropped.getAndSet(0);
                reader.accept(notice);
                if (lost > 0) {
                    reader.accept(
                            new Notice(
                                    notice.at(), "events.dropped", "", lost + " notices dropped"));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // close() ended the wait
        } finally {
            onClose.accept(this);
        }
    }
}
