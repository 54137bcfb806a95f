package orb.cli.proof;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongConsumer;
import orb.cli.Options;
import orb.cli.client.ControlFile;
import orb.cli.client.Output;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/**
 * Where the verbs find a log, and how they tell of their progress in it.
 *
 * <p>Not in a verb's own class: the command's parser looks at the methods of those, also where the
 * ledger's classes are not there.
 */
public final class LogPlace {
    private static final long TOLD_EVERY = 50_000;

    private LogPlace() {}

    /** Tells how far a replay is, now and then. */
    public static LongConsumer progress(Output out, long size) {
        long[] next = {TOLD_EVERY};
        return done -> {
            if (done >= next[0] || done == size) {
                next[0] = done + TOLD_EVERY;
                out.say(done + " of " + size + " entries");
            }
        };
    }

    /**
     * The log that was named, or that of the tracker which the verb talks to or runs beside.
     *
     * @throws RefusedException with NOT_RUNNING if none was named and none runs there
     */
    public static LogSource of(Options options, Optional<String> from) throws IOException {
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
