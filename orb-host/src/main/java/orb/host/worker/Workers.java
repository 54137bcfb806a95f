package orb.host.worker;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import orb.host.walls.Walls;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.UseReport;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.MachineUse;
import orb.kernel.port.RunFacts;
import orb.kernel.port.Runner;

/**
 * Runs functions in a worker process, started when it is first needed and again when it ends.
 *
 * <p>One worker at a time takes new work. A worker that has something it cannot end, such as a run
 * beyond its deadline and the grace after it, is retired: the overdue is answered, what else runs
 * there goes on to its end, and then the process is ended; new work goes to a new one. A worker
 * that gives no sign of life, says what it may not, or is killed, takes its runs with it: each is
 * refused with {@code ORB-0209}, so that a tracker gives it to another host and nobody pays for it.
 *
 * <p>The memory that runs may take is promised in full when they are sent; a run beyond what is
 * left is refused as busy, so that no function can take another's. Thread-safe; never blocks.
 */
public final class Workers implements Runner, AutoCloseable {
    private static final Logger LOG = System.getLogger(Workers.class.getName());
    private static final long WATCH_NANOS = 100_000_000;
    private static final long CLOSE_NANOS = 3_000_000_000L;
    private static final int RETIRING_MAX = 3;

    private final Walls walls;
    private final ToWorker.Start start;
    private final WorkerPorts ports;
    private final WorkerTimes times;
    private final long memoryMax;
    private final Thread watchdog;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition gone = lock.newCondition();

    // guarded by lock
    private final Map<Worker, Duty> duties = new LinkedHashMap<>();
    private final Strikes strikes;
    private Optional<Worker> taking = Optional.empty();
    private long promised;
    private final RestartPause pause;
    private final ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor();
    private boolean closed;
    private long started;

    /**
     * Starts nothing yet.
     *
     * @param engine the module of the script engine, empty for none
     */
    public Workers(
            Walls walls,
            WorkerProgram program,
            Bytes engine,
            WorkerPorts ports,
            WorkerTimes times) {
        this.walls = walls;
        this.start = new ToWorker.Start(program.threads(), engine);
        this.ports = ports;
        this.times = times;
        this.memoryMax = program.runMemory();
        this.strikes = new Strikes(times.quarantine(), ports.reports());
        this.pause = new RestartPause(System.nanoTime());
        ports.compiling().ifPresent(each -> each.whenMade(this::compiled));
        watchdog = Thread.ofPlatform().daemon(true).name("orb-workers").start(this::watch);
    }

    /** What the operating system says that the workers use now; nothing of others. */
    public MachineUse use() {
        List<Worker> alive;
        long count;
        lock.lock();
        try {
            alive = List.copyOf(duties.keySet());
            count = started;
        } finally {
            lock.unlock();
        }
        var uses = alive.stream().limit(UseReport.WORKERS_MAX).map(Worker::use).toList();
        return new MachineUse(count, uses, 0);
    }

    /** The same of the process that compiles for them, under number 0. */
    public Optional<UseReport.Worker> compilingUse() {
        return ports.compiling().flatMap(Compiling::use);
    }

    /** Gives new code to whoever may need it; a worker without the artefact is not told. */
    private void compiled(Digest artefact, Bytes code) {
        List<Worker> all;
        lock.lock();
        try {
            all = List.copyOf(duties.keySet());
        } finally {
            lock.unlock();
        }
        all.forEach(worker -> worker.send(new ToWorker.Code(artefact, code)));
    }

    @Override
    public void prepare(Effect.Prepare effect) {
        Digest artefact = effect.artefact();
        long now = System.nanoTime();
        Optional<Refusal> refused;
        lock.lock();
        try {
            refused = strikes.refusal(artefact, now).or(() -> hindrance(now));
            if (refused.isEmpty()) {
                Worker worker = taking(now);
                Duty duty = duty(worker);
                duty.prepare(artefact, now, times.prepare().toNanos());
                worker.send(new ToWorker.Prepare(artefact));
            }
        } finally {
            lock.unlock();
        }
        refused.ifPresent(refusal -> unprepared(artefact, refusal));
        LockSupport.unpark(watchdog);
    }

