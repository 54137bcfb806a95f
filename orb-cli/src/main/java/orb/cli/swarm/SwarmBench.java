package orb.cli.swarm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import orb.cli.client.Api;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/**
 * Measures a swarm of its own with {@code wrk} as load generator; loopback only, bounded in time.
 */
public final class SwarmBench {
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
    private static final Pattern COUNT = Pattern.compile("([0-9]+) requests in");
    private static final Pattern P50 = Pattern.compile("50%\\s+([0-9.]+)(us|ms|s)");
    private static final Pattern P99 = Pattern.compile("99%\\s+([0-9.]+)(us|ms|s)");
    private static final Pattern BAD = Pattern.compile("Non-2xx or 3xx responses: ([0-9]+)");
    private static final String SCRIPT =
            """
            wrk.method = "POST"
            wrk.body = '{"a":2,"b":3}'
            """;

    /** After this long a node has given back what its start took. */
    private static final int IDLE_MILLIS = 15_000;

    private final int seconds;

    /**
     * @param seconds length of each load
     */
    public SwarmBench(int seconds) {
        this.seconds = seconds;
    }

    /** One measured figure. */
    public record Figure(String bench, String metric, double value, String unit, long n) {}

    /** Measures everything; figures come as they are known. */
    public void run(Consumer<Figure> each) throws IOException {
        Path folder = Files.createTempDirectory("orb-bench");
        LocalSwarm swarm = new LocalSwarm(folder, Ports.free());
        Thread ending = new Thread(() -> swarm.erase(), "orb-bench-end");
        Runtime.getRuntime().addShutdownHook(ending);
        try {
            swarm.start(step -> {});
            idle(swarm, each);
            deploy(swarm, each);
            load(swarm, folder, each);
        } finally {
            Runtime.getRuntime().removeShutdownHook(ending);
            swarm.erase();
        }
    }

    private static void idle(LocalSwarm swarm, Consumer<Figure> each) throws IOException {
        Peer.pause(IDLE_MILLIS);
        for (Peer peer : swarm.peers()) {
            long pid = peer.control().orElseThrow().pid();
            each.accept(new Figure("idle", peer.name() + "_rss", resident(pid), "MiB", 1));
        }
    }

    private static double resident(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
            }
        }
        throw new IOException("no resident size of process " + pid);
    }

    private static void deploy(LocalSwarm swarm, Consumer<Figure> each) throws IOException {
        Api alice = swarm.node("alice").api();
        Api gateway = new Api(swarm.tracker().control().orElseThrow().gateway(), "");
        Samples.deploy(alice, new Samples.Plan("add", "add", "sponsored", 80), stage -> {});
        for (String sample : List.of("wordcount", "thumbnail")) {
            long begun = System.nanoTime();
            Samples.deploy(alice, new Samples.Plan(sample, sample, "sponsored", 5), s -> {});
            Api.Raw raw;
            do {
                byte[] body = Files.readAllBytes(input(sample));
                raw =
                        gateway.raw(
                                "POST",
                                "/f/alice/" + sample + "?w=64",
                                "text/plain",
                                body,
                                Map.of());
            } while (raw.status() != 200 && System.nanoTime() - begun < 30_000_000_000L);
            require(raw.status() == 200, sample + " answered " + raw.status());
            each.accept(
                    new Figure(
                            "deploy",
                            sample + "_to_first_answer",
                            (System.nanoTime() - begun) / 1e6,
                            "ms",
                            1));
        }
    }

    private static Path input(String sample) {
        return Samples.folder(sample)
                .resolve(sample.equals("wordcount") ? "text.txt" : "photo.png");
    }

    private void load(LocalSwarm swarm, Path folder, Consumer<Figure> each) throws IOException {
        Path script = folder.resolve("post.lua");
        Files.writeString(script, SCRIPT);
        String node = swarm.node("alice").control().orElseThrow().gateway() + "/f/alice/add";
        String tracker = swarm.tracker().control().orElseThrow().gateway() + "/f/alice/add";
        wrk(node, script, Math.min(5, seconds)); // lets the JIT finish; not counted
        report("node", wrk(node, script, seconds), each);
        wrk(tracker, script, 2 * seconds); // four processes warm up here, on the same cores
        report("tracker", wrk(tracker, script, seconds), each);
    }

    private static void report(String bench, String output, Consumer<Figure> each) {
        long n = (long) number(COUNT, output);
        Matcher bad = BAD.matcher(output);
        each.accept(new Figure(bench, "requests_per_s", number(RATE, output), "1/s", n));
        each.accept(new Figure(bench, "p50", millis(P50, output), "ms", n));
        each.accept(new Figure(bench, "p99", millis(P99, output), "ms", n));
        each.accept(
                new Figure(
                        bench, "failed", bad.find() ? Double.parseDouble(bad.group(1)) : 0, "", n));
    }

    private static String wrk(String url, Path script, int seconds) throws IOException {
        Process process;
        try {
            process =
                    new ProcessBuilder(
                                    "wrk",
                                    "-t1",
                                    "-c32",
                                    "-d" + seconds + "s",
                                    "--latency",
                                    "-s",
                                    script.toString(),
                                    url)
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.TOOL_MISSING,
                            "the load generator wrk is not installed",
                            "apt-get install -y wrk"));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        require(output.contains("Requests/sec"), "wrk said: " + output);
        return output;
    }

    private static double number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : Double.NaN;
    }

    private static double millis(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            return Double.NaN;
        }
        double value = Double.parseDouble(matcher.group(1));
        return switch (matcher.group(2)) {
            case "us" -> value / 1000;
            case "s" -> value * 1000;
            default -> value;
        };
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new RefusedException(ErrorCode.INTERNAL, otherwise);
        }
    }
}
