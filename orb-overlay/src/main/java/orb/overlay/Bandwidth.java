package orb.overlay;

import static orb.kernel.Require.require;

import java.time.Duration;

/**
 * How much a peer's way to a tracker was measured to carry; zero before it was measured.
 *
 * @param up bytes per second from the peer, 0..{@link #MAX}
 * @param down bytes per second to the peer, 0..{@link #MAX}
 */
public record Bandwidth(long up, long down) {
    /** A terabyte per second; nothing faster is told apart. */
    public static final long MAX = 1_000_000_000_000L;

    /** Before anything was measured. */
    public static final Bandwidth UNKNOWN = new Bandwidth(0, 0);

    /** Less time than this is noise of clocks. */
    private static final Duration LEAST = Duration.ofNanos(10_000);

    public Bandwidth {
        require(up >= 0 && up <= MAX, "bytes per second are 0..%d, not %d", MAX, up);
        require(down >= 0 && down <= MAX, "bytes per second are 0..%d, not %d", MAX, down);
    }

    /**
     * The rate at which so many bytes went, where an empty message takes a round trip. On a busy
     * machine that can take as long: at least half of the time counts as carrying.
     *
     * @param took from the question to the answer
     * @param roundTrip of an empty question and answer, which is no part of the carrying
     * @return bytes per second, 1..{@link #MAX}
     */
    public static long rate(int bytes, Duration took, Duration roundTrip) {
        long carrying = took.minus(roundTrip).toNanos();
        long counted = Math.max(LEAST.toNanos(), Math.max(carrying, took.toNanos() / 2));
        return Math.clamp(bytes * 1_000_000_000L / counted, 1, MAX);
    }
}
