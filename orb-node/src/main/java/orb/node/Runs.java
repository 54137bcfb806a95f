package orb.node;

import static orb.kernel.ErrorCode.BUSY;
import static orb.kernel.ErrorCode.DEADLINE;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.message.FunctionFacts;
import orb.kernel.port.Effect;
import orb.kernel.port.MachineUse;
import orb.kernel.port.Rights;
import orb.kernel.port.RunFacts;
import orb.node.admission.FairQueue;
import orb.node.turn.Turn;

/**
 * The places in which invocations run, and the bounded queue before them.
 *
 * <p>A job that finds no place waits; at most {@code queueMax} wait, each at most {@code waitMax}
 * and never beyond its own deadline. Whose turn it is says a {@link FairQueue}. Every job that is
 * given here is told exactly one of {@link Job#ran} and {@link Job#refused}. Work per job does not
 * depend on how many wait or run.
 */
final class Runs {
    static final String TIMER = "runs";

    private final Turn turn;
    private final NodeConfig.Places places;
    private final Map<Long, Running> running = new LinkedHashMap<>();
    private final FairQueue<Waiting> queue;
    private boolean timerSet;
    private long lastRun;
    private long queueMicros;
    private final Yielding yielding;
    private final Incidents incidents;

    /** What is to be run; the name is for people. */
    record Work(
            String name,
            Digest artefact,
            Request request,
            Limits limits,
            Digest seed,
            Rights rights) {
        /** A call of a function. */
        static Work of(FunctionFacts facts, Request request, Digest call) {
            return new Work(
                    facts.name().toString(),
                    facts.artefact(),
                    request,
                    facts.limits(),
                    call,
                    new Rights.Call(facts.id(), facts.grants()));
        }
    }

    /** Who wants it run. */
    interface Job {
        /** It ran; {@code waited} is the time in this queue. */
        void ran(Outcome outcome, RunFacts facts, Duration waited);

        /** It was not started. */
        void refused(Refusal refusal);
    }

    private record Running(
            Work work, NodeReply.Task task, Job job, Duration waited, FairQueue.Place place) {}

    private record Waiting(Work work, Job job, Instant since, Instant until, Instant deadline) {}

    Runs(Turn turn, NodeConfig.Places places, Incidents incidents) {
        this.incidents = incidents;
        this.turn = turn;
        this.places = places;
        this.queue = new FairQueue<>(places.capacity(), places.queueMax());
        yielding = new Yielding(places.yields());
    }

    /** What the operating system says of the machine; others may have begun to use it. */
    void measured(MachineUse use) {
        if (yielding.measured(use, turn.now())) {
            turn.tell(
                    turn.notice(
                            yielding.isYielding() ? "node.yields" : "node.resumes",
                            "this node",
                            yielding.reason()));
        }
    }

    MachineUse use() {
        return yielding.use();
    }

    /** Whether nothing of others is started because the owner uses this machine. */
    boolean yields() {
        return yielding.isYielding();
    }

    /** Runs the work now or soon; refused as BUSY or DEADLINE otherwise. */
    void admit(Work work, Instant deadline, Job job) {
        Instant now = turn.now();
        Instant end = now.plus(places.waitMax());
        Instant until = end.isBefore(deadline) ? end : deadline;
        Waiting waiting = new Waiting(work, job, now, until, deadline);
        Optional<FairQueue.Place> free = queue.enter(work.artefact);
        if (free.isPresent()) {
            queueMicros = queue.length() == 0 ? 0 : queueMicros;
            start(waiting, free.get(), Duration.ZERO);
        } else if (queue.await(work.artefact, waiting)) {
            if (!timerSet) {
                timerSet = true;
                turn.wakeAfter(TIMER, places.waitMax());
            }
        } else {
            job.refused(busy("and the queue has no room left for this function"));
        }
    }

    /** As {@link #admit}, but refused as BUSY as well while the owner uses this machine. */
    void admitOfOthers(Work work, Instant deadline, Job job) {
        if (yielding.isYielding()) {
            job.refused(yields(yielding.reason()));
        } else {
            admit(work, deadline, job);
        }
    }

    /**
     * An invocation ended; unknown numbers are of an earlier life and ignored. Returns the artefact
     * that was missing or damaged, if that is why it did not run.
     */
    Optional<Digest> ran(long run, Outcome outcome, RunFacts facts) {
        Running ended = running.remove(run);
        if (ended == null) {
            return Optional.empty();
        }
        if (outcome instanceof Outcome.Refused) {
            queue.left(ended.place); // lost with its worker: that says nothing of its work
        } else {
            queue.ended(ended.place, outcome.used());
        }
        startNext();
        incidents.ran(ended.work, ended.task.limits(), outcome, facts);
        ended.job.ran(outcome, facts, ended.waited);
        return outcome instanceof Outcome.Refused(var refusal)
                        && refusal.code() == ErrorCode.HASH_MISMATCH
                ? Optional.of(ended.work.artefact())
                : Optional.empty();
    }

