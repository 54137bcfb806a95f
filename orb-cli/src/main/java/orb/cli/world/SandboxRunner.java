package orb.cli.world;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import orb.kernel.ByteSize;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.TrapCode;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.HostCall;
import orb.kernel.port.HostCalls;
import orb.kernel.port.HostReply;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.RunFacts;
import orb.kernel.port.Runner;
import orb.sandbox.EntryShape;
import orb.sandbox.Module;
import orb.sandbox.Run;
import orb.sandbox.RunInputs;
import orb.sandbox.Sandbox;

/**
 * Runs functions on threads of their own, watched by one more that interrupts those whose wall time
 * has passed.
 *
 * <p>A run that finds every thread taken waits in a bounded queue, which a role that keeps its own
 * capacity never fills. Thread-safe.
 */
final class SandboxRunner implements Runner, AutoCloseable {
    private static final Logger LOG = System.getLogger(SandboxRunner.class.getName());
    private static final int QUEUE_MAX = 4096;

    /** As long a run may go on interpreted beyond its own time; its code comes sooner. */
    private static final long CODE_NANOS = 60_000_000_000L;

    private static final Optional<Module> NONE = Optional.empty();
    private static final long WATCH_NANOS = 10_000_000;

    /** As often the watchdog looks in vain before it sleeps: waking it costs more than a look. */
    private static final int WATCHES_IDLE = 100;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Sandbox sandbox;
    private final Modules modules;
    private final Consumer<Event> reports;
    private final Function<Effect.Run, HostCalls> lines;
    private final ThreadPoolExecutor runs;
    private final ThreadPoolExecutor preparations;
    private final List<Slot> slots = new CopyOnWriteArrayList<>();
    private final AtomicInteger active = new AtomicInteger();
    private final ThreadLocal<Slot> slot = ThreadLocal.withInitial(this::takeSlot);
    private final Thread watchdog;
    private volatile boolean watchdogSleeps;
    private volatile boolean closed;

    /**
     * @param threads runs at once
     * @param modules what runs, made with the same sandbox
     * @param lines opens a run's way to what it is granted
     */
    SandboxRunner(
            Sandbox sandbox,
            int threads,
            Modules modules,
            Consumer<Event> reports,
            Function<Effect.Run, HostCalls> lines) {
        this.lines = lines;
        this.sandbox = sandbox;
        this.modules = modules;
        this.reports = reports;
        runs = pool("orb-run", threads);
        preparations = pool("orb-prepare", 1);
        watchdog = Thread.ofPlatform().daemon(true).name("orb-watchdog").start(this::watch);
    }