    @Override
    public void run(Effect.Run effect) {
        long now = System.nanoTime();
        boolean first = false;
        Optional<Refusal> refused;
        lock.lock();
        try {
            refused =
                    strikes.refusal(effect.artefact(), now)
                            .or(() ->
                                    Reasons.shortage(effect.limits().memory(), promised, memoryMax))
                            .or(() -> hindrance(now));
            if (refused.isEmpty()) {
                Worker worker = taking(now);
                Duty duty = duty(worker);
                first = duty.isIdle();
                long allowed = effect.limits().wall().plus(times.grace()).toNanos();
                if (!duty.isCompiled(effect.artefact()) || ports.isBeingMade(effect.artefact())) {
                    allowed += times.prepare().toNanos();
                }
                RunLine line = new RunLine(ports.lines().apply(effect), askers);
                duty.runs.put(effect.run(), new Duty.Running(effect, now, allowed, line));
                promised += effect.limits().memory().bytes();
                worker.send(new ToWorker.Run(effect));
            }
        } finally {
            lock.unlock();
        }
        refused.ifPresent(refusal -> unrun(effect.run(), refusal));
        if (first) {
            LockSupport.unpark(watchdog);
        }
    }

    /** Why no worker takes work now. */
    private Optional<Refusal> hindrance(long now) {
        if (closed) {
            return Optional.of(new Refusal(ErrorCode.WORKER_LOST, "the node is ending"));
        }
        return taking.isPresent() ? Optional.empty() : pause.refusal(now);
    }

    /** The worker for new work, started if there is none. */
    private Worker taking(long now) {
        if (taking.isPresent()) {
            return taking.get();
        }
        Worker worker = new Worker(++started, walls, start, new Ears(), ports.sources());
        duties.put(worker, new Duty(now));
        taking = Optional.of(worker);
        return worker;
    }

    private Duty duty(Worker worker) {
        Duty duty = duties.get(worker);
        if (duty == null) {
            throw new IllegalStateException("a worker without a duty");
        }
        return duty;
    }

    private void unprepared(Digest artefact, Refusal refusal) {
        ports.reports().accept(new Event.Prepared(artefact, Result.refused(refusal)));
    }

    private void unrun(long run, Refusal refusal) {
        ports.reports().accept(new Event.Ran(run, new Outcome.Refused(refusal), RunFacts.NONE));
    }

    /** What workers say, on their threads. */
    private final class Ears implements Worker.Listener {
        @Override
        public void heard(Worker from, FromWorker message) {
            Optional<Event> report;
            lock.lock();
            try {
                Duty duty = duties.get(from);
                if (duty == null) {
                    return;
                }
                duty.heardAt = System.nanoTime();
                report = understood(from, duty, message);
            } finally {
                lock.unlock();
            }
            report.ifPresent(ports.reports());
        }

        @Override
        public void lacks(Worker worker, ToWorker message) {
            switch (message) {
                case ToWorker.Prepare(var artefact) -> lacking(worker, artefact);
                case ToWorker.Run(var run) -> {
                    lock.lock();
                    try {
                        Duty duty = duties.get(worker);
                        if (duty == null || duty.runs.remove(run.run()) == null) {
                            return;
                        }
                        promised -= run.limits().memory().bytes();
                    } finally {
                        lock.unlock();
                    }
                    unrun(run.run(), Reasons.absent(run.artefact()));
                }
                default -> {} // these name no artefact that has to be there
            }
        }

        @Override
        public void fetched(Worker worker, ToWorker message, long nanos) {
            if (message instanceof ToWorker.Run(var run)) {
                withDuty(worker, duty -> duty.fetched(run.run(), nanos));
            }
        }

