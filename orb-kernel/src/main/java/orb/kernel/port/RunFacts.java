package orb.kernel.port;

import java.util.List;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Timing;

/**
 * What was measured and written during one invocation.
 *
 * @param timing where its time went
 * @param cpuNanos time of a processor in the instance and the function, 0 where it is not known
 * @param peakMemory largest linear memory
 * @param logs what it wrote to standard error or its console, cut at 64 KiB
 * @param denied what it asked of its node without being granted it, the first {@link #DENIED_MAX}.
 *     The node writes them, never the worker
 */
public record RunFacts(
        Timing timing, long cpuNanos, ByteSize peakMemory, Bytes logs, List<Denial> denied) {
    public static final int DENIED_MAX = 8;

    /** For invocations that were not started. */
    public static final RunFacts NONE =
            new RunFacts(Timing.NONE, 0, new ByteSize(0), Bytes.EMPTY, List.of());

    public RunFacts {
        denied = denied.stream().limit(DENIED_MAX).toList();
    }

    /** The same with what its node denied it. */
    public RunFacts withDenied(List<Denial> these) {
        return new RunFacts(timing, cpuNanos, peakMemory, logs, these);
    }
}
