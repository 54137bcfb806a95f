package orb.cli.world;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import orb.kernel.ByteSize;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.Timing;
import orb.kernel.TrapCode;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.HostCalls;
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

    /**
     * As long a run may go on interpreted beyond its own time, unless it asks its node for
     * something; its code comes sooner.
     */
    private static final long CODE_NANOS = 60_000_000_000L;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Sandbox sandbox;
    private final Modules modules;
    private final Consumer<Event> reports;
    private final Function<Effect.Run, HostCalls> lines;
    private final ThreadPoolExecutor runs;
    private final ThreadPoolExecutor preparations;
    private final Watchdog watchdog = new Watchdog();
    private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();

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
                attempts.forEach(each -> each.beginAgain(artefact));
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
        HostCalls line = lines.apply(effect);
        long cpu = THREADS.getCurrentThreadCpuTime();
        Run run = ran(found.orThrow(), effect, line);
        cpu = THREADS.getCurrentThreadCpuTime() - cpu;
        RunFacts facts =
                new RunFacts(
                        new Timing(
                                begun - queued,
                                0, // the node fetches
                                warm ? 0 : prepared - begun,
                                run.timings().instantiateNanos(),
                                run.timings().runNanos(),
                                warm),
                        Math.max(0, cpu),
                        new ByteSize((long) run.peakPages() << 16),
                        run.logs(),
                        line.denied());
        return new Event.Ran(effect.run(), run.outcome(), facts);
    }

    private Run ran(Module module, Effect.Run effect, HostCalls line) {
        return modules.isProvisional(module)
                ? provisional(module, effect, line)
                : invoked(module, effect, line);
    }

    private Run invoked(Module module, Effect.Run effect, HostCalls line) {
        watchdog.begin(System.nanoTime() + effect.limits().wall().toNanos());
        try {
            return sandbox.invoke(
                    module, effect.request(), effect.limits(), inputs(effect.seed()), line);
        } finally {
            watchdog.end();
        }
    }

    /** Interpreted, and from the start with compiled code if that comes before the end. */
    private Run provisional(Module module, Effect.Run effect, HostCalls line) {
        Attempt attempt = new Attempt(effect.artefact(), effect.limits().wall());
        Watchdog.Slot slot =
                watchdog.begin(System.nanoTime() + effect.limits().wall().toNanos() + CODE_NANOS);
        attempt.isProvisional(slot);
        attempts.add(attempt);
        Optional<Run> run = Optional.empty();
        boolean isLate;
        boolean again;
        try {
            if (modules.isProvisional(module)) { // else its code came before it could be told
                run =
                        Optional.of(
                                sandbox.invoke(
                                        module,
                                        effect.request(),
                                        effect.limits(),
                                        inputs(effect.seed()),
                                        attempt.line(line)));
            }
        } finally {
            attempts.remove(attempt);
            again = attempt.ended();
            isLate = watchdog.end();
        }
        if (run.isPresent() && (!again || isLate || !isInterrupted(run.get().outcome()))) {
            return run.get();
        }
        Module better = modules.known(effect.artefact()).orElse(module);
        return invoked(better, effect, line);
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

    @Override
    public void close() {
        watchdog.close();
        runs.shutdownNow();
        preparations.shutdownNow();
    }
}
