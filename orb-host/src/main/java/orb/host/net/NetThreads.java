package orb.host.net;

import static orb.kernel.Require.require;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.TimeUnit;
import orb.kernel.ByteSize;

/**
 * The threads that carry bytes; the transport and the gateway of one process share them.
 *
 * <p>Thread-safe. A peer's only move and decode bytes: what decides runs on the loop that owns a
 * role. A program that serves one function alone asks for deep ones and runs it on them.
 */
public final class NetThreads implements AutoCloseable {
    private static final int THREADS_MAX = 64;
    private static final long QUIET_MILLIS = 0;
    private static final long CLOSE_MILLIS = 5_000;

    private final EventLoopGroup group;

    /**
     * Starts no thread yet; each starts with its first channel.
     *
     * @param count 1..64 threads
     */
    public NetThreads(int count) {
        this(count, new ByteSize(0));
    }

    /**
     * As above, with stacks deep enough to run something on these threads.
     *
     * @param stack of each thread; 0 leaves it to the machine
     */
    public NetThreads(int count, ByteSize stack) {
        require(count >= 1 && count <= THREADS_MAX, "1..%d threads, not %d", THREADS_MAX, count);
        group =
                new MultiThreadIoEventLoopGroup(
                        count, new Deep(stack.bytes()), NioIoHandler.newFactory());
    }

    /** For listeners and connections of the adapters in this module. */
    public EventLoopGroup group() {
        return group;
    }

    /** Ends the threads and waits for them at most five seconds. */
    @Override
    public void close() {
        group.shutdownGracefully(QUIET_MILLIS, CLOSE_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_MILLIS);
    }

    private static final class Deep extends DefaultThreadFactory {
        private final long stackBytes;

        Deep(long stackBytes) {
            super("orb-net", true);
            this.stackBytes = stackBytes;
        }

        @Override
        protected Thread newThread(Runnable work, String name) {
            return new FastThreadLocalThread(threadGroup, work, name, stackBytes);
        }
    }
}
