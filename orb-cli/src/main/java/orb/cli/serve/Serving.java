package orb.cli.serve;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import orb.cli.api.Outcomes;
import orb.cli.workshop.Ready;
import orb.cli.world.Watchdog;
import orb.host.capability.TrialCalls;
import orb.host.gateway.CallReply;
import orb.host.gateway.Calls;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Header;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.sandbox.Module;
import orb.sandbox.Run;
import orb.sandbox.RunInputs;
import orb.sandbox.Sandbox;

/**
 * Answers calls by running one function, each in a fresh sandbox of this process.
 *
 * <p>A function that has been quick runs on the network's own thread: handing a call over to
 * another thread and its answer back costs more than a short run. One that takes long runs on
 * threads of its own, so that it does not hold up other connections; so do the first calls after a
 * change. Thread-safe.
 */
public final class Serving implements Calls, AutoCloseable {
    private static final int QUEUE_MAX = 4096;

    /** A run that takes less is not worth handing over. */
    private static final long SHORT_NANOS = 4_000_000;

    /** The share of the newest run in the mean, as a shift. */
    private static final int NEWEST_SHIFT = 3;

    private final Sandbox sandbox;
    private final Consumer<String> logs;
    private final Watchdog watchdog = new Watchdog();
    private final ThreadPoolExecutor runs;
    private volatile Loaded loaded;

    /**
     * @param threads runs at once, besides those on the network's threads
     * @param logs takes what the function prints, a run at a time, from any thread
     */
    public Serving(Sandbox sandbox, Ready ready, int threads, Consumer<String> logs) {
        this.sandbox = sandbox;
        this.logs = logs;
        loaded = load(ready);
        runs =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(QUEUE_MAX),
                        Thread.ofPlatform()
                                .daemon(true)
                                .name("orb-run", 0)
                                .stackSize(Sandbox.STACK_BYTES.bytes())
                                .factory());
    }

    /**
     * Serves this from the next call on; calls under way end with what they began with.
     *
     * @throws orb.kernel.RefusedException if it is not admitted; the old one stays then
     */
    public void replace(Ready ready) {
        loaded = load(ready);
    }

    private Loaded load(Ready ready) {
        return new Loaded(ready, sandbox.prepare(ready.artefact()).orThrow());
    }

    @Override
    public void call(FunctionName name, Request request, Optional<Bytes> token, CallReply reply) {
        Loaded now = loaded;
        if (now.meanNanos < SHORT_NANOS) {
            run(now, request, reply);
            return;
        }
        try {
            runs.execute(() -> run(now, request, reply));
        } catch (RejectedExecutionException e) {
            reply.refuse(
                    new Refusal(
                            ErrorCode.BUSY,
                            QUEUE_MAX + " runs wait already",
                            "try again in a moment"));
        }
    }

    private void run(Loaded now, Request request, CallReply reply) {
        RunInputs inputs = new RunInputs(Instant.EPOCH, ThreadLocalRandom.current().nextLong());
        watchdog.begin(System.nanoTime() + now.ready.limits().wall().toNanos());
        Run run;
        try {
            run =
                    sandbox.invoke(
                            now.module,
                            request,
                            now.ready.limits(),
                            inputs,
                            new TrialCalls(now.ready.grants()));
        } finally {
            watchdog.end();
        }
        now.took(run.timings().instantiateNanos() + run.timings().runNanos());
        answer(now, run, reply);
        if (!run.logs().isEmpty()) {
            logs.accept(now.ready.explain().apply(run.logs().utf8()));
        }
    }

    private static void answer(Loaded now, Run run, CallReply reply) {
        List<Header> own =
                List.of(
                        new Header("x-orb-fuel", Long.toString(run.outcome().used().units())),
                        new Header("x-orb-micros", Long.toString(run.timings().runNanos() / 1000)));
        if (run.outcome() instanceof Outcome.Completed(var response, _)) {
            reply.send(response, own);
            return;
        }
        Refusal refusal = Outcomes.refusal(run.outcome());
        String what = now.ready.explain().apply(refusal.what());
        reply.refuse(new Refusal(refusal.code(), what, refusal.next()), own);
    }

    /** Lets no further run begin; those under way are interrupted. */
    @Override
    public void close() {
        runs.shutdownNow();
        watchdog.close();
    }

    /** A version of the function, and how long its runs take. */
    private static final class Loaded {
        final Ready ready;
        final Module module;

        // threads overwrite each other's sums now and then, which a mean can bear
        volatile long meanNanos = 2 * SHORT_NANOS;

        Loaded(Ready ready, Module module) {
            this.ready = ready;
            this.module = module;
        }

        void took(long nanos) {
            long mean = meanNanos;
            meanNanos = mean + ((nanos - mean) >> NEWEST_SHIFT);
        }
    }
}
