package orb.node;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Grants;
import orb.kernel.port.Effect;
import orb.node.turn.Turn;

/** A call on its way out; answered once. */
final class Outgoing {
    private final Turn turn;
    private final Duration patience;
    final long command;
    final NodeCommand.Call what;
    final Digest id;
    final Instant deadline;
    final List<String> trail = new ArrayList<>();
    final List<NodeId> tried = new ArrayList<>();
    boolean toppedUp;
    boolean paidDebt;
    private boolean returned;

    /**
     * A call that begins now.
     *
     * @param patience time for all of it
     */
    Outgoing(Turn turn, long command, NodeCommand.Call what, Duration patience) {
        this.turn = turn;
        this.patience = patience;
        this.command = command;
        this.what = what;
        id = turn.freshName();
        deadline = turn.now().plus(patience);
    }

    Duration left() {
        return Duration.between(turn.now(), deadline);
    }

    void answer(Result<NodeReply> result) {
        if (!returned) {
            returned = true;
            turn.add(new Effect.Return(command, result));
        }
    }

    void refuse(Refusal refusal) {
        answer(Result.refused(refusal));
    }

    /** Whether it is over, or is now because its time has run out. */
    boolean isOver() {
        if (left().toMillis() < 1) {
            refuse(tooLate());
        }
        return returned;
    }

    /** Whether running it twice does no harm. */
    boolean mayRepeat(Grants grants) {
        boolean onlyReads = what.request().method().equals("GET");
        return grants.mayRunTwice() && (onlyReads || grants.idempotent());
    }

    Refusal tooLate() {
        return new Refusal(
                ErrorCode.DEADLINE,
                "the call of "
                        + what.function()
                        + " had no answer within "
                        + patience.toMillis()
                        + " ms"
                        + (trail.isEmpty() ? "" : ": " + String.join("; ", trail)),
                "try again, or give the function a shorter time limit");
    }
}
