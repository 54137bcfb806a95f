package orb.cli.verb;

import java.io.IOException;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Session;
import orb.cli.swarm.Demo;
import orb.cli.swarm.LocalSwarm;
import orb.cli.swarm.Up;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A whole swarm on this machine. */
public final class SwarmVerbs {
    private SwarmVerbs() {}

    /** {@code orb up}. */
    @Command(
            name = "up",
            description = {
                "Starts a swarm on this machine: a tracker and three nodes of three owners,",
                "with four samples deployed. Ends with Ctrl-C, or with `orb down` if detached."
            },
            mixinStandardHelpOptions = true)
    public static final class UpVerb implements Callable<Integer> {
        @Mixin private Session session = new Session();

        @Option(
                names = {"-d", "--detach"},
                description = "Leaves the swarm running and returns.")
        private boolean detach;

        @Override
        public Integer call() throws IOException {
            LocalSwarm swarm =
                    new LocalSwarm(session.folders().peer("swarm"), LocalSwarm.Ports.STANDARD);
            Up up = new Up(swarm, session.folders(), session.out());
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
            description = "Stops the swarm that `orb up` started; its data stays.",
            mixinStandardHelpOptions = true)
    public static final class Down implements Callable<Integer> {
        @Mixin private Session session = new Session();

        @Override
        public Integer call() throws IOException {
            LocalSwarm swarm =
                    new LocalSwarm(session.folders().peer("swarm"), LocalSwarm.Ports.STANDARD);
            swarm.stop();
            session.out().line("stopped; data stays in " + swarm.folder());
            return ExitCode.OK;
        }
    }

    /** {@code orb demo}. */
    @Command(
            name = "demo",
            description = {
                "The whole story by itself, in a swarm of its own that is gone afterwards:",
                "deploys, calls, pays, proves, loses a host, and catches a forged receipt."
            },
            mixinStandardHelpOptions = true)
    public static final class DemoVerb implements Callable<Integer> {
        @Mixin private Session session = new Session();

        @Override
        public Integer call() throws IOException {
            return new Demo(session.out()).run() ? ExitCode.OK : ExitCode.FAILED;
        }
    }
}
