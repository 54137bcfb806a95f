package orb.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import orb.cli.verb.Bench;
import orb.cli.verb.Build;
import orb.cli.verb.Call;
import orb.cli.verb.Deploy;
import orb.cli.verb.DhtVerbs;
import orb.cli.verb.Doctor;
import orb.cli.verb.Earnings;
import orb.cli.verb.Events;
import orb.cli.verb.Function;
import orb.cli.verb.Identity;
import orb.cli.verb.Incidents;
import orb.cli.verb.NodeVerbs;
import orb.cli.verb.Peers;
import orb.cli.verb.Plans;
import orb.cli.verb.Run;
import orb.cli.verb.Secret;
import orb.cli.verb.Seed;
import orb.cli.verb.Serve;
import orb.cli.verb.Spec;
import orb.cli.verb.SwarmVerbs;
import orb.cli.verb.TrackerVerbs;
import orb.cli.verb.WalletVerbs;
import orb.cli.verb.audit.Audit;
import orb.cli.verb.audit.LedgerVerbs;
import orb.cli.verb.swarm.Swarm;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code orb} command. */
@Command(
        name = "orb",
        description = "Run functions on computers that you do not own, and prove what happened.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            SwarmVerbs.UpVerb.class,
            SwarmVerbs.Down.class,
            SwarmVerbs.DemoVerb.class,
            Build.New.class,
            Build.Compile.class,
            Run.class,
            Serve.class,
            Deploy.Quote.class,
            Deploy.class,
            Call.class,
            Function.class,
            Secret.class,
            Seed.class,
            NodeVerbs.class,
            NodeVerbs.Agent.class,
            TrackerVerbs.class,
            Swarm.class,
            Peers.class,
            DhtVerbs.class,
            Incidents.class,
            Events.class,
            Identity.Login.class,
            Identity.Logout.class,
            Identity.WhoAmI.class,
            Identity.Token.class,
            WalletVerbs.class,
            Earnings.class,
            Plans.class,
            LedgerVerbs.class,
            Audit.class,
            Doctor.class,
            Bench.class,
            Spec.class
        },
        footer = {
            "",
            "Start with:  orb up     then:  orb demo",
            "Also: ./orb check, ./orb fmt, ./orb sim --seed N (from the source tree)"
        })
public final class Main {
    private Main() {}

    /** Runs one verb and ends the process with its code. */
    public static void main(String[] words) {
        System.exit(command().execute(Words.ordered(words)));
    }

    /** The command line, for {@link #main} and for tests. */
    public static CommandLine command() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(Main::explain)
                .setUsageHelpAutoWidth(true);
    }

    private static int explain(
            Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) {
        return switch (failure) {
            case RefusedException refused -> explain(commandLine, refused.refusal());
            case IllegalArgumentException wrong -> {
                commandLine.getErr().println("orb: " + wrong.getMessage());
                yield ExitCode.USAGE;
            }
            case UncheckedIOException unchecked -> io(commandLine, unchecked);
            case IOException io -> io(commandLine, io);
            default -> {
                failure.printStackTrace(commandLine.getErr());
                yield ExitCode.FAILED;
            }
        };
    }

    private static int explain(CommandLine commandLine, Refusal refusal) {
        commandLine.getErr().println("orb: " + refusal.code().code() + ": " + refusal.what());
        if (!refusal.next().isEmpty()) {
            commandLine.getErr().println("  next: " + refusal.next());
        }
        commandLine.getErr().println("  more: docs/errors/" + refusal.code().code() + ".md");
        return ExitCode.of(refusal.code());
    }

    private static int io(CommandLine commandLine, Exception failure) {
        commandLine.getErr().println("orb: " + failure);
        return ExitCode.FAILED;
    }

    /** Says name and version, from the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"orb " + (version == null ? "development" : version)};
        }
    }
}