    /** Refuses those who have waited too long. */
    void woke() {
        timerSet = false;
        Instant now = turn.now();
        Instant[] next = {now.plus(places.waitMax())};
        List<Waiting> late =
                queue.removeIf(waiting -> {
                    boolean isLate = !now.isBefore(waiting.until);
                    if (!isLate && waiting.until.isBefore(next[0])) {
                        next[0] = waiting.until;
                    }
                    return isLate;
                });
        if (queue.length() > 0) {
            timerSet = true;
            turn.wakeAfter(TIMER, Duration.between(now, next[0]));
        }
        late.forEach(waiting -> waiting.job.refused(tooLate(waiting)));
    }

    int running() {
        return running.size();
    }

    /** What runs now, oldest first. */
    List<NodeReply.Task> tasks() {
        return running.values().stream().map(Running::task).toList();
    }

    /** How many wait for a place. */
    int waiting() {
        return queue.length();
    }

    int capacity() {
        return places.capacity();
    }

    /** What the last job that was started waited, zero while places are free. */
    long queueMicros() {
        return queueMicros;
    }

    private void startNext() {
        for (Optional<FairQueue.Turn<Waiting>> next = queue.next();
                next.isPresent();
                next = queue.next()) {
            Waiting waiting = next.get().work();
            if (turn.now().isBefore(waiting.until)) {
                Duration waited = Duration.between(waiting.since, turn.now());
                queueMicros = waited.toNanos() / 1000;
                start(waiting, next.get().place(), waited);
            } else {
                queue.left(next.get().place());
                waiting.job.refused(tooLate(waiting));
            }
        }
        if (queue.length() == 0 && running.size() < places.capacity()) {
            queueMicros = 0;
        }
    }

    private void start(Waiting waiting, FairQueue.Place place, Duration waited) {
        Work work = waiting.work;
        Duration left = Duration.between(turn.now(), waiting.deadline);
        if (left.toMillis() < 1) {
            queue.left(place);
            waiting.job.refused(new Refusal(DEADLINE, "no time was left to run the call"));
            return;
        }
        long run = ++lastRun;
        Limits limits = work.limits;
        if (left.compareTo(limits.wall()) < 0) {
            limits = new Limits(limits.memory(), limits.fuel(), left);
        }
        NodeReply.Task task = new NodeReply.Task(work.name, turn.now(), limits);
        running.put(run, new Running(work, task, waiting.job, waited, place));
        turn.add(new Effect.Run(run, work.artefact, work.request, limits, work.seed, work.rights));
    }

    private Refusal tooLate(Waiting waiting) {
        return waiting.until.equals(waiting.deadline)
                ? new Refusal(DEADLINE, "the call's time ran out while it waited for a place")
                : busy("and none became free within " + places.waitMax().toMillis() + " ms");
    }

    private static Refusal yields(String why) {
        return new Refusal(
                BUSY,
                "the owner uses this machine: " + why,
                "let more nodes seed the function; this one takes calls again when it is idle");
    }

    private Refusal busy(String why) {
        return new Refusal(
                BUSY,
                String.format(
                        "%d of %d places run calls and %d of %d calls wait, %s",
                        running.size(), places.capacity(), queue.length(), places.queueMax(), why),
                "try again in a moment, or let more nodes seed the function");
    }

    /**
     * Whether the owner of the machine has it to himself at present.
     *
     * <p>What others use at once above one bound begins it, and a calm time below a lower one ends
     * it, so that a load at the edge does not turn the node on and off.
     */
    private static final class Yielding {
        private final boolean asked;
        private MachineUse use = MachineUse.NONE;
        private boolean yields;
        private Instant busyAt = Instant.EPOCH;

        Yielding(boolean asked) {
            this.asked = asked;
        }

        /** Takes a measure; whether it changed what is done. */
        boolean measured(MachineUse measure, Instant now) {
            use = measure;
            if (!asked) {
                return false;
            }
            boolean before = yields;
            if (measure.othersPermille() >= NodeConfig.Places.BUSY_PERMILLE) {
                yields = true;
            }
            if (measure.othersPermille() >= NodeConfig.Places.CALM_PERMILLE) {
                busyAt = now;
            } else if (!now.isBefore(busyAt.plus(NodeConfig.Places.CALM))) {
                yields = false;
            }
            return before != yields;
        }

        boolean isYielding() {
            return yields;
        }

        MachineUse use() {
            return use;
        }

        String reason() {
            return "other programs take %d of 1000 parts of its processors"
                    .formatted(use.othersPermille());
        }
    }
}