        private void lacking(Worker worker, Digest artefact) {
            lock.lock();
            try {
                Duty duty = duties.get(worker);
                if (duty == null || !duty.answered(artefact)) {
                    return;
                }
            } finally {
                lock.unlock();
            }
            unprepared(artefact, Reasons.absent(artefact));
        }

        @Override
        public void garbled(Worker from, String how) {
            withDuty(from, duty -> violated(from, duty, how));
        }

        private void withDuty(Worker worker, Consumer<Duty> then) {
            lock.lock();
            try {
                Optional.ofNullable(duties.get(worker)).ifPresent(then);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void ended(Worker worker, String why) {
            Duty duty;
            boolean silent;
            lock.lock();
            try {
                duty = duties.remove(worker);
                gone.signalAll();
                silent = closed || duty == null;
                if (duty != null) {
                    over(worker, duty, why);
                }
            } finally {
                lock.unlock();
            }
            if (duty != null && !silent) {
                bury(duty, why);
            }
        }
    }

    /** What is to be reported; whatever was not asked for ends the worker. */
    private Optional<Event> understood(Worker from, Duty duty, FromWorker message) {
        switch (message) {
            case FromWorker.Ready(var version) -> {
                if (duty.ready || version != WorkerCodec.VERSION) {
                    violated(from, duty, "ready twice, or of version " + version);
                }
                duty.ready = true;
                duty.readyAt = duty.heardAt;
            }
            case FromWorker.Pong(var number) -> {
                if (number != duty.pinged) {
                    violated(from, duty, "pong " + number);
                }
                duty.pinged = 0;
            }
            case FromWorker.Prepared(var report) -> {
                if (duty.answered(report.artefact())) {
                    if (report.facts().isOk()) {
                        duty.compiled(report.artefact());
                    }
                    endIfRetired(from, duty);
                    return Optional.of(report);
                }
                violated(from, duty, "prepared what was not asked for");
            }
            case FromWorker.Ran(var report) -> {
                Duty.Running running = duty.runs.get(report.run());
                Optional<String> wrong =
                        running == null
                                ? Optional.of("run " + report.run() + " is not under way")
                                : WorkerCodec.contradiction(running.effect(), report);
                if (running != null && wrong.isEmpty()) {
                    duty.runs.remove(report.run());
                    promised -= running.effect().limits().memory().bytes();
                    return Optional.of(ran(from, duty, running, report));
                }
                violated(from, duty, wrong.orElseThrow());
            }
            case FromWorker.Asked said ->
                    duty.ask(said, from::send).ifPresent(how -> violated(from, duty, how));
            case FromWorker.Compiled _ ->
                    violated(from, duty, "code, which nobody takes from a worker");
        }
        return Optional.empty();
    }

    private Event.Ran ran(Worker from, Duty duty, Duty.Running running, Event.Ran report) {
        if (!(report.outcome() instanceof Outcome.Refused)) {
            strikes.clear(running.effect().artefact());
            duty.compiled(running.effect().artefact());
        }
        endIfRetired(from, duty);
        running.line().close();
        return running.measured(report, System.nanoTime());
    }

    private void violated(Worker worker, Duty duty, String how) {
        LOG.log(Level.WARNING, "a worker said what it may not and is ended: " + how);
        duty.violation = Optional.of(how);
        worker.kill();
    }

    private void endIfRetired(Worker worker, Duty duty) {
        if (duty.isIdle() && !taking.equals(Optional.of(worker))) {
            worker.kill();
        }
    }

    /** Counts an end, and makes the next start wait if ends come one after another. */
    private void over(Worker worker, Duty duty, String why) {
        long now = System.nanoTime();
        duty.runs.values().forEach(each -> promised -= each.effect().limits().memory().bytes());
        if (!taking.equals(Optional.of(worker))) {
            return; // it had been retired, and its end was asked for
        }
        taking = Optional.empty();
        pause.ended(duty.ready, now - duty.begun, why, now);
        if (duty.ready) {
            duty.runs.values().forEach(each -> strikes.strike(each.effect().artefact(), now));
            duty.preparing().forEach(each -> strikes.strike(each, now));
        }
    }

    /** Answers what a worker took with it. */
    private void bury(Duty duty, String why) {
        Refusal refusal = Reasons.ended(duty.ready, why);
        if (!duty.isIdle()) {
            LOG.log(Level.WARNING, refusal + "; " + duty.runs.size() + " runs were lost");
        }
        duty.suspects().forEach(ports.reports());
        Outcome outcome = new Outcome.Refused(refusal);
        duty.runs.values().forEach(each -> ports.reports().accept(each.ended(outcome)));
        duty.preparing().forEach(artefact -> unprepared(artefact, refusal));
    }

    private void watch() {
        for (; ; ) {
            List<Event> late = new ArrayList<>();
            boolean idle = true;
            lock.lock();
            try {
                if (closed) {
                    return;
                }
                for (Map.Entry<Worker, Duty> each : List.copyOf(duties.entrySet())) {
                    idle &= each.getValue().isIdle();
                    look(each.getKey(), each.getValue(), late);
                }
            } finally {
                lock.unlock();
            }
            late.forEach(ports.reports());
            if (idle) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, WATCH_NANOS);
            }
        }
    }

