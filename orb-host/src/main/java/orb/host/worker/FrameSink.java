package orb.host.worker;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import orb.kernel.Bytes;

/**
 * Writes frames, several of them with one system call.
 *
 * <p>Whoever finds nobody writing writes, and goes on with what others have added meanwhile; the
 * others only add and leave. So a frame is never held back, and under load many share one write.
 * Thread-safe.
 */
public final class FrameSink {
    private static final int KEEP = 256 << 10;

    private final OutputStream out;
    private final ReentrantLock lock = new ReentrantLock();

    // guarded by lock; two arrays take turns, so that writing needs no copy
    private byte[] adding = new byte[8 << 10];
    private byte[] spare = new byte[8 << 10];
    private int length;
    private boolean writing;

    public FrameSink(OutputStream out) {
        this.out = out;
    }

    /** Writes a frame, or leaves it to the thread that is writing. */
    public void send(Bytes frame) throws IOException {
        add(frame);
        flush();
    }

    /** Adds a frame that a later {@link #flush} writes. */
    void add(Bytes frame) {
        lock.lock();
        try {
            int needed = length + 4 + frame.length();
            if (needed > adding.length) {
                adding = Arrays.copyOf(adding, Math.max(needed, 2 * adding.length));
            }
            adding[length] = (byte) (frame.length() >>> 24);
            adding[length + 1] = (byte) (frame.length() >>> 16);
            adding[length + 2] = (byte) (frame.length() >>> 8);
            adding[length + 3] = (byte) frame.length();
            System.arraycopy(frame.array(), 0, adding, length + 4, frame.length());
            length = needed;
        } finally {
            lock.unlock();
        }
    }

    /** Writes all that was added, unless another thread is about it already. */
    void flush() throws IOException {
        boolean mine = false;
        for (; ; ) {
            byte[] batch;
            int size;
            lock.lock();
            try {
                if (writing && !mine) {
                    return;
                }
                writing = length > 0;
                if (!writing) {
                    return;
                }
                mine = true;
                batch = adding;
                size = length;
                adding = spare.length <= KEEP ? spare : new byte[8 << 10];
                spare = batch;
                length = 0;
            } finally {
                lock.unlock();
            }
            out.write(batch, 0, size); // a failed pipe stays failed: nobody needs to write again
            out.flush();
        }
    }
}
