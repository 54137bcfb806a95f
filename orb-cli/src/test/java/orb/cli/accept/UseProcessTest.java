package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import orb.cli.client.Api;
import orb.cli.world.Running;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What nodes say of their use is what the operating system says; a limit of the owner is kept. */
@ExtendWith(SharedSwarm.class)
@Timeout(420)
class UseProcessTest {
    private static final String BURNS =
            """
            export default {
              fetch() {
                let sum = 0;
                for (let i = 0; i < 40000; i++) { sum = (sum * 31 + i) % 65521; }
                return { sum };
              },
            };
            """;
    private static final Pattern SAMPLE =
            Pattern.compile("([a-z_]+)(\\{[^}]*})? ([0-9.E-]+)", Pattern.CASE_INSENSITIVE);

    /** Samples by name and labels as they are written. */
    private record Metrics(List<Matcher> samples) {
        static Metrics of(Member member) throws IOException {
            Api.Raw raw = member.api().raw("GET", "/metrics", "", new byte[0], Map.of());
            assertThat(raw.status()).isEqualTo(200);
            assertThat(raw.header("content-type")).startsWith("text/plain; version=0.0.4");
            List<Matcher> samples = new ArrayList<>();
            for (String line : new String(raw.body(), StandardCharsets.UTF_8).split("\n")) {
                Matcher sample = SAMPLE.matcher(line);
                assertThat(line.startsWith("# ") || sample.matches()).as(line).isTrue();
                if (!line.startsWith("# ")) {
                    samples.add(sample);
                }
            }
            return new Metrics(samples);
        }

        /** The sum of the samples of this name whose labels hold all of these texts. */
        double sum(String name, String... labels) {
            return samples.stream()
                    .filter(each -> each.group(1).equals(name))
                    .filter(each ->
                            List.of(labels).stream()
                                    .allMatch(label -> ("" + each.group(2)).contains(label)))
                    .mapToDouble(each -> Double.parseDouble(each.group(3)))
                    .sum();
        }
    }

    /** What lies below a process, as the JDK and the kernel count it. */
    private record Os(double cpuSeconds, double residentBytes) {
        static Os below(long pid) throws IOException {
            double cpu = 0;
            double resident = 0;
            for (ProcessHandle each : ProcessHandle.of(pid).orElseThrow().descendants().toList()) {
                if (!isWorker(each.pid())) { // what compiles lives for a moment
                    continue;
                }
                cpu += each.info().totalCpuDuration().map(Duration::toMillis).orElse(0L) / 1e3;
                for (String line : Files.readAllLines(Path.of("/proc/" + each.pid() + "/status"))) {
                    if (line.startsWith("VmRSS:")) {
                        resident += 1024.0 * Long.parseLong(line.replaceAll("[^0-9]", ""));
                    }
                }
            }
            return new Os(cpu, resident);
        }

        private static boolean isWorker(long pid) throws IOException {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline")).contains("WorkerMain");
        }
    }

    private static boolean isNear(double told, double counted) {
        return told >= counted * 0.9 && told <= counted * 1.1;
    }

    private static void deploy(Swarm swarm, String owner, String name) throws IOException {
        Path folder = Sources.script(swarm.folder(name), name, BURNS);
        swarm.member(owner).orb("deploy", folder.toString(), "--plan", "sponsored").ok();
    }

