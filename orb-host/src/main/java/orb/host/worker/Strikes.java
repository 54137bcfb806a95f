package orb.host.worker;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;

/**
 * Which artefacts were running when workers ended, and which of them are refused for that.
 *
 * <p>Whoever ran beside a culprit is struck too, but an innocent artefact completes runs between,
 * and each completed run clears it. Not thread-safe.
 */
final class Strikes {
    private static final int ARTEFACTS_MAX = 1024;
    private static final int STRIKES = 3;

    private final long quarantineNanos;
    private final Map<Digest, Struck> struck =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Digest, Struck> eldest) {
                    return size() > ARTEFACTS_MAX;
                }
            };

    private record Struck(int times, long until) {}

    Strikes(Duration quarantine) {
        this.quarantineNanos = quarantine.toNanos();
    }

    void strike(Digest artefact, long now) {
        Struck before = struck.remove(artefact);
        int times = before == null ? 1 : Math.min(STRIKES, before.times + 1);
        struck.put(artefact, new Struck(times, now + quarantineNanos));
    }

    void clear(Digest artefact) {
        if (!struck.isEmpty()) {
            struck.remove(artefact);
        }
    }

    /** Why an artefact is not run now; empty if it is. */
    Optional<Refusal> refusal(Digest artefact, long now) {
        if (struck.isEmpty()) {
            return Optional.empty();
        }
        Struck found = struck.get(artefact);
        if (found == null) {
            return Optional.empty();
        }
        if (now - found.until > 0) {
            struck.remove(artefact);
            return Optional.empty();
        }
        return found.times < STRIKES
                ? Optional.empty()
                : Optional.of(
                        new Refusal(
                                ErrorCode.WORKER_LOST,
                                "artefact " + artefact + " ended its worker " + STRIKES + " times",
                                "this node refuses it for "
                                        + Duration.ofNanos(found.until - now).toSeconds()
                                        + " s"));
    }
}
