package orb.kernel;

import static orb.kernel.Require.require;

import java.time.Duration;

/**
 * What one invocation may use at most.
 *
 * @param memory linear memory, 64 KiB .. 1 GiB
 * @param fuel work, 1 .. 10^12
 * @param wall time on the wall clock, 1 ms .. 5 min
 */
public record Limits(ByteSize memory, Fuel fuel, Duration wall) {
    private static final Duration WALL_MIN = Duration.ofMillis(1);
    private static final Duration WALL_MAX = Duration.ofMinutes(5);

    public static final Limits DEFAULT =
            new Limits(ByteSize.mib(64), new Fuel(2_000_000_000L), Duration.ofSeconds(10));

    public Limits {
        require(
                memory.bytes() >= 65_536 && memory.bytes() <= 1L << 30,
                "the memory limit is 64 KiB..1 GiB, not %s",
                memory);
        require(
                fuel.units() >= 1 && fuel.units() <= 1_000_000_000_000L,
                "the fuel limit is 1..10^12, not %s",
                fuel);
        require(
                wall.compareTo(WALL_MIN) >= 0 && wall.compareTo(WALL_MAX) <= 0,
                "the wall limit is 1 ms..5 min, not %s",
                wall);
    }

    /** Linear memory in WebAssembly pages of 64 KiB, rounded down. */
    public int memoryPages() {
        return (int) (memory.bytes() >>> 16);
    }
}
