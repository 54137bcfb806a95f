package orb.sandbox;

import static orb.kernel.Require.require;

import orb.kernel.Bytes;
import orb.kernel.Outcome;

/**
 * What one invocation left behind.
 *
 * @param outcome what became of it
 * @param logs what it wrote to stderr or {@code console.log}, at most {@link #LOGS_MAX}; what came
 *     later is dropped
 * @param timings how long it took
 * @param peakPages the most linear memory that it held, in pages of 64 KiB; memory never shrinks
 */
public record Run(Outcome outcome, Bytes logs, Timings timings, int peakPages) {
    public static final int LOGS_MAX = 64 * 1024;

    public Run {
        require(logs.length() <= LOGS_MAX, "logs have at most %d bytes", LOGS_MAX);
        require(peakPages >= 0, "pages cannot be negative: %d", peakPages);
    }

    /**
     * Nanoseconds by the ticker that the sandbox was given.
     *
     * @param instantiateNanos making the instance
     * @param runNanos running its code and reading its answer
     */
    public record Timings(long instantiateNanos, long runNanos) {}
}
