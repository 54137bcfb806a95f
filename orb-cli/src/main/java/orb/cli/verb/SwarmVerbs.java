package orb.cli.verb;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.swarm.Demo;
import orb.cli.swarm.LocalSwarm;
import orb.cli.swarm.Ports;
import orb.cli.swarm.Samples;
import orb.cli.swarm.Up;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A whole swarm on this machine. */
public final class SwarmVerbs {
    private SwarmVerbs() {}

    /** Where the swarm listens and keeps its data. */
    static final class Place {
        private static final int FIRST_MIN = 1024;
        private static final int FIRST_MAX = 65_000;

        @Option(
                names = "--ports",
                paramLabel = "FIRST",
                defaultValue = "7440",
                description = "First of the block of ports that the swarm uses.")
        private int first = 7440;

        LocalSwarm swarm(Options options) {
            if (first < FIRST_MIN || first > FIRST_MAX) {
                throw new RefusedException(
                        ErrorCode.BAD_ARGUMENT,
                        "--ports is " + FIRST_MIN + ".." + FIRST_MAX + ", not " + first);
            }
            return new LocalSwarm(options.folders().peer("swarm"), Ports.from(first));
        }

        LocalSwarm swarm(Options options, int trackers) {
            Path folder = swarm(options).folder();
            return new LocalSwarm(folder, Ports.from(first), trackers);
        }
    }

    /** {@code orb up}. */
    @Command(
            name = "up",
            description = {
                "Starts a swarm on this machine.",
                "One tracker and the nodes of three owners, with four samples deployed. Ends with",
                "Ctrl-C, or with `orb down` if detached; a second `orb up` goes on from there.",
                "With --trackers 4 the ledger has no centre: any one of them may lie or die."
            },
            mixinStandardHelpOptions = true)
    public static final class UpVerb implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Option(
                names = {"-d", "--detach"},
                description = "Leaves the swarm running and returns.")
        private boolean detach;

        @Option(
                names = "--trackers",
                paramLabel = "N",
                description =
                        "Trackers of a new swarm, 1..7, which agree on the ledger. Default 1.")
        private Optional<Integer> trackers = Optional.empty();

        @Option(
                names = "--samples",
                paramLabel = "NAME,...",
                description =
                        "Samples to deploy: add, wordcount, thumbnail, hello-js; none for none."
                                + " Default: all of them.")
        private Optional<String> samples = Optional.empty();

        @Option(
                names = "--processes",
                description = "Its peers run native programs too, each behind every wall.")
        private boolean processes;

        @Mixin private Place place = new Place();

        @Override
        public Integer call() throws IOException {
            LocalSwarm swarm =
                    trackers.isPresent()
                            ? place.swarm(options, trackers.get())
                            : place.swarm(options);
            if (processes) {
                swarm.startWith("--processes");
            }
            Up up =
                    new Up(
                            swarm,
                            options.folders(),
                            options.out(),
                            samples.map(SwarmVerbs::samples).orElse(Samples.NAMES));
            up.start();
            if (!detach) {
                up.awaitEnd();
            }
            return ExitCode.OK;
        }
    }

    /** The names in a list of samples. */
    static List<String> samples(String list) {
        List<String> names = list.equals("none") ? List.of() : List.of(list.split(",", -1));
        for (String name : names) {
            if (!Samples.NAMES.contains(name)) {
                throw new RefusedException(
                        ErrorCode.BAD_ARGUMENT,
                        "'"
                                + name
                                + "' is no sample; there are "
                                + String.join(", ", Samples.NAMES));
            }
        }
        return names;
    }

    /** {@code orb down}. */
    @Command(
            name = "down",
            description = "Stops that swarm; its data stays.",
            mixinStandardHelpOptions = true)
    public static final class Down implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Override
        public Integer call() throws IOException {
            LocalSwarm swarm = new Place().swarm(options);
            swarm.stop();
            options.out().line("stopped; data stays in " + swarm.folder());
            return ExitCode.OK;
        }
    }

    /** {@code orb demo}. */
    @Command(
            name = "demo",
            description = {
                "Tells the whole story by itself.",
                "In a swarm of its own that is gone afterwards it deploys, calls, pays, proves,",
                "catches a forged receipt and loses a host."
            },
            mixinStandardHelpOptions = true)
    public static final class DemoVerb implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Override
        public Integer call() throws IOException {
            return new Demo(options.out()).run() ? ExitCode.OK : ExitCode.FAILED;
        }
    }
}
