package orb.cli.verb;

import java.io.IOException;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.swarm.Demo;
import orb.cli.swarm.LocalSwarm;
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
            return new LocalSwarm(options.folders().peer("swarm"), LocalSwarm.Ports.from(first));
        }
    }

    /** {@code orb up}. */
    @Command(
            name = "up",
            description = {
                "Starts a swarm on this machine.",
                "One tracker and the nodes of three owners, with four samples deployed. Ends with",
                "Ctrl-C, or with `orb down` if detached; a second `orb up` goes on from there."
            },
            mixinStandardHelpOptions = true)
    public static final class UpVerb implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Option(
                names = {"-d", "--detach"},
                description = "Leaves the swarm running and returns.")
        private boolean detach;

        @Mixin private Place place = new Place();

        @Override
        public Integer call() throws IOException {
            LocalSwarm swarm = place.swarm(options);
            Up up = new Up(swarm, options.folders(), options.out());
            up.start();
            if (!detach) {
                up.awaitEnd();
            }
            return ExitCode.OK;
        }
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