    @Test
    @Tag("H6")
    @Tag("A14")
    void metricsOfNodesAndTrackerAreWhatTheOperatingSystemCounts(Swarm swarm) throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/stat")), "needs Linux's /proc");
        deploy(swarm, "alice", "burns");
        swarm.awaitSeeders("alice/burns", 2);
        Member tracker = swarm.tracker();
        int calls = 40;
        for (int i = 0; i < calls; i++) {
            assertThat(tracker.call("alice/burns", "").status()).isEqualTo(200);
        }
        String burns = "function=\"alice/burns\"";
        double counted = 0;
        for (String name : List.of("alice", "bob", "carol")) {
            Member node = swarm.member(name);
            Os before = Os.below(node.control().pid());
            Metrics metrics = Metrics.of(node);
            Os after = Os.below(node.control().pid());
            assertThat(metrics.sum("orb_worker_cpu_seconds_total"))
                    .as("processor time of the workers of " + name)
                    .isBetween(before.cpuSeconds * 0.9, after.cpuSeconds * 1.1);
            assertThat(metrics.sum("orb_worker_resident_bytes"))
                    .as("memory of the workers of " + name)
                    .isBetween(
                            Math.min(before.residentBytes, after.residentBytes) * 0.9,
                            Math.max(before.residentBytes, after.residentBytes) * 1.1);
            counted += metrics.sum("orb_calls_total", burns);
            assertThat(metrics.sum("orb_call_cpu_seconds_total", burns))
                    .as("processor time of the function's runs is part of the workers'")
                    .isLessThanOrEqualTo(metrics.sum("orb_worker_cpu_seconds_total"));
        }
        assertThat(counted).as("calls at all nodes").isEqualTo(calls);
        Swarm.until(
                "the tracker's metrics count all calls",
                () -> Metrics.of(tracker).sum("orb_calls_total", burns) == calls);
        Metrics all = Metrics.of(tracker);
        assertThat(all.sum("orb_call_seconds_count", burns)).isEqualTo(calls);
        assertThat(all.sum("orb_call_cpu_seconds_total", burns)).isPositive();
        for (String name : List.of("alice", "bob", "carol")) {
            Member node = swarm.member(name);
            String label = "node=\"" + node.id() + "\"";
            // a tracker knows what was so some seconds ago, and a worker that rests gives memory
            // back
            Swarm.until(
                    "the tracker says of " + name + " what the system counts",
                    () -> {
                        Metrics told = Metrics.of(tracker);
                        Os os = Os.below(node.control().pid());
                        return isNear(
                                        told.sum("orb_worker_cpu_seconds_total", label),
                                        os.cpuSeconds)
                                && isNear(
                                        told.sum("orb_worker_resident_bytes", label),
                                        os.residentBytes);
                    });
        }
        Api.Raw stranger =
                new Api(tracker.control().api(), "wrong")
                        .raw("GET", "/metrics", "", new byte[0], Map.of());
        assertThat(stranger.status()).isEqualTo(401);
    }

    @Test
    @Tag("K6")
    void aNodeNeverTakesMoreThanItsShareYieldsToItsOwnerAndShowsWhatItEarned(Swarm swarm)
            throws Exception {
        assumeTrue(
                Running.layers().stream()
                        .anyMatch(layer ->
                                layer.name().equals("cgroup")
                                        && layer.active()
                                        && layer.detail().contains("cpu")),
                "needs control groups with cpu: systemd-run --user --scope -p Delegate=yes");
        Member erin =
                swarm.startNode("erin", "--max-cpu", "25%", "--max-memory", "1GiB", "--when-idle");
        try {
            deploy(swarm, "erin", "share");
            try (ExecutorService four = Executors.newFixedThreadPool(4)) {
                List<Future<Integer>> load = new ArrayList<>();
                long pid = erin.control().pid();
                assertThat(erin.call("erin/share", "").status()).isEqualTo(200);
                double cpu = cpuSeconds(pid);
                long begun = System.nanoTime();
                for (int i = 0; i < 30; i++) {
                    load.add(four.submit(() -> erin.call("erin/share", "").status()));
                }
                for (Future<Integer> each : load) {
                    each.get();
                }
                double used = cpuSeconds(pid) - cpu;
                double passed = (System.nanoTime() - begun) / 1e9;
                assertThat(used / passed)
                        .as("%.2f s of a processor in %.2f s", used, passed)
                        .isBetween(0.02, 0.28);
            }
            yieldsToTheOwner(erin);
        } finally {
            erin.stop();
        }
        earningsAddUp(swarm.member("bob"));
    }

    private static double cpuSeconds(long pid) {
        ProcessHandle node = ProcessHandle.of(pid).orElseThrow();
        return java.util.stream.Stream.concat(java.util.stream.Stream.of(node), node.descendants())
                .mapToDouble(each ->
                        each.info().totalCpuDuration().map(Duration::toMillis).orElse(0L) / 1e3)
                .sum();
    }

    private static void yieldsToTheOwner(Member node) throws Exception {
        List<Process> busy = new ArrayList<>();
        try {
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                busy.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
            }
            Swarm.until("it yields", () -> node.json("node", "status").path("yields").asBoolean());
        } finally {
            busy.forEach(Process::destroyForcibly);
        }
        takesCallsAgain(node);
    }

    /** Once others have left the machine alone for long enough, which nothing here can cause. */
    private static void takesCallsAgain(Member node) throws Exception {
        int calm = 0;
        for (int second = 0; second < 90; second++) {
            JsonNode status = node.api().get("/v1/status");
            if (!status.path("yields").asBoolean()) {
                return;
            }
            calm = status.path("othersCpu").asDouble() < 0.15 ? calm + 1 : 0;
            assertThat(calm).as("calm seconds, and it still yields").isLessThan(25);
            Thread.sleep(1000);
        }
        assumeTrue(false, "needs a machine that other programs leave alone for ten seconds");
    }

    /** Once all is settled, what functions earned is what the hours brought. */
    private static void earningsAddUp(Member host) {
        Swarm.until(
                "all that was earned is paid",
                () -> {
                    JsonNode earnings = host.json("earnings");
                    long earned = earnings.path("earnedMicro").asLong();
                    return earned > 0 && earned == earnings.path("paidMicro").asLong();
                });
        JsonNode earnings = host.json("earnings");
        assertThat(sum(earnings.path("hours"), "incomeMicro"))
                .isEqualTo(sum(earnings.path("functions"), "earnedMicro"))
                .isEqualTo(earnings.path("paidMicro").asLong());
    }

    private static long sum(JsonNode rows, String field) {
        return StreamSupport.stream(rows.spliterator(), false)
                .mapToLong(row -> row.path(field).asLong())
                .sum();
    }
}
