package orb.cli.verb.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.ControlFile;
import orb.cli.client.Output;
import orb.cli.proof.LogCheck;
import orb.cli.proof.LogSource;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
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
    private static final long TOLD_EVERY = 50_000;

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
            LogSource source = LedgerVerbs.source(options, from);
            LogCheck check = new LogCheck(folder.map(source::keepingIn).orElse(source));
            Checkpoint checkpoint = check.checkpoint();
            Output out = options.out();
            ObjectNode told = check.told(check.replay(progress(out, checkpoint.size())));
            out.object(told);
            return ExitCode.OK;
        }
    }

    /** Tells how far a replay is, now and then. */
    static LongConsumer progress(Output out, long size) {
        long[] next = {TOLD_EVERY};
        return done -> {
            if (done >= next[0] || done == size) {
                next[0] = done + TOLD_EVERY;
                out.say(done + " of " + size + " entries");
            }
        };
    }

    /** The log that was named, or that of the tracker which the verb talks to or runs beside. */
    static LogSource source(Options options, Optional<String> from) throws IOException {
        if (from.isPresent()) {
            return LogSource.of(from.get());
        }
        Path folder = options.folder();
        Optional<ControlFile> tracker =
                ControlFile.read(folder)
                        .filter(control -> control.role().equals("tracker"))
                        .or(() -> beside(folder));
        return LogSource.of(
                tracker.map(control -> control.api() + "/log")
                        .orElseThrow(() ->
                                new RefusedException(
                                        new Refusal(
                                                ErrorCode.NOT_RUNNING,
                                                "no tracker runs in or beside " + folder,
                                                "name one by --from http://host:port/log: the"
                                                        + " host and port of a function's URL"))));
    }

    private static Optional<ControlFile> beside(Path folder) {
        try {
            return ControlFile.read(folder.resolveSibling("tracker"));
        } catch (IOException e) {
            return Optional.empty(); // another's folder
        }
    }
}
