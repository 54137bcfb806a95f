package orb.tracker;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Consumer;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.overlay.Exchanges;

/** Questions to nodes, each with what to do then; every one ends exactly once. */
final class Questions {
    private final Turn turn;
    private final Exchanges<Ending> exchanges;

    /** What is done when a question ends. */
    interface Ending {
        /** The node said this. */
        void answered(Message message);

        /** The node turned it away, or it was never asked: nothing was done. */
        void refused(Refusal refusal);

        /** No answer came; whether anything was done is unknown. */
        void lost(Refusal refusal);
    }

    Questions(Turn turn, int countMax) {
        this.turn = turn;
        exchanges = new Exchanges<>(countMax);
    }

    /** Asks; at the bound the question ends as refused at once. */
    void ask(NodeId node, Message message, Duration timeout, Ending ending) {
        OptionalLong number = exchanges.open(ending);
        if (number.isPresent()) {
            turn.add(new Effect.Ask(number.getAsLong(), node, message, timeout));
        } else {
            ending.refused(
                    new Refusal(
                            ErrorCode.BUSY,
                            exchanges.size() + " questions to nodes wait for answers",
                            "try again in a moment"));
        }
    }

    void answered(long exchange, Message message) {
        exchanges
                .close(exchange)
                .ifPresent(ending -> {
                    if (message instanceof Message.Refused(var refusal)) {
                        ending.refused(refusal);
                    } else {
                        ending.answered(message);
                    }
                });
    }

    void unanswered(long exchange, Refusal refusal) {
        exchanges.close(exchange).ifPresent(ending -> ending.lost(refusal));
    }

    /** The end of a question of which only a good answer matters: it is asked again otherwise. */
    record Hoped(Consumer<Message> then) implements Ending {
        @Override
        public void answered(Message message) {
            then.accept(message);
        }

        @Override
        public void refused(Refusal refusal) {}

        @Override
        public void lost(Refusal refusal) {}
    }

    /**
     * The end of a question that was passed on: its answer goes back as it is.
     *
     * @param done what else a good answer sets off
     */
    record Relayed(Turn turn, Asker asker, Runnable done) implements Ending {
        Relayed(Turn turn, Asker asker) {
            this(turn, asker, () -> {});
        }

        @Override
        public void answered(Message message) {
            done.run();
            turn.answer(asker, message);
        }

        @Override
        public void refused(Refusal refusal) {
            turn.refuse(asker, refusal);
        }

        @Override
        public void lost(Refusal refusal) {
            turn.refuse(asker, refusal);
        }
    }
}
