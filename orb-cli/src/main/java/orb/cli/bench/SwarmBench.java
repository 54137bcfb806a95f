package orb.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import orb.cli.client.Api;
import orb.cli.swarm.LocalSwarm;
import orb.cli.swarm.Peer;
import orb.cli.swarm.Ports;
import orb.cli.swarm.Samples;
import orb.cli.workshop.Workshop;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;
import orb.kernel.Request;

/**
 * Measures a swarm of its own with {@code wrk} as load generator; loopback only, bounded in time.
 *
 * <p>A busy machine makes all rates worthless, so two things are measured that it changes less:
 * processor time per request, summed over the processes, and a reference in the same run.
 */
public final class SwarmBench {
    /** After this long a node has given back what its start took. */
    private static final int SETTLE_MILLIS = 20_000;

    private static final int IDLE_MILLIS = 10_000;
    private static final int REFERENCE_SECONDS = 4;
    private static final int DEPLOYS = 5;
    private static final int HEAVY_DEPLOYS = 3;
    private static final long ANSWER_NANOS_MAX = 30_000_000_000L;

    private final int seconds;

    /**
     * @param seconds length of each load that counts
     */
    public SwarmBench(int seconds) {
        this.seconds = seconds;
    }

    /** Measures everything; figures come as they are known. */
    public void run(Consumer<Figure> each) throws IOException {
        Path folder = Files.createTempDirectory("orb-bench");
        LocalSwarm swarm = new LocalSwarm(folder, Ports.free());
        Thread ending = new Thread(() -> swarm.erase(), "orb-bench-end");
        Runtime.getRuntime().addShutdownHook(ending);
        try {
            swarm.start(step -> {});
            idle(swarm, "idle", each);
            load(swarm, folder, each);
            deploy(swarm, each);
            idle(swarm, "rested", each);
        } finally {
            Runtime.getRuntime().removeShutdownHook(ending);
            swarm.erase();
        }
    }

    // ---- idle -----------------------------------------------------------------------------------

    /** What the peers take when nothing happens: fresh ones, or after they have worked. */
    private static void idle(LocalSwarm swarm, String bench, Consumer<Figure> each)
            throws IOException {
        Peer.pause(SETTLE_MILLIS);
        List<Duration> before = new ArrayList<>();
        for (Peer peer : swarm.peers()) {
            before.add(ProcessUse.cpu(List.of(pid(peer))));
        }
        long begun = System.nanoTime();
        Peer.pause(IDLE_MILLIS);
        double elapsed = System.nanoTime() - begun;
        for (int i = 0; i < before.size(); i++) {
            Peer peer = swarm.peers().get(i);
            double used = ProcessUse.cpu(List.of(pid(peer))).minus(before.get(i)).toNanos();
            double memory = ProcessUse.resident(pid(peer));
            double workers = ProcessUse.residentBelow(pid(peer));
            each.accept(new Figure(bench, peer.name() + "_rss", memory, "MiB", 1));
            each.accept(new Figure(bench, peer.name() + "_workers_rss", workers, "MiB", 1));
            each.accept(new Figure(bench, peer.name() + "_cpu", 100 * used / elapsed, "%", 1));
        }
    }

    private static long pid(Peer peer) throws IOException {
        return peer.control().orElseThrow().pid();
    }

    // ---- load -----------------------------------------------------------------------------------

    private void load(LocalSwarm swarm, Path folder, Consumer<Figure> each) throws IOException {
        Peer alice = swarm.node("alice");
        Samples.deploy(alice.api(), new Samples.Plan("add", "add", "sponsored", 90), stage -> {});
        List<Long> pids = new ArrayList<>();
        for (Peer peer : swarm.peers()) {
            pids.add(pid(peer));
        }
        Load load = Load.posting(folder);
        String path = "/f/alice/add";
        String node = alice.control().orElseThrow().gateway() + path;
        String tracker = swarm.tracker().control().orElseThrow().gateway() + path;
        load.warmUp(node);
        Optional<Measured> reference = reference(load);
        reference.ifPresent(known -> report("reference", known, each));
        compare("node", measure(load, node, seconds, pids), reference, each);
        load.warmUp(tracker);
        compare("tracker", measure(load, tracker, seconds, pids), reference, each);
    }

    /** A load and the processor time of those who served it. */
    private record Measured(Load.Seen seen, double cpuMicros) {}

    private static Measured measure(Load load, String url, int seconds, List<Long> pids)
            throws IOException {
        Duration before = ProcessUse.cpu(pids);
        Load.Seen seen = load.run(url, seconds);
        double nanos = ProcessUse.cpu(pids).minus(before).toNanos();
        return new Measured(seen, nanos / 1000 / Math.max(1, seen.count()));
    }

