package orb.node.turn;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.kernel.port.Notice;
import orb.kernel.port.Table;
import orb.overlay.Exchanges;

/**
 * The step under way: its time, the source of chance, the effects decided so far, and the questions
 * to peers with what to do with each answer.
 *
 * <p>Every question is answered exactly once: by what the peer said, its refusal, or the loss.
 */
public final class Turn {
    private final RandomGenerator chance;
    private final Exchanges<Consumer<Answer>> exchanges;
    private Instant now = Instant.EPOCH;
    private List<Effect> effects = new ArrayList<>();

    public Turn(RandomGenerator chance, int questionsMax) {
        this.chance = chance;
        exchanges = new Exchanges<>(questionsMax);
    }

    public void begin(Instant time) {
        now = time;
    }

    public List<Effect> end() {
        List<Effect> decided = effects;
        effects = new ArrayList<>();
        return decided;
    }

    public Instant now() {
        return now;
    }

    public RandomGenerator chance() {
        return chance;
    }

    public void add(Effect effect) {
        effects.add(effect);
    }

    public void save(Table table, Bytes key, Bytes value) {
        effects.add(new Effect.Save(table, key, value));
    }

    public void erase(Table table, Bytes key) {
        effects.add(new Effect.Erase(table, key));
    }

    public void wakeAfter(String timer, Duration delay) {
        effects.add(new Effect.WakeAfter(timer, delay));
    }

    public void tell(Notice notice) {
        effects.add(new Effect.Tell(notice));
    }

    public Notice notice(String kind, String subject, String detail) {
        return new Notice(now, kind, subject, detail);
    }

    /** Asks; at the bound the question counts as lost at once. */
    public void ask(NodeId peer, Message message, Duration timeout, Consumer<Answer> then) {
        OptionalLong number = exchanges.open(then);
        if (number.isPresent()) {
            add(new Effect.Ask(number.getAsLong(), peer, message, timeout));
        } else {
            then.accept(
                    new Answer.Refused(
                            new Refusal(
                                    ErrorCode.BUSY,
                                    exchanges.size() + " questions to peers wait for answers",
                                    "try again in a moment")));
        }
    }

    public void answered(long exchange, Message message) {
        Answer answer =
                message instanceof Message.Refused(var refusal)
                        ? new Answer.Refused(refusal)
                        : new Answer.Said(message);
        exchanges.close(exchange).ifPresent(then -> then.accept(answer));
    }

    public void unanswered(long exchange, Refusal refusal) {
        exchanges.close(exchange).ifPresent(then -> then.accept(new Answer.Lost(refusal)));
    }

    /** A name that nobody used before: 256 bits of chance. */
    public Digest freshName() {
        byte[] name = new byte[Digest.LENGTH];
        chance.nextBytes(name);
        return new Digest(Bytes.wrap(name));
    }

    /** What became of a question to a peer. */
    public sealed interface Answer {
        /** The peer said this. */
        record Said(Message message) implements Answer {}

        /** The peer turned it away, so nothing was done. */
        record Refused(Refusal refusal) implements Answer {}

        /** No answer came; whether anything was done is unknown. */
        record Lost(Refusal refusal) implements Answer {}

        /** What the peer said, if it is of the kind that answers the question. */
        default <T extends Message> Result<T> as(Class<T> kind) {
            return switch (this) {
                case Said(var message) when kind.isInstance(message) ->
                        Result.ok(kind.cast(message));
                case Said(var message) ->
                        Result.refused(
                                ErrorCode.MALFORMED_BYTES,
                                "the peer answered with "
                                        + message.getClass().getSimpleName()
                                        + " where "
                                        + kind.getSimpleName()
                                        + " was due");
                case Refused(var refusal) -> Result.refused(refusal);
                case Lost(var refusal) -> Result.refused(refusal);
            };
        }
    }
}
