package orb.host.worker;

import java.util.Optional;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;

/**
 * How long the next worker waits to start: longer each time that one ends soon after another, so
 * that a machine on which none can live is not kept busy by trying. Not thread-safe.
 */
final class RestartPause {
    private static final long LONG_LIFE_NANOS = 30_000_000_000L;
    private static final long PAUSE_NANOS = 200_000_000;
    private static final long PAUSE_MAX_NANOS = 10_000_000_000L;
    private static final int DOUBLINGS_MAX = 10;

    private int failures;
    private long notBefore;
    private String lastFailure = "";

    RestartPause(long now) {
        notBefore = now;
    }

    /**
     * A worker ended that should have gone on.
     *
     * @param wasReady whether it had come up
     * @param lived nanoseconds since its start
     * @param why its last words
     */
    void ended(boolean wasReady, long lived, String why, long now) {
        failures = wasReady && lived > LONG_LIFE_NANOS ? 1 : failures + 1;
        lastFailure = wasReady ? "" : why;
        if (failures > 1) {
            long pause = PAUSE_NANOS << Math.min(DOUBLINGS_MAX, failures - 2);
            notBefore = now + Math.min(PAUSE_MAX_NANOS, pause);
        }
    }

    /** Why none is started now; empty once the pause is over. */
    Optional<Refusal> refusal(long now) {
        if (now - notBefore >= 0) {
            return Optional.empty();
        }
        return Optional.of(
                new Refusal(
                        lastFailure.isEmpty() ? ErrorCode.WORKER_LOST : ErrorCode.WORKER_FAILED,
                        "workers ended "
                                + failures
                                + " times in a row; the next starts in "
                                + (notBefore - now) / 1_000_000
                                + " ms"
                                + (lastFailure.isEmpty() ? "" : ": " + lastFailure),
                        "orb doctor says what is in the way"));
    }
}
