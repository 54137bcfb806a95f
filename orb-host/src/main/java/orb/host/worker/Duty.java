package orb.host.worker;

import java.util.LinkedHashMap;
import java.util.Map;
import orb.kernel.Digest;
import orb.kernel.port.Effect;

/**
 * What one worker has been given to do and has not answered yet; guarded by the lock of {@link
 * Workers}.
 */
final class Duty {
    /** Below the number of modules that a worker keeps compiled, so that these surely are. */
    private static final int COMPILED_MAX = 256;

    final Map<Long, Running> runs = new LinkedHashMap<>();
    final Map<Digest, Preparing> preparations = new LinkedHashMap<>();
    final long begun;
    boolean ready;
    long readyAt;
    long heardAt;
    long pinged; // number of the ping that is not answered, 0 for none
    long pingedAt;
    private long lastPing;

    private final Map<Digest, Boolean> compiled =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Digest, Boolean> eldest) {
                    return size() > COMPILED_MAX;
                }
            };

    /**
     * A run under way.
     *
     * @param begun when it was sent
     * @param allowedNanos after which it is given up
     */
    record Running(Effect.Run effect, long begun, long allowedNanos) {}

    /**
     * A preparation under way.
     *
     * @param times how often it was asked for
     * @param allowedNanos after which it is given up
     */
    record Preparing(int times, long begun, long allowedNanos) {}

    Duty(long now) {
        begun = now;
        heardAt = now;
    }

    /** Whether something takes too long, counted from when the worker could begin with it. */
    boolean isLate(long begunAt, long allowedNanos, long now) {
        return ready && now - Math.max(begunAt, readyAt) > allowedNanos;
    }

    boolean isIdle() {
        return runs.isEmpty() && preparations.isEmpty();
    }

    boolean isCompiled(Digest artefact) {
        return compiled.get(artefact) != null;
    }

    void compiled(Digest artefact) {
        compiled.put(artefact, true);
    }

    ToWorker.Ping ping(long now) {
        pinged = ++lastPing;
        pingedAt = now;
        return new ToWorker.Ping(pinged);
    }
}
