package orb.kernel.port;

import orb.kernel.ByteSize;
import orb.kernel.Bytes;

/**
 * What was measured and written during one invocation.
 *
 * @param waitNanos time in the queue
 * @param prepareNanos time to fetch and compile, 0 when warm
 * @param instantiateNanos time to make the instance
 * @param runNanos time in the function
 * @param peakMemory largest linear memory
 * @param logs what it wrote to standard error or its console, cut at 64 KiB
 * @param warm whether the module was compiled already
 */
public record RunFacts(
        long waitNanos,
        long prepareNanos,
        long instantiateNanos,
        long runNanos,
        ByteSize peakMemory,
        Bytes logs,
        boolean warm) {
    /** For invocations that were not started. */
    public static final RunFacts NONE =
            new RunFacts(0, 0, 0, 0, new ByteSize(0), Bytes.EMPTY, false);
}
