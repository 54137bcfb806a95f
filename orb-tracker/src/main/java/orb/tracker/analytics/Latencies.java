package orb.tracker.analytics;

import static orb.kernel.Require.require;

import java.time.Duration;

/**
 * How long answers took, in buckets whose bounds grow by a quarter of a power of two.
 *
 * <p>A percentile is told as its bucket's upper bound, at most a fifth above the true value, from a
 * microsecond to some nineteen hours. Not thread-safe.
 */
final class Latencies {
    private static final int PER_DOUBLING = 4;
    private static final int BUCKETS = 36 * PER_DOUBLING + 1;

    private final int[] counts = new int[BUCKETS];
    private long count;

    void add(Duration took) {
        counts[bucket(Math.max(1, took.toNanos() / 1_000))]++;
        count++;
    }

    void add(Latencies others) {
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] += others.counts[i];
        }
        count += others.count;
    }

    long count() {
        return count;
    }

    /**
     * Microseconds within which so many of a hundred answers came (nearest rank); 0 if there are
     * none.
     */
    long percentile(int percent) {
        require(percent >= 1 && percent <= 100, "a percentile is 1..100, not %d", percent);
        long rank = (count * percent + 99) / 100;
        long seen = 0;
        for (int i = 0; i < BUCKETS && count > 0; i++) {
            seen += counts[i];
            if (seen >= rank) {
                return bound(i);
            }
        }
        return 0;
    }

    /** The first bucket whose bound is not below. */
    private static int bucket(long micros) {
        int doublings = 63 - Long.numberOfLeadingZeros(micros);
        int bucket = doublings * PER_DOUBLING;
        while (bucket < BUCKETS - 1 && bound(bucket) < micros) {
            bucket++;
        }
        return Math.min(bucket, BUCKETS - 1);
    }

    private static long bound(int bucket) {
        long base = 1L << (bucket / PER_DOUBLING);
        return base + (base * (bucket % PER_DOUBLING) + PER_DOUBLING - 1) / PER_DOUBLING;
    }
}
