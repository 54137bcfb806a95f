package orb.host.worker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import orb.kernel.Digest;
import orb.kernel.Outcome;
import orb.kernel.message.Incident;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.RunFacts;

/**
 * What one worker has been given to do and has not answered yet; guarded by the lock of {@link
 * Workers}.
 */
final class Duty {
    /** Below the number of modules that a worker keeps compiled, so that these surely are. */
    private static final int COMPILED_MAX = 256;

    final Map<Long, Running> runs = new LinkedHashMap<>();
    private final List<Preparing> preparations = new ArrayList<>();
    final long begun;
    boolean ready;
    long readyAt;
    long heardAt;
    long pinged; // number of the ping that is not answered, 0 for none
    long pingedAt;
    private long lastPing;

    /** What it said that a worker may not say, if it did. */
    Optional<String> violation = Optional.empty();

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
     * @param line its way to what this node grants it
     * @param fetchNanos what it took to hand its function to the worker, if that lacked it
     */
    record Running(
            Effect.Run effect, long begun, long allowedNanos, RunLine line, long fetchNanos) {
        /** As it is when it is sent. */
        Running(Effect.Run effect, long begun, long allowedNanos, RunLine line) {
            this(effect, begun, allowedNanos, line, 0);
        }

        /** The same after its function was handed to the worker. */
        Running fetched(long nanos) {
            return new Running(effect, begun, allowedNanos, line, nanos);
        }

        /** The report of an end that its worker did not tell. */
        Event.Ran ended(Outcome outcome) {
            line.close();
            return new Event.Ran(effect.run(), outcome, RunFacts.NONE.withDenied(line.denied()));
        }

        /** The report, with all the time that was not the worker's own as time of waiting. */
        Event.Ran measured(Event.Ran report, long now) {
            RunFacts said = report.facts();
            long others = Math.max(0, now - begun - said.timing().workNanos());
            long fetch = Math.min(fetchNanos, others);
            RunFacts facts =
                    new RunFacts(
                            said.timing().within(fetch, others - fetch),
                            Math.min(said.cpuNanos(), Math.max(0, now - begun)),
                            said.peakMemory(),
                            said.logs(),
                            line.denied());
            return new Event.Ran(report.run(), report.outcome(), facts);
        }
    }

    /**
     * A preparation under way; one artefact may be asked for more than once.
     *
     * @param allowedNanos after which it is given up
     */
    private record Preparing(Digest artefact, long begun, long allowedNanos) {}

    Duty(long now) {
        begun = now;
        heardAt = now;
    }

    /** Whether something takes too long, counted from when the worker could begin with it. */
    private boolean isLate(long begunAt, long allowedNanos, long now) {
        return ready && now - Math.max(begunAt, readyAt) > allowedNanos;
    }

    void prepare(Digest artefact, long now, long allowedNanos) {
        preparations.add(new Preparing(artefact, now, allowedNanos));
    }

    /** Takes off one preparation of an artefact; whether there was one. */
    boolean answered(Digest artefact) {
        for (Preparing each : preparations) {
            if (each.artefact.equals(artefact)) {
                return preparations.remove(each);
            }
        }
        return false;
    }

    /** The artefacts being prepared, each as often as it was asked for. */
    List<Digest> preparing() {
        return preparations.stream().map(Preparing::artefact).toList();
    }

    List<Running> takeLateRuns(long now) {
        List<Running> late =
                runs.values().stream()
                        .filter(each -> isLate(each.begun, each.allowedNanos, now))
                        .toList();
        late.forEach(each -> runs.remove(each.effect.run()));
        return late;
    }

    List<Digest> takeLatePreparations(long now) {
        List<Preparing> late =
                preparations.stream()
                        .filter(each -> isLate(each.begun, each.allowedNanos, now))
                        .toList();
        preparations.removeAll(late);
        return late.stream().map(Preparing::artefact).toList();
    }

    /** A run's function was handed to the worker, which took so long. */
    void fetched(long run, long nanos) {
        runs.computeIfPresent(run, (_, running) -> running.fetched(nanos));
    }

    /** Passes on what a run asks for; what is wrong with its asking, if anything is. */
    Optional<String> ask(FromWorker.Asked said, Consumer<ToWorker> answers) {
        Running running = runs.get(said.run());
        if (running == null) {
            return Optional.of("run " + said.run() + " is not under way");
        }
        return running.line.ask(
                said.number(),
                said.call(),
                reply -> answers.accept(new ToWorker.Replied(said.run(), said.number(), reply)));
    }

    /** What it ran or prepared when it said what it may not: one of these has taken it over. */
    List<Event> suspects() {
        return violation.stream()
                .flatMap(how ->
                        Stream.concat(
                                        runs.values().stream().map(each -> each.effect.artefact()),
                                        preparing().stream())
                                .distinct()
                                .<Event>map(artefact ->
                                        new Event.Noticed(
                                                Incident.Kind.WORKER_VIOLATION, artefact, how)))
                .toList();
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
