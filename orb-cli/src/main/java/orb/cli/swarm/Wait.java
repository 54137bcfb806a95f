package orb.cli.swarm;

import java.io.IOException;
import java.time.Duration;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/** Waits for what other processes do, never longer than it was told. */
final class Wait {
    private static final long POLL_MILLIS = 100;

    private Wait() {}

    /** Something that becomes true by itself. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws IOException;
    }

    /** Whether it became true in time. */
    static boolean until(Duration max, Condition condition) throws IOException {
        long begun = System.nanoTime();
        while (!condition.holds()) {
            if (System.nanoTime() - begun > max.toNanos()) {
                return false;
            }
            Peer.pause(POLL_MILLIS);
        }
        return true;
    }

    /**
     * Waits until it is true.
     *
     * @throws RefusedException ORB-0303 if it is not in time
     */
    static void orRefuse(String what, Duration max, Condition condition) throws IOException {
        if (!until(max, condition)) {
            throw new RefusedException(
                    ErrorCode.TIMED_OUT, "waited " + max.toSeconds() + " s for " + what);
        }
    }
}