    private void look(Worker worker, Duty duty, List<Event> late) {
        long now = System.nanoTime();
        int before = late.size();
        lateRuns(duty, now, late);
        latePreparations(duty, now, late);
        if (late.size() > before) {
            retire(worker, duty);
        }
        if (duty.isIdle()) {
            duty.pinged = 0;
            duty.heardAt = now;
        } else if (!duty.ready) {
            if (now - duty.begun > times.start().toNanos()) {
                LOG.log(Level.WARNING, "a worker did not become ready and is ended");
                worker.kill();
            }
        } else if (duty.pinged != 0 && now - duty.pingedAt > times.silence().toNanos()) {
            LOG.log(Level.WARNING, "a worker gave no sign of life and is ended");
            worker.kill();
        } else if (duty.pinged == 0 && now - duty.heardAt > times.silence().toNanos() / 4) {
            worker.send(duty.ping(now));
        }
    }

    private void lateRuns(Duty duty, long now, List<Event> late) {
        for (Duty.Running running : duty.takeLateRuns(now)) {
            promised -= running.effect().limits().memory().bytes();
            strikes.strike(running.effect().artefact(), now);
            late.add(running.ended(Reasons.late()));
        }
    }

    private void latePreparations(Duty duty, long now, List<Event> late) {
        Refusal refusal = Reasons.tooLong(times.prepare());
        for (Digest artefact : duty.takeLatePreparations(now)) {
            strikes.strike(artefact, now);
            late.add(new Event.Prepared(artefact, Result.refused(refusal)));
        }
    }

    /** Gives it no new work; ends it once what else it does has ended. */
    private void retire(Worker worker, Duty duty) {
        if (taking.equals(Optional.of(worker))) {
            taking = Optional.empty();
            LOG.log(Level.WARNING, "a worker could not end what it did and is retired");
        }
        endIfRetired(worker, duty);
        int retired = duties.size() - (taking.isPresent() ? 1 : 0);
        if (retired > RETIRING_MAX) { // each still holds its memory
            duties.keySet().iterator().next().kill();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            duties.keySet().forEach(Worker::kill);
            long left = CLOSE_NANOS;
            while (!duties.isEmpty() && left > 0) { // their control groups go with them
                left = gone.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        LockSupport.unpark(watchdog);
        askers.shutdownNow();
        ports.compiling().ifPresent(Compiling::close);
        walls.close();
    }
}