    private static ThreadPoolExecutor pool(String name, int threads) {
        return new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUE_MAX),
                Thread.ofPlatform()
                        .daemon(true)
                        .name(name, 0)
                        .stackSize(Sandbox.STACK_BYTES.bytes())
                        .factory());
    }

    @Override
    public void prepare(Effect.Prepare effect) {
        Digest artefact = effect.artefact();
        try {
            preparations.execute(() ->
                    reports.accept(
                            new Event.Prepared(
                                    artefact, modules.module(artefact).map(this::facts))));
        } catch (RejectedExecutionException e) {
            reports.accept(new Event.Prepared(artefact, Result.refused(busy())));
        }
    }

    @Override
    public void run(Effect.Run effect) {
        long queued = System.nanoTime();
        try {
            runs.execute(() -> reports.accept(ran(effect, queued)));
        } catch (RejectedExecutionException e) {
            reports.accept(new Event.Ran(effect.run(), new Outcome.Refused(busy()), RunFacts.NONE));
        }
    }

    /**
     * Compiled code of an artefact has come, or will not come: what runs interpreted begins again,
     * which nobody can tell from the outside: one that has asked its node for something does not,
     * because it could write or send twice. Until then its time did not count, as little as if it
     * had waited for the code.
     */
    void improve(Digest artefact) {
        try {
            preparations.execute(() -> {
                modules.improve(artefact);
                slots.forEach(each -> each.interruptToBeginAgain(artefact));
            });
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, artefact + " stays interpreted, for too much waits");
        }
    }

    private Event.Ran ran(Effect.Run effect, long queued) {
        long begun = System.nanoTime();
        Optional<Module> known = modules.known(effect.artefact());
        boolean warm = known.isPresent();
        Result<Module> found = warm ? Result.ok(known.get()) : modules.module(effect.artefact());
        long prepared = System.nanoTime();
        if (found instanceof Result.Refused<Module>(var refusal)) {
            return new Event.Ran(effect.run(), new Outcome.Refused(refusal), RunFacts.NONE);
        }
        Slot mine = slot.get();
        active.getAndIncrement();
        if (watchdogSleeps) {
            LockSupport.unpark(watchdog);
        }
        HostCalls line = mine.line(lines.apply(effect));
        Run run;
        long cpu = THREADS.getCurrentThreadCpuTime();
        try {
            run = invoked(found.orThrow(), effect, mine, line);
        } finally {
            cpu = THREADS.getCurrentThreadCpuTime() - cpu;
            active.getAndDecrement();
        }
        RunFacts facts =
                new RunFacts(
                        begun - queued,
                        warm ? 0 : prepared - begun,
                        run.timings().instantiateNanos(),
                        run.timings().runNanos(),
                        Math.max(0, cpu),
                        new ByteSize((long) run.peakPages() << 16),
                        run.logs(),
                        warm,
                        line.denied());
        return new Event.Ran(effect.run(), run.outcome(), facts);
    }

    private Run invoked(Module module, Effect.Run effect, Slot mine, HostCalls line) {
        long wall = effect.limits().wall().toNanos();
        Module current = module;
        for (; ; ) {
            boolean isProvisional = modules.isProvisional(current);
            long patience = isProvisional ? wall + CODE_NANOS : wall;
            mine.begin(System.nanoTime() + patience, isProvisional ? Optional.of(current) : NONE);
            if (isProvisional && !modules.isProvisional(current)) {
                current = modules.known(effect.artefact()).orElse(current);
                continue; // its code came in between, and nobody interrupts it any more
            }
            Run run;
            boolean again;
            try {
                run =
                        sandbox.invoke(
                                current,
                                effect.request(),
                                effect.limits(),
                                inputs(effect.seed()),
                                line);
            } finally {
                again = mine.end();
            }
            if (!again || !isInterrupted(run.outcome())) {
                return run;
            }
            current = modules.known(effect.artefact()).orElse(current);
        }
    }

    private static boolean isInterrupted(Outcome outcome) {
        return outcome instanceof Outcome.Trapped(var code, _, _) && code == TrapCode.DEADLINE;
    }

    /** Time stands still and chance follows from the call, so that a run can be repeated. */
    private static RunInputs inputs(Digest seed) {
        byte[] bytes = seed.bytes().array();
        long start = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            start = start << 8 | bytes[i] & 0xff;
        }
        return new RunInputs(Instant.EPOCH, start);
    }

    private ModuleFacts facts(Module module) {
        return new ModuleFacts(
                module.artefact(),
                new ByteSize(module.length()),
                shape(module.shape()),
                module.gasVersion());
    }

    static String shape(EntryShape shape) {
        return switch (shape) {
            case COMMAND -> "wasi";
            case HANDLER -> "handler";
            case SCRIPT -> "script";
        };
    }

    private static Refusal busy() {
        return new Refusal(
                ErrorCode.BUSY, QUEUE_MAX + " runs wait already", "try again in a moment");
    }

    private Slot takeSlot() {
        Slot taken = new Slot();
        slots.add(taken); // one a thread, and threads are few
        return taken;
    }

    private void watch() {
        int idle = 0;
        while (!closed) {
            if (idle >= WATCHES_IDLE) {
                sleep();
                idle = 0;
            }
            idle = active.get() == 0 ? idle + 1 : 0;
            LockSupport.parkNanos(this, WATCH_NANOS);
            long now = System.nanoTime();
            for (Slot each : slots) {
                each.interruptIfLate(now);
            }
        }
    }

    /** Until a run begins; it looks at the flag after it has counted itself. */
    private void sleep() {
        watchdogSleeps = true;
        while (active.get() == 0 && !closed) {
            LockSupport.park(this);
        }
        watchdogSleeps = false;
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(watchdog);
        runs.shutdownNow();
        preparations.shutdownNow();
    }

    /** What one thread runs at present; the lock keeps an interrupt from hitting the next run. */
    private static final class Slot {
        private Optional<Thread> running = Optional.empty();
        private Optional<Digest> waitsFor = Optional.empty();
        private long deadline;
        private boolean beginsAgain;

        synchronized void begin(long until, Optional<Module> provisional) {
            running = Optional.of(Thread.currentThread());
            waitsFor = provisional.map(Module::artefact);
            deadline = until;
            beginsAgain = false;
        }

        /**
         * From now on it cannot begin again: what it asks its node for may last.
         *
         * @throws InterruptedException if it is to begin again, and has asked for nothing yet
         */
        private synchronized void commit() throws InterruptedException {
            if (beginsAgain) {
                throw new InterruptedException("it begins again");
            }
            waitsFor = Optional.empty();
        }

        /** Commits the run before the first call reaches the node. */
        HostCalls line(HostCalls line) {
            return new HostCalls() {
                @Override
                public HostReply call(HostCall call) throws InterruptedException {
                    commit();
                    return line.call(call);
                }

                @Override
                public List<String> denied() {
                    return line.denied();
                }
            };
        }

        /** Whether it was interrupted to begin again, and not because its time was up. */
        synchronized boolean end() {
            running = Optional.empty();
            Thread.interrupted(); // one that came too late to be noticed
            return beginsAgain;
        }

        synchronized void interruptIfLate(long now) {
            if (running.isPresent() && now - deadline > 0) {
                beginsAgain = false;
                running.get().interrupt();
            }
        }

        synchronized void interruptToBeginAgain(Digest artefact) {
            if (running.isPresent() && waitsFor.filter(artefact::equals).isPresent()) {
                beginsAgain = true;
                running.get().interrupt();
            }
        }
    }
}
