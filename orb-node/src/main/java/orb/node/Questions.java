package orb.node;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Consumer;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.overlay.Exchanges;

/** Questions to peers, each with what to do with its answer; every one is answered exactly once. */
final class Questions {
    private final Turn turn;
    private final Exchanges<Consumer<Answer>> exchanges;

    Questions(Turn turn, int countMax) {
        this.turn = turn;
        exchanges = new Exchanges<>(countMax);
    }

    /** Asks; at the bound the question counts as lost at once. */
    void ask(NodeId peer, Message message, Duration timeout, Consumer<Answer> then) {
        OptionalLong number = exchanges.open(then);
        if (number.isPresent()) {
            turn.add(new Effect.Ask(number.getAsLong(), peer, message, timeout));
        } else {
            then.accept(
                    new Answer.Refused(
                            new Refusal(
                                    ErrorCode.BUSY,
                                    exchanges.size() + " questions to peers wait for answers",
                                    "try again in a moment")));
        }
    }

    void answered(long exchange, Message message) {
        Answer answer =
                message instanceof Message.Refused(var refusal)
                        ? new Answer.Refused(refusal)
                        : new Answer.Said(message);
        exchanges.close(exchange).ifPresent(then -> then.accept(answer));
    }

    void unanswered(long exchange, Refusal refusal) {
        exchanges.close(exchange).ifPresent(then -> then.accept(new Answer.Lost(refusal)));
    }
}
