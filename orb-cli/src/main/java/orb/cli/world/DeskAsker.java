package orb.cli.world;

import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import orb.cli.api.Asker;
import orb.host.loop.CommandDesk;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.kernel.port.Command;
import orb.kernel.port.Notice;
import orb.kernel.port.Reply;

/** Asks a role over its desk and waits on a virtual thread. */
record DeskAsker(CommandDesk desk) implements Asker {
    @Override
    public Result<Reply> ask(Command command, Consumer<Notice> progress) {
        try {
            return desk.command(command, progress).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Result.refused(ErrorCode.TIMED_OUT, "interrupted while waiting for an answer");
        } catch (ExecutionException e) {
            throw new IllegalStateException("a desk answers with values", e);
        }
    }
}
