package orb.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import orb.cli.swarm.Peer;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.port.Event;
import orb.node.admission.FairQueue;

/**
 * One polite function beside five hundred that never end, each called again as soon as it has been
 * stopped or turned away: a node's queue and places before a real worker.
 */
final class Neighbours {
    private static final int HOSTILE = 500;
    private static final int ROUNDS = 3;
    private static final Duration ALONE = Duration.ofSeconds(3);
    private static final Duration BESIDE = Duration.ofSeconds(5);
    private static final Duration WARM_UP = Duration.ofSeconds(6);
    private static final int QUEUE_MAX = 512;
    private static final int AGAIN_MILLIS = 100;
    private static final Limits LIMITS =
            new Limits(ByteSize.mib(16), new Fuel(500_000_000), Duration.ofSeconds(5));
    private static final Request REQUEST = Request.post(Bytes.EMPTY);

    private final Path folder;
    private final Report report;
    private final int places = 2 * Runtime.getRuntime().availableProcessors();
    private final FairQueue<Call> queue = new FairQueue<>(places, QUEUE_MAX);
    private final ReentrantLock lock = new ReentrantLock(); // guards the queue
    private final AtomicLong stopped = new AtomicLong();
    private final AtomicLong turnedAway = new AtomicLong();

    /** Someone who wants a function run, and hears what came of it; empty: turned away. */
    private record Call(Digest artefact, CompletableFuture<Optional<Outcome>> answer) {}

    Neighbours(Path folder, Report report) {
        this.folder = folder;
        this.report = report;
    }

    void run() throws IOException {
        Bytes hello = Bytes.wrap(Files.readAllBytes(Tools.compiled(folder, "hello")));
        Bytes endless = Bytes.wrap(Files.readAllBytes(Tools.compiled(folder, "hostile")));
        List<Double> alone = new ArrayList<>();
        List<Double> beside = new ArrayList<>();
        try (WorkerHost host = new WorkerHost(places, ByteSize.mib(1024), folder.resolve("code"));
                ScheduledExecutorService crowd = Executors.newSingleThreadScheduledExecutor()) {
            Digest polite = host.keep(hello);
            host.compile(polite);
            List<Digest> hostile = new ArrayList<>();
            for (int i = 0; i < HOSTILE; i++) {
                hostile.add(host.keep(Distinct.of(endless, "hostile " + i)));
                host.prepare(hostile.getLast());
            }
            politely(host, polite, WARM_UP);
            for (int round = 0; round < ROUNDS; round++) {
                alone.add(politely(host, polite, ALONE));
                long until = System.nanoTime() + BESIDE.toNanos();
                hostile.forEach(each -> again(host, crowd, each, until));
                beside.add(politely(host, polite, BESIDE));
                Peer.pause(3L * 1000); // until the last of them is stopped
            }
        }
        double p99 = median(beside);
        figure("polite_p99_alone_ms", median(alone), "ms", ROUNDS);
        figure("polite_p99_beside_500_ms", p99, "ms", ROUNDS);
        figure("polite_p99_ratio", p99 / median(alone), "x", ROUNDS);
        figure("hostile_stopped", (double) stopped.get(), "runs", HOSTILE);
        figure("hostile_turned_away", (double) turnedAway.get(), "calls", HOSTILE);
    }

    private void figure(String metric, double value, String unit, long n) {
        report.figure(new Figure("sandbox", metric, value, unit, n));
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /** Calls one after the other for so long; the p99 in milliseconds. */
    private double politely(WorkerHost host, Digest polite, Duration time) {
        List<Double> millis = new ArrayList<>();
        long until = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - until < 0) {
            long begun = System.nanoTime();
            Optional<Outcome> outcome = call(host, polite).join();
            millis.add((System.nanoTime() - begun) / 1e6);
            if (!(outcome.orElse(null) instanceof Outcome.Completed)) {
                throw new RefusedException(ErrorCode.INTERNAL, "the polite one got " + outcome);
            }
        }
        return millis.stream().sorted().toList().get(millis.size() * 99 / 100);
    }

    private void again(WorkerHost host, ScheduledExecutorService crowd, Digest one, long until) {
        if (System.nanoTime() - until > 0) {
            return;
        }
        var _ =
                call(host, one)
                        .thenAccept(outcome -> {
                            (outcome.isPresent() ? stopped : turnedAway).incrementAndGet();
                            var _ =
                                    crowd.schedule(
                                            () -> again(host, crowd, one, until),
                                            outcome.isPresent() ? 0 : AGAIN_MILLIS,
                                            TimeUnit.MILLISECONDS);
                        });
    }

    private CompletableFuture<Optional<Outcome>> call(WorkerHost host, Digest artefact) {
        Call call = new Call(artefact, new CompletableFuture<>());
        Optional<FairQueue.Place> place;
        boolean waits = false;
        lock.lock();
        try {
            place = queue.enter(artefact);
            if (place.isEmpty()) {
                waits = queue.await(artefact, call);
            }
        } finally {
            lock.unlock();
        }
        if (place.isPresent()) {
            start(host, call, place.get());
        } else if (!waits) {
            call.answer.complete(Optional.empty());
        }
        return call.answer;
    }

    private void start(WorkerHost host, Call call, FairQueue.Place place) {
        host.run(call.artefact, REQUEST, LIMITS, ran -> ended(host, call, place, ran));
    }

    private void ended(WorkerHost host, Call call, FairQueue.Place place, Event.Ran ran) {
        Optional<FairQueue.Turn<Call>> next;
        lock.lock();
        try {
            queue.ended(place, ran.outcome().used());
            next = queue.next();
        } finally {
            lock.unlock();
        }
        next.ifPresent(turn -> start(host, turn.work(), turn.place()));
        call.answer.complete(Optional.of(ran.outcome()));
    }
}
