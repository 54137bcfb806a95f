package orb.cli.verb;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.world.Isolation;
import orb.cli.world.NodeProcess;
import orb.cli.world.NodeSettings;
import orb.cli.world.OwnerLimits;
import orb.host.capability.Egress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code orb node ...}: this machine as a node, and the nodes of the swarm. */
@Command(
        name = "node",
        description = "Makes this machine a node; lists nodes.",
        mixinStandardHelpOptions = true,
        subcommands = {
            NodeVerbs.Start.class,
            NodeVerbs.Ls.class,
            NodeVerbs.Status.class,
            Function.Stats.class
        })
public final class NodeVerbs {
    private NodeVerbs() {}

    /** {@code orb agent ...}: what this node does for the swarm, in the words of an operator. */
    @Command(
            name = "agent",
            description = "What this node does: its trackers, tasks, seeds and limits.",
            mixinStandardHelpOptions = true,
            subcommands = {Status.class, Function.Stats.class})
    public static final class Agent {
        private Agent() {}
    }

    /** {@code orb node start}. */
    @Command(
            name = "start",
            description = "Runs a node until Ctrl-C.",
            mixinStandardHelpOptions = true)
    static final class Start implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "Data folder. Default: the one that --node names.")
        private Optional<Path> data = Optional.empty();

        @Option(
                names = "--bootstrap",
                paramLabel = "FILE",
                required = true,
                description = "Known trackers and the swarm's genesis, as a tracker writes them.")
        private Path bootstrap = Path.of("bootstrap");

        @Option(
                names = "--listen",
                paramLabel = "HOST:PORT",
                description = "Where other nodes may dial this one. Default: nowhere.")
        private Optional<String> listen = Optional.empty();

        @Option(names = "--api-port", defaultValue = "0", description = "0: any free port.")
        private int apiPort;

        @Option(names = "--gateway-port", defaultValue = "0", description = "0: any free port.")
        private int gatewayPort;

        @Option(
                names = "--seed",
                paramLabel = "auto|never",
                defaultValue = "auto",
                description = "Whether it hosts functions of others.")
        private SeedChoice seed = SeedChoice.AUTO;

        @Option(
                names = "--capacity",
                defaultValue = "0",
                description = "Invocations at once. 0: two for each processor.")
        private int capacity;

        @Option(
                names = "--in-process",
                description =
                        "Runs functions inside this process, with no wall but the sandbox."
                                + " For measuring, and for functions that you trust.")
        private boolean inProcess;

        @Option(
                names = "--processes",
                description =
                        "Runs native programs too, each call in a process behind every wall. They"
                                + " see which programs this machine has.")
        private boolean processes;

        @Option(
                names = "--no-egress",
                description =
                        "Lets no function send requests, and hosts none of others that would.")
        private boolean noEgress;

        @Option(
                names = "--dev",
                description =
                        "For a swarm on loopback: functions may send requests to addresses of this"
                                + " machine and of private networks that orb.yaml lists.")
        private boolean dev;

        @Option(
                names = "--max-cpu",
                paramLabel = "N%",
                defaultValue = "",
                description =
                        "The most processor time that node and functions take together, in"
                                + " percent of one processor.")
        private String maxCpu = "";

        @Option(
                names = "--max-memory",
                paramLabel = "SIZE",
                defaultValue = "",
                description = "The most memory that a worker takes, such as 1GiB.")
        private String maxMemory = "";

        @Option(
                names = "--when-idle",
                description = "Takes no calls of others while other programs use the machine.")
        private boolean whenIdle;

        @Mixin private DiscoveryChoice discovery = new DiscoveryChoice();

        @Option(
                names = "--login",
                paramLabel = "NAME",
                description = "Logs in at once; needs --passphrase-file.")
        private String login = "";

        @Option(names = "--passphrase-file", paramLabel = "FILE")
        private Optional<Path> passphraseFile = Optional.empty();

        @Override
        public Integer call() throws IOException {
            Path folder = data.map(Path::toAbsolutePath).orElseGet(options::folder);
            NodeSettings settings =
                    new NodeSettings(
                            folder,
                            bootstrap,
                            listen.map(orb.kernel.Address::parse),
                            apiPort,
                            gatewayPort,
                            seed == SeedChoice.NEVER,
                            capacity,
                            Isolation.of(inProcess, processes),
                            egress(),
                            OwnerLimits.parse(maxCpu, maxMemory, whenIdle),
                            discovery.port(0));
            try (NodeProcess node = NodeProcess.start(settings)) {
                node.remember(options.folders());
                if (!login.isEmpty()) {
                    node.logIn(login, Identity.passphrase(passphraseFile).toCharArray());
                }
                options.out().say("node " + node.control().id());
                options.out().say("console and API  " + node.control().api());
                options.out().say("functions        " + node.control().gateway() + "/f/OWNER/NAME");
                options.out().say("data             " + folder);
                node.awaitEnd();
            }
            return ExitCode.OK;
        }

        private Egress egress() {
            if (noEgress) {
                return Egress.NONE;
            }
            return dev ? Egress.DEV : Egress.PUBLIC;
        }
    }

    /** Whether a node hosts functions of others. */
    enum SeedChoice {
        AUTO,
        NEVER
    }

    /** {@code orb node ls}. */
    @Command(
            name = "ls",
            aliases = "list",
            description = "Nodes of the swarm, as the tracker sees them.",
            mixinStandardHelpOptions = true)
    static final class Ls implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Override
        public Integer call() throws IOException {
            options.out()
                    .rows(
                            options.api().get("/v1/nodes"),
                            "id",
                            "owner",
                            "state",
                            "running",
                            "capacity",
                            "seeds",
                            "address",
                            "lastSeen");
            return ExitCode.OK;
        }
    }

    /** {@code orb node status} and {@code orb agent status}. */
    @Command(
            name = "status",
            description = "Links to trackers, tasks that run, seeds and limits of this node.",
            mixinStandardHelpOptions = true)
    static final class Status implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Override
        public Integer call() throws IOException {
            options.out().object(options.api().get("/v1/status"));
            return ExitCode.OK;
        }
    }
}
