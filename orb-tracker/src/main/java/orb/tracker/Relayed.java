package orb.tracker;

import orb.kernel.Refusal;
import orb.kernel.message.Message;

/** A question that was passed on: its answer goes back as it is. */
record Relayed(Turn turn, Asker asker) implements Questions.Ending {
    @Override
    public void answered(Message message) {
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
