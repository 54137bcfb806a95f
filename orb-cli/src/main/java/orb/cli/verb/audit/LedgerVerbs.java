package orb.cli.verb.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Output;
import orb.cli.proof.LogCheck;
import orb.cli.proof.LogPlace;
import orb.cli.proof.LogSource;
import orb.ledger.proof.Checkpoint;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code orb ledger ...}: the whole ledger, checked by whoever wants to. */
@Command(
        name = "ledger",
        description = "The ledger: replay and verify all of it.",
        mixinStandardHelpOptions = true,
        subcommands = LedgerVerbs.Verify.class)
public final class LedgerVerbs {
    private LedgerVerbs() {}

    /** {@code orb ledger verify}. */
    @Command(
            name = "verify",
            description = {
                "Replays the ledger from its static files alone, and holds it to a checkpoint.",
                "",
                "Every entry's signature is checked and every entry is carried out; the state must",
                "be the one that more than two thirds of the trackers have cosigned. The first"
                        + " file",
                "or entry that is broken is named. With a kept folder no network is needed.",
                "",
                "Compare ROSTER and NETWORK with what you know of the swarm."
            },
            mixinStandardHelpOptions = true)
    static final class Verify implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Option(
                names = "--from",
                paramLabel = "URL|FOLDER",
                description =
                        "The log's files, such as http://host:port/log or a folder."
                                + " Default: the tracker on this machine.")
        private Optional<String> from = Optional.empty();

        @Option(
                names = "--keep",
                paramLabel = "FOLDER",
                description = "Keeps all that is read, to verify it again without a network.")
        private Optional<Path> folder = Optional.empty();

        @Override
        public Integer call() throws IOException {
            LogSource source = LogPlace.of(options, from);
            LogCheck check = new LogCheck(folder.map(source::keepingIn).orElse(source));
            Checkpoint checkpoint = check.checkpoint();
            Output out = options.out();
            ObjectNode told = check.told(check.replay(LogPlace.progress(out, checkpoint.size())));
            out.object(told);
            return ExitCode.OK;
        }
    }
}
