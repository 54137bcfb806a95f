package orb.cli.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import orb.cli.client.Api;
import orb.cli.client.Form;
import orb.cli.workshop.DeployForm;
import orb.cli.workshop.Engine;
import orb.cli.workshop.Workshop;
import orb.host.capability.Egress;

/**
 * Starts a tracker and a node in one process, uses them and ends: the training run of the start-up
 * cache (JEP 514) for everything that runs a role. Leaves nothing behind.
 *
 * <p>The cache keeps what was learnt about methods that ran often (JEP 515), so calls are rehearsed
 * until the machine knows their path: a swarm that has just started then compiles it at once.
 */
final class Rehearsal {
    private static final int CALLS_MAX = 6_000;
    private static final int CALLERS = 4;
    private static final Duration CALLING_MAX = Duration.ofSeconds(20);

    private Rehearsal() {}

    /** Takes no words. */
    public static void main(String[] words) throws IOException {
        Path folder = Files.createTempDirectory("orb-rehearsal");
        try {
            rehearse(folder);
        } finally {
            List<Path> files;
            try (Stream<Path> walk = Files.walk(folder)) {
                files = walk.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        System.exit(0);
    }

    private static void rehearse(Path folder) throws IOException {
        TrackerSettings tracking =
                new TrackerSettings(
                        folder.resolve("tracker"),
                        "",
                        true,
                        0,
                        0,
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        "rehearsal",
                        Duration.ofSeconds(5),
                        Isolation.WORKERS,
                        Optional.of(0));
        try (TrackerProcess tracker = TrackerProcess.start(tracking);
                NodeProcess node =
                        NodeProcess.start(
                                new NodeSettings(
                                        folder.resolve("node"),
                                        tracker.bootstrap(),
                                        Optional.empty(),
                                        0,
                                        0,
                                        false,
                                        1,
                                        Isolation.WORKERS,
                                        Egress.NONE,
                                        OwnerLimits.NONE,
                                        Optional.of(0)))) {
            byte[] secret = new byte[16];
            new SecureRandom().nextBytes(secret);
            node.logIn("rehearsal", HexFormat.of().formatHex(secret).toCharArray());
            Api api = new Api(node.control().api(), node.control().token());
            for (String path : List.of("/v1/status", "/v1/wallet", "/v1/functions", "/v1/nodes")) {
                api.get(path);
            }
            Engine.rehearse();
            call(tracker.control().gateway(), "/f/nobody/nothing");
            Path sample = Path.of(System.getProperty("orb.home")).resolve("examples/add");
            if (Files.exists(sample)) {
                deploy(api, sample);
                callOften(List.of(node.control().gateway(), tracker.control().gateway()));
            }
        }
    }

    private static void deploy(Api api, Path sample) throws IOException {
        Form form = DeployForm.of(Workshop.prebuilt(sample).orThrow());
        form.text("name", "add");
        form.text("plan", "sponsored");
        form.text("replicas", "1");
        form.text("allocation", "20");
        api.follow("/v1/functions", form.type(), form.content(), stage -> {});
    }

    /** Several at once, as under load, where threads find work that waits. */
    private static void callOften(List<String> gateways) {
        long until = System.nanoTime() + CALLING_MAX.toNanos();
        try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
            for (int i = 0; i < CALLERS; i++) {
                callers.execute(() -> {
                    for (int n = 0; n < CALLS_MAX / CALLERS && System.nanoTime() < until; n++) {
                        gateways.forEach(gateway -> call(gateway, "/f/rehearsal/add"));
                    }
                });
            }
        }
    }

    private static void call(String gateway, String path) {
        byte[] body = "{\"a\":2,\"b\":3}".getBytes(StandardCharsets.UTF_8);
        try {
            new Api(gateway, "").raw("POST", path, "application/json", body, Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException("calling " + gateway + path, e);
        }
    }
}