    private static Optional<Measured> reference(Load load) throws IOException {
        Optional<ReferenceServer> started = ReferenceServer.start();
        if (started.isEmpty()) {
            return Optional.empty();
        }
        try (ReferenceServer server = started.get()) {
            load.run(server.url(), REFERENCE_SECONDS); // its JIT compiler has to finish too
            List<Long> pids = List.of(server.pid());
            return Optional.of(measure(load, server.url(), REFERENCE_SECONDS, pids));
        }
    }

    private static void report(String bench, Measured measured, Consumer<Figure> each) {
        Load.Seen seen = measured.seen;
        long n = seen.count();
        each.accept(new Figure(bench, "requests_per_s", seen.rate(), "1/s", n));
        each.accept(new Figure(bench, "p50", seen.p50(), "ms", n));
        each.accept(new Figure(bench, "p99", seen.p99(), "ms", n));
        each.accept(new Figure(bench, "failed", seen.failed(), "", n));
        each.accept(new Figure(bench, "cpu_per_request", measured.cpuMicros, "us", n));
    }

    private static void compare(
            String bench, Measured measured, Optional<Measured> reference, Consumer<Figure> each) {
        report(bench, measured, each);
        reference.ifPresent(known -> {
            long n = measured.seen.count();
            double rate = measured.seen.rate() / known.seen.rate();
            double cpu = measured.cpuMicros / known.cpuMicros;
            each.accept(new Figure(bench, "requests_to_reference", rate, "x", n));
            each.accept(new Figure(bench, "cpu_to_reference", cpu, "x", n));
        });
    }

    // ---- deploy ---------------------------------------------------------------------------------

    /**
     * Bob deploys to a warm swarm: a module of 50 KB with an input of 16 KB, and two samples with
     * the large inputs that they come with. Each time the module is another one, so nothing of it
     * is compiled already anywhere.
     */
    private static void deploy(LocalSwarm swarm, Consumer<Figure> each) throws IOException {
        Path small = Samples.folder("thumbnail").resolve("photo.thumb.png");
        Path photo = Samples.folder("thumbnail").resolve("photo.png");
        Path text = Samples.folder("wordcount").resolve("text.txt");
        deploys(swarm, new Case("thumbnail", "small_input", small, DEPLOYS), each);
        deploys(swarm, new Case("thumbnail", "photo_360k", photo, HEAVY_DEPLOYS), each);
        deploys(swarm, new Case("wordcount", "text_1m", text, HEAVY_DEPLOYS), each);
    }

    private record Case(String sample, String metric, Path input, int times) {}

    private static void deploys(LocalSwarm swarm, Case what, Consumer<Figure> each)
            throws IOException {
        Workshop.Product product = Workshop.prebuilt(Samples.folder(what.sample)).orThrow();
        Bytes body = Bytes.wrap(Files.readAllBytes(what.input));
        Request made = product.sample();
        Request sample =
                new Request(made.method(), made.path(), made.query(), made.headers(), body);
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < what.times; i++) {
            String name = what.sample + "-" + what.metric.replace('_', '-') + "-" + i;
            Workshop.Product other =
                    new Workshop.Product(
                            product.manifest(),
                            product.source(),
                            Distinct.of(product.artefact(), name),
                            product.map(),
                            sample);
            long begun = System.nanoTime();
            Samples.Plan plan = new Samples.Plan(what.sample, name, "sponsored", 2);
            Samples.deploy(swarm.node("bob").api(), other, plan, stage -> {});
            awaitAnswer(swarm, "/f/bob/" + name + "?" + made.query(), body, begun);
            millis.add((System.nanoTime() - begun) / 1e6);
        }
        millis.sort(Double::compare);
        each.accept(
                new Figure(
                        "deploy",
                        what.sample + "_" + what.metric + "_to_first_answer",
                        millis.get(what.times / 2),
                        "ms",
                        what.times));
    }

    private static void awaitAnswer(LocalSwarm swarm, String path, Bytes body, long begun)
            throws IOException {
        Api gateway = new Api(swarm.tracker().control().orElseThrow().gateway(), "");
        Api.Raw raw = gateway.raw("POST", path, "text/plain", body.array(), Map.of());
        while (raw.status() != 200) {
            if (System.nanoTime() - begun > ANSWER_NANOS_MAX) {
                throw new RefusedException(
                        ErrorCode.TIMED_OUT, path + " answered " + raw.status() + " to the end");
            }
            raw = gateway.raw("POST", path, "text/plain", body.array(), Map.of());
        }
    }
}
