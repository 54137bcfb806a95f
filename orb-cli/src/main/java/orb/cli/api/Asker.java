package orb.cli.api;

import java.util.function.Consumer;
import orb.kernel.Result;
import orb.kernel.port.Command;
import orb.kernel.port.Notice;
import orb.kernel.port.Reply;

/** Brings a command to a role and waits for its answer; thread-safe. */
@FunctionalInterface
public interface Asker {
    /**
     * Asks and blocks until the answer or a bounded time.
     *
     * @param progress hears how far the role is, on another thread
     */
    Result<Reply> ask(Command command, Consumer<Notice> progress);

    default Result<Reply> ask(Command command) {
        return ask(command, notice -> {});
    }
}
