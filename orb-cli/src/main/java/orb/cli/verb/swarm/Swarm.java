package orb.cli.verb.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Api;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code orb swarm}: the nodes of the swarm, as the tracker sees them that is followed. */
@Command(
        name = "swarm",
        description = "Nodes of the swarm: ls, watch.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = {Swarm.Ls.class, Swarm.Watch.class})
public final class Swarm {
    private static final String[] NARROW = {"id", "owner", "standing", "seeds", "lastSeen"};
    private static final String[] WIDE = {
        "id",
        "owner",
        "standing",
        "cpus",
        "memory",
        "up",
        "down",
        "features",
        "assurance",
        "running",
        "capacity",
        "seeds",
        "address",
        "lastSeen"
    };

    private static JsonNode nodes(Api api) throws IOException {
        return api.get("/v1/nodes");
    }

    /** {@code orb swarm ls}. */
    @Command(
            name = "ls",
            description = {
                "Every node that the tracker knows, with what its machine was measured to have.",
                "-o wide shows processors, memory, bandwidth, features and assurance. Bandwidth is",
                "what the node's way to its tracker carried; it says - until it was measured."
            },
            mixinStandardHelpOptions = true)
    static final class Ls implements Callable<Integer> {
        @Mixin private Options options = new Options();

        private static final double GIB = 1 << 30;

        @Option(names = "--live", description = "Only nodes that are not lost.")
        private boolean live;

        @Override
        public Integer call() throws IOException {
            ArrayNode shown = JsonNodeFactory.instance.arrayNode();
            for (JsonNode node : nodes(options.api())) {
                if (!live || !node.path("standing").asText().equals("lost")) {
                    shown.add(readable(node));
                }
            }
            options.out().rows(shown, options.out().isWide() ? WIDE : NARROW);
            return ExitCode.OK;
        }

        /** The node with texts for people beside its numbers. */
        private static ObjectNode readable(JsonNode node) {
            ObjectNode row = node.deepCopy();
            row.put("memory", "%.1f GiB".formatted(node.path("memoryBytes").asLong() / GIB));
            row.put("up", rate(node.path("upBytesPerSecond").asLong()));
            row.put("down", rate(node.path("downBytesPerSecond").asLong()));
            return row;
        }

        private static String rate(long bytesPerSecond) {
            double megabits = bytesPerSecond * 8 / 1e6;
            return bytesPerSecond == 0
                    ? "-"
                    : megabits < 1000
                            ? "%.1f Mbit/s".formatted(megabits)
                            : "%.1f Gbit/s".formatted(megabits / 1000);
        }
    }

    /** {@code orb swarm watch}. */
    @Command(
            name = "watch",
            description = {
                "How nodes come and go, a line a change, until Ctrl-C.",
                "discovered  said who it is",
                "attested    its key is proved and bound to an account",
                "ready       beats and has a free place",
                "busy        every place is taken",
                "lost        its link is gone, or it has been silent for five seconds"
            },
            mixinStandardHelpOptions = true)
    static final class Watch implements Callable<Integer> {
        private static final Duration LOOK_EVERY = Duration.ofMillis(200);

        @Mixin private Options options = new Options();

        @Option(names = "--seconds", paramLabel = "N", description = "Ends after so many seconds.")
        private Optional<Integer> seconds = Optional.empty();

        @Override
        public Integer call() throws IOException, InterruptedException {
            Api api = options.api();
            Instant end = seconds.map(n -> Instant.now().plusSeconds(n)).orElse(Instant.MAX);
            TreeMap<String, String> standings = new TreeMap<>();
            while (Instant.now().isBefore(end)) {
                for (JsonNode node : nodes(api)) {
                    String standing = node.path("standing").asText();
                    String before = standings.put(node.path("id").asText(), standing);
                    if (!standing.equals(before)) {
                        show(node, before == null ? standing : before + " -> " + standing);
                    }
                }
                Thread.sleep(LOOK_EVERY);
            }
            return ExitCode.OK;
        }

        private void show(JsonNode node, String change) {
            ObjectNode line = JsonNodeFactory.instance.objectNode();
            line.put("at", Instant.now().toString());
            line.set("id", node.path("id"));
            line.set("owner", node.path("owner"));
            line.put("change", change);
            line.set("standing", node.path("standing"));
            options.out().event(line, "at", "id", "owner", "change");
        }
    }
}
