package orb.node;

import static orb.kernel.ErrorCode.BUSY;
import static orb.kernel.ErrorCode.DEADLINE;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import orb.kernel.Digest;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.port.Effect;
import orb.kernel.port.MachineUse;
import orb.kernel.port.RunFacts;

/**
 * The places in which invocations run, and the bounded queue before them.
 *
 * <p>A job that finds no place waits; at most {@code queueMax} wait, each at most {@code waitMax}
 * and never beyond its own deadline. Every job that is given here is told exactly one of {@link
 * Job#ran} and {@link Job#refused}. Work per job does not depend on how many wait or run.
 */
final class Runs {
    static final String TIMER = "runs";

    private final Turn turn;
    private final NodeConfig.Places places;
    private final Map<Long, Running> running = new LinkedHashMap<>();
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private boolean timerSet;
    private long lastRun;
    private long queueMicros;
    private final Yielding yielding;

    /** What is to be run; the name is for people. */
    record Work(String name, Digest artefact, Request request, Limits limits, Digest seed) {}

    /** Who wants it run. */
    interface Job {
        /** It ran; {@code waited} is the time in this queue. */
        void ran(Outcome outcome, RunFacts facts, Duration waited);

        /** It was not started. */
        void refused(Refusal refusal);
    }

    private record Running(NodeReply.Task task, Job job, Duration waited) {}

    private record Waiting(Work work, Job job, Instant since, Instant until, Instant deadline) {}

    Runs(Turn turn, NodeConfig.Places places) {
        this.turn = turn;
        this.places = places;
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
        if (running.size() < places.capacity() && queue.isEmpty()) {
            queueMicros = 0;
            start(work, deadline, job, Duration.ZERO);
        } else if (queue.size() < places.queueMax()) {
            Instant until = now.plus(places.waitMax());
            queue.add(
                    new Waiting(
                            work, job, now, until.isBefore(deadline) ? until : deadline, deadline));
            if (!timerSet) {
                timerSet = true;
                turn.wakeAfter(TIMER, places.waitMax());
            }
        } else {
            job.refused(busy("and the queue is full"));
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

    /** An invocation ended; unknown numbers are of an earlier life and ignored. */
    void ran(long run, Outcome outcome, RunFacts facts) {
        Running ended = running.remove(run);
        if (ended == null) {
            return;
        }
        startNext();
        ended.job.ran(outcome, facts, ended.waited);
    }

    /** Refuses those who have waited too long. */
    void woke() {
        timerSet = false;
        List<Waiting> late = new ArrayList<>();
        for (Iterator<Waiting> each = queue.iterator(); each.hasNext(); ) {
            Waiting waiting = each.next();
            if (!turn.now().isBefore(waiting.until)) {
                each.remove();
                late.add(waiting);
            }
        }
        if (!queue.isEmpty()) {
            timerSet = true;
            Duration left = Duration.between(turn.now(), queue.getFirst().until);
            turn.wakeAfter(TIMER, left.compareTo(places.waitMax()) < 0 ? left : places.waitMax());
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
        return queue.size();
    }

    int capacity() {
        return places.capacity();
    }

    /** What the last job that was started waited, zero while places are free. */
    long queueMicros() {
        return queueMicros;
    }

    private void startNext() {
        while (running.size() < places.capacity()) {
            Waiting next = queue.poll();
            if (next == null) {
                queueMicros = 0;
                return;
            }
            if (turn.now().isBefore(next.until)) {
                Duration waited = Duration.between(next.since, turn.now());
                queueMicros = waited.toNanos() / 1000;
                start(next.work, next.deadline, next.job, waited);
            } else {
                next.job.refused(tooLate(next));
            }
        }
    }

    private void start(Work work, Instant deadline, Job job, Duration waited) {
        Duration left = Duration.between(turn.now(), deadline);
        if (left.toMillis() < 1) {
            job.refused(new Refusal(DEADLINE, "no time was left to run the call"));
            return;
        }
        long run = ++lastRun;
        Limits limits = work.limits;
        if (left.compareTo(limits.wall()) < 0) {
            limits = new Limits(limits.memory(), limits.fuel(), left);
        }
        NodeReply.Task task = new NodeReply.Task(work.name, turn.now(), limits);
        running.put(run, new Running(task, job, waited));
        turn.add(new Effect.Run(run, work.artefact, work.request, limits, work.seed));
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
                        running.size(), places.capacity(), queue.size(), places.queueMax(), why),
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
