package orb.kernel;

/**
 * Where the time of a call went at its host, in nanoseconds of a clock that never goes back.
 *
 * @param waitNanos in queues
 * @param fetchNanos to read the function from the host's disk and hand it to the worker, 0 if that
 *     had it
 * @param compileNanos to make it runnable there, 0 when warm
 * @param instantiateNanos to make the instance
 * @param runNanos in the function
 * @param warm whether it was runnable already
 */
public record Timing(
        long waitNanos,
        long fetchNanos,
        long compileNanos,
        long instantiateNanos,
        long runNanos,
        boolean warm) {
    /** Of a call that was not started. */
    public static final Timing NONE = new Timing(0, 0, 0, 0, 0, false);

    /** The time of the worker's own, without waiting and fetching. */
    public long workNanos() {
        return compileNanos + instantiateNanos + runNanos;
    }

    /** All of it. */
    public long totalNanos() {
        return waitNanos + fetchNanos + workNanos();
    }

    /** The same after so much more waiting. */
    public Timing afterWaiting(long nanos) {
        return new Timing(
                waitNanos + nanos, fetchNanos, compileNanos, instantiateNanos, runNanos, warm);
    }

    /** The same with what only the node can tell: how long fetching and waiting took. */
    public Timing within(long fetch, long wait) {
        return new Timing(wait, fetch, compileNanos, instantiateNanos, runNanos, warm);
    }
}
