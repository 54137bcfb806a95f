package orb.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Output;
import orb.cli.world.Isolation;
import orb.cli.world.TrackerProcess;
import orb.cli.world.TrackerSettings;
import orb.host.hashgraph.Ceremony;
import orb.host.hashgraph.Roster;
import orb.kernel.Credits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code orb tracker ...}: this machine as a super node. */
@Command(
        name = "tracker",
        description = "Makes this machine a tracker.",
        mixinStandardHelpOptions = true,
        subcommands = {
            TrackerVerbs.Start.class,
            TrackerVerbs.Status.class,
            TrackerVerbs.Nodes.class,
            TrackerVerbs.Analytics.class,
            RosterVerbs.Keys.class,
            RosterVerbs.Found.class
        })
public final class TrackerVerbs {
    private TrackerVerbs() {}

    /** {@code orb tracker start}. */
    @Command(
            name = "start",
            description = {
                "Runs a tracker until Ctrl-C.",
                "It needs a domain name that resolves to a public address; --dev runs one on",
                "loopback, which its record and screens say."
            },
            mixinStandardHelpOptions = true)
    static class Start implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Option(names = "--data", paramLabel = "DIR", description = "Data folder.")
        private Optional<Path> data = Optional.empty();

        @Option(names = "--domain", description = "Public domain name of this machine.")
        private String domain = "";

        @Option(names = "--dev", description = "Loopback only, for development.")
        private boolean dev;

        @Option(names = "--port", defaultValue = "7440", description = "Where nodes dial.")
        private int port;

        @Option(names = "--http-port", defaultValue = "7480", description = "Function endpoints.")
        private int httpPort;

        @Option(names = "--api-port", defaultValue = "7490", description = "API and console.")
        private int apiPort;

        @Option(
                names = "--bootstrap",
                paramLabel = "FILE",
                description = "Names the other trackers of the swarm, and its genesis.")
        private Optional<Path> bootstrap = Optional.empty();

        @Option(
                names = "--in-process",
                description =
                        "Runs functions inside this process, with no wall but the sandbox."
                                + " For measuring, and for functions that you trust.")
        private boolean inProcess;

        @Option(
                names = "--processes",
                description =
                        "Tries native programs too when they are deployed, each in a process behind"
                                + " every wall. They see which programs this machine has.")
        private boolean processes;

        @Mixin private DiscoveryChoice discovery = new DiscoveryChoice();

        @Option(
                names = "--swarm",
                defaultValue = "orb",
                description = "Name of a new swarm; with --epoch it makes the genesis.")
        private String swarm = "orb";

        @Option(
                names = "--epoch",
                paramLabel = "SECONDS",
                defaultValue = "60",
                description = "How often hosts settle, in a new swarm.")
        private int epochSeconds;

        @Option(
                names = "--roster",
                paramLabel = "FILE",
                description = "Order entries with these trackers; `orb tracker genesis` made it.")
        private Optional<Path> roster = Optional.empty();

        @Override
        public Integer call() throws IOException {
            Optional<Roster> seats = roster.map(file -> Ceremony.readRoster(file).orThrow());
            Path folder =
                    data.map(Path::toAbsolutePath)
                            .orElseGet(() -> options.folders().peer("tracker"));
            TrackerSettings settings =
                    new TrackerSettings(
                            folder,
                            domain,
                            dev,
                            port,
                            httpPort,
                            apiPort,
                            bootstrap,
                            seats,
                            swarm,
                            Duration.ofSeconds(epochSeconds),
                            Isolation.of(inProcess, processes),
                            discovery.port(dev ? 0 : port));
            try (TrackerProcess tracker = started(settings)) {
                options.out().say("tracker " + tracker.control().id() + (dev ? "  [dev]" : ""));
                options.out().say("console and API  " + tracker.control().api());
                options.out()
                        .say("functions        " + tracker.control().gateway() + "/f/OWNER/NAME");
                options.out().say("bootstrap file   " + tracker.bootstrap());
                seats.ifPresent(with ->
                        options.out()
                                .say(
                                        "roster           "
                                                + with.digest()
                                                + ", "
                                                + with.seats().size()
                                                + " trackers"));
                tracker.awaitEnd();
            }
            return ExitCode.OK;
        }

        /** Starts it; what a test replaces. */
        TrackerProcess started(TrackerSettings settings) throws IOException {
            return TrackerProcess.start(settings);
        }
    }

    /** {@code orb tracker status}. */
    @Command(
            name = "status",
            description = "The tracker that --node names.",
            mixinStandardHelpOptions = true)
    static final class Status implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Override
        public Integer call() throws IOException {
            options.out().object(options.api().get("/v1/status"));
            return ExitCode.OK;
        }
    }

    /** {@code orb tracker peers}. */
    @Command(
            name = "peers",
            description = {
                "Nodes that the tracker knows, linked to it or to another tracker.",
                "Same set as `orb swarm ls`, which says more of each."
            },
            mixinStandardHelpOptions = true)
    static final class Nodes implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Override
        public Integer call() throws IOException {
            options.out()
                    .rows(
                            options.api().get("/v1/nodes"),
                            "id",
                            "owner",
                            "state",
                            "seeds",
                            "lastSeen");
            return ExitCode.OK;
        }
    }

    /** {@code orb tracker analytics}. */
    @Command(
            name = "analytics",
            description = {
                "Calls, latency and rewards by hour, function and node.",
                "Calls and rewards are what the ledger has settled, the same at every tracker;",
                "answers and their latencies are what this tracker saw since it started."
            },
            mixinStandardHelpOptions = true)
    static final class Analytics implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Option(names = "--fn", paramLabel = "OWNER/NAME", description = "One function alone.")
        private Optional<String> function = Optional.empty();

        @Option(names = "--host", paramLabel = "ID", description = "One node alone.")
        private Optional<String> host = Optional.empty();

        @Option(names = "--from", paramLabel = "TIME", description = "As 2026-11-28T13:00:00Z.")
        private Optional<String> from = Optional.empty();

        @Option(names = "--to", paramLabel = "TIME", description = "The first that is left out.")
        private Optional<String> to = Optional.empty();

        @Override
        public Integer call() throws IOException {
            List<String> filters = new ArrayList<>();
            filter(filters, "fn", function);
            filter(filters, "node", host);
            filter(filters, "from", from);
            filter(filters, "to", to);
            JsonNode found = options.api().get("/v1/analytics?" + String.join("&", filters));
            if (options.out().format() == Output.Format.TABLE) {
                options.out()
                        .rows(
                                found.path("rows"),
                                "hour",
                                "function",
                                "node",
                                "calls",
                                "paidMicro",
                                "p50Micros",
                                "p99Micros");
                JsonNode total = found.path("total");
                options.out()
                        .say(
                                total.path("calls").asLong()
                                        + " calls, "
                                        + new Credits(total.path("paidMicro").asLong())
                                        + " credits paid"
                                        + (found.path("isCut").asBoolean()
                                                ? "; not all rows are shown"
                                                : ""));
            } else {
                options.out().object(found);
            }
            return ExitCode.OK;
        }

        private static void filter(List<String> filters, String name, Optional<String> value) {
            value.map(text -> name + "=" + URLEncoder.encode(text, StandardCharsets.UTF_8))
                    .ifPresent(filters::add);
        }
    }
}
