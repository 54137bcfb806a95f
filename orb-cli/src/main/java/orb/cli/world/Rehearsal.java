package orb.cli.world;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import orb.cli.client.Api;
import orb.cli.workshop.Engine;

/**
 * Starts a tracker and a node in one process, uses them a little and ends: the training run of the
 * start-up cache (JEP 514) for everything that runs a role. Leaves nothing behind.
 */
final class Rehearsal {
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
                        false);
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
                                        false))) {
            byte[] secret = new byte[16];
            new SecureRandom().nextBytes(secret);
            node.logIn("rehearsal", HexFormat.of().formatHex(secret).toCharArray());
            Api api = new Api(node.control().api(), node.control().token());
            for (String path : List.of("/v1/status", "/v1/wallet", "/v1/functions", "/v1/nodes")) {
                api.get(path);
            }
            Engine.rehearse();
            Api gateway = new Api(tracker.control().gateway(), "");
            gateway.raw("GET", "/f/nobody/nothing", "text/plain", new byte[0], Map.of());
        }
    }
}
