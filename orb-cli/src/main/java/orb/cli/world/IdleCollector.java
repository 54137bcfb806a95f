package orb.cli.world;

import java.time.Duration;

/**
 * Collects garbage once a busy process has come to rest, so that it takes little memory while idle.
 *
 * <p>The serial collector is the cheapest for a role, which makes little garbage that lives long;
 * but it would keep what starting, compiling and serving left behind until the next load. A process
 * is at rest when it allocates next to nothing for a while; then a pause of some hundredths of a
 * second is noticed by nobody. Thread-safe.
 */
final class IdleCollector implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(3);

    /** Allocated between two looks at most, by a process at rest. */
    private static final long QUIET_BYTES_MAX = 1 << 20;

    /** More than the young generation, which is collected cheaply as ever. */
    private static final long GARBAGE_BYTES_MIN = 20 << 20;

    private final Thread thread;

    /** Starts to look. */
    IdleCollector() {
        thread = Thread.ofVirtual().name("orb-idle").start(IdleCollector::watch);
    }

    private static void watch() {
        long kept = 0;
        long before = used();
        while (true) {
            try {
                Thread.sleep(LOOK);
            } catch (InterruptedException e) {
                return; // only close() interrupts
            }
            long now = used();
            boolean quiet = now >= before && now - before <= QUIET_BYTES_MAX;
            if (quiet && now - kept >= GARBAGE_BYTES_MIN) {
                System.gc();
                kept = used();
            }
            before = used();
        }
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
