package orb.host.worker;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.message.Incident;
import orb.kernel.port.Event;

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
    private final Consumer<Event> reports;
    private final Map<Digest, Struck> struck =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Digest, Struck> eldest) {
                    return size() > ARTEFACTS_MAX;
                }
            };

    private record Struck(int times, long until) {}

    /**
     * @param reports hears of each artefact that is refused from then on; it never waits
     */
    Strikes(Duration quarantine, Consumer<Event> reports) {
        this.quarantineNanos = quarantine.toNanos();
        this.reports = reports;
    }

    void strike(Digest artefact, long now) {
        Struck before = struck.remove(artefact);
        int times = before == null ? 1 : Math.min(STRIKES, before.times + 1);
        struck.put(artefact, new Struck(times, now + quarantineNanos));
        if (times == STRIKES) {
            reports.accept(noticed(artefact));
        }
    }

    /** What a node is told of an artefact that is refused from now on. */
    private static Event noticed(Digest artefact) {
        return new Event.Noticed(
                Incident.Kind.WORKER_LOST,
                artefact,
                "its runs ended their worker " + STRIKES + " times in a row");
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
