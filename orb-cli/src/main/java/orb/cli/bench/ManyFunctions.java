package orb.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import orb.cli.swarm.Peer;
import orb.cli.swarm.Samples;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.port.Event;

/**
 * Many different functions on one node of 2 GB: copies of a module of 50 KB, each with a digest of
 * its own, so that nothing of one serves another.
 *
 * <p>Deploying compiles each of them once; that is bounded in time, and the figures say how many
 * there were. Then a new worker has none of them in memory.
 */
final class ManyFunctions {
    private static final ByteSize HEAP = ByteSize.mib(2048 - 640);
    private static final int WARM_UP = 20;
    private static final int COLD_MAX = 200;
    private static final int POOLED = 100;
    private static final int POOLED_MIN = 10;
    private static final int RANDOM = 1_000;
    private static final long LOAD_NANOS = 6_000_000_000L;
    private static final int SETTLE_MILLIS = 12_000;

    private final Path code;
    private final int wanted;
    private final Duration deploying;
    private final Report report;
    private final int places = 2 * Runtime.getRuntime().availableProcessors();
    private final Random random = new Random(1);

    /**
     * @param code where compiled code is kept
     * @param wanted functions to deploy
     * @param deploying how long that may take; there are fewer if it would take longer
     */
    ManyFunctions(Path code, int wanted, Duration deploying, Report report) {
        this.code = code;
        this.wanted = wanted;
        this.deploying = deploying;
        this.report = report;
    }

    void run() throws IOException {
        Bytes module =
                Bytes.wrap(
                        Files.readAllBytes(Samples.folder("thumbnail").resolve("thumbnail.wasm")));
        Bytes picture =
                Bytes.wrap(
                        Files.readAllBytes(Samples.folder("thumbnail").resolve("photo.thumb.png")));
        Request request = new Request("POST", "/", "w=8", List.of(), picture);
        List<Bytes> deployed = new ArrayList<>();
        try (WorkerHost host = new WorkerHost(places, HEAP, code)) {
            long begun = System.nanoTime();
            while (deployed.size() < wanted && System.nanoTime() - begun < deploying.toNanos()) {
                Bytes next = Distinct.of(module, "function " + deployed.size());
                host.compile(host.keep(next));
                deployed.add(next);
            }
            double millis = (System.nanoTime() - begun) / 1e6 / deployed.size();
            figure("deploy_function_ms", millis, "ms", deployed.size());
        }
        try (WorkerHost host = new WorkerHost(places, HEAP, code)) {
            List<Digest> all = deployed.stream().map(host::keep).toList();
            cold(host, all, request);
            pooled(host, all, request);
            throughput(host, all, request);
        }
    }

    private void cold(WorkerHost host, List<Digest> all, Request request) throws IOException {
        List<Double> millis = new ArrayList<>();
        int count = cold(all);
        int warmUp = Math.min(WARM_UP, count / 4);
        for (int i = 0; i < count; i++) {
            long begun = System.nanoTime();
            check(host.run(all.get(i), request, Limits.DEFAULT));
            if (i >= warmUp) {
                millis.add((System.nanoTime() - begun) / 1e6);
            }
        }
        millis.sort(Double::compare);
        if (!millis.isEmpty()) {
            double p50 = millis.get(millis.size() / 2);
            figure("cold_function_p50_ms", p50, "ms", millis.size());
        }
    }

    /** How many of all are called when cold; the others are for the memory that they take. */
    private static int cold(List<Digest> all) {
        return Math.min(all.size() / 2, WARM_UP + COLD_MAX);
    }

    private static void check(Event.Ran ran) {
        if (!(ran.outcome() instanceof Outcome.Completed)) {
            throw new RefusedException(ErrorCode.INTERNAL, "a function: " + ran.outcome());
        }
    }

    /** What a hundred functions more in its memory take, after the collector has run. */
    private void pooled(WorkerHost host, List<Digest> all, Request request) throws IOException {
        int from = cold(all);
        int to = Math.min(all.size(), from + POOLED);
        if (to - from < POOLED_MIN) {
            report.lacks("sandbox", "pooled_instance_kb", "only " + all.size() + " were deployed");
            return;
        }
        Peer.pause(SETTLE_MILLIS);
        double before = host.memory();
        for (Digest each : all.subList(from, to)) {
            check(host.run(each, request, Limits.DEFAULT));
        }
        Peer.pause(SETTLE_MILLIS);
        double each = (host.memory() - before) * 1024 / (to - from);
        figure("pooled_instance_kb", each, "KiB", to - from);
    }

    private void throughput(WorkerHost host, List<Digest> all, Request request) {
        List<Digest> one = all.subList(0, 1);
        List<Digest> many = all.subList(0, Math.min(RANDOM, all.size()));
        load(host, one, request);
        load(host, many, request);
        double alone = load(host, one, request);
        double mixed = load(host, many, request);
        figure("one_function_per_s", alone, "1/s", 1);
        figure("random_functions_per_s", mixed, "1/s", many.size());
        figure("random_of_1000_vs_one", mixed / alone, "x", many.size());
    }

    /** Runs a second, with every place of the worker taken. */
    private double load(WorkerHost host, List<Digest> among, Request request) {
        Semaphore free = new Semaphore(places);
        AtomicLong done = new AtomicLong();
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < LOAD_NANOS) {
            free.acquireUninterruptibly();
            Digest next = among.get(random.nextInt(among.size()));
            host.run(
                    next,
                    request,
                    Limits.DEFAULT,
                    ran -> {
                        if (ran.outcome() instanceof Outcome.Completed) {
                            done.incrementAndGet();
                        }
                        free.release();
                    });
        }
        free.acquireUninterruptibly(places);
        return done.get() * 1e9 / (System.nanoTime() - begun);
    }

    private void figure(String metric, double value, String unit, long n) {
        report.figure(new Figure("sandbox", metric, value, unit, n));
    }
}
