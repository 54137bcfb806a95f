package orb.tracker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.kernel.port.Notice;
import orb.kernel.port.Table;

/** The step under way: its time, the source of chance, and the effects decided so far. */
final class Turn {
    private final RandomGenerator chance;
    private Instant now = Instant.EPOCH;
    private List<Effect> effects = new ArrayList<>();

    Turn(RandomGenerator chance) {
        this.chance = chance;
    }

    void begin(Instant time) {
        now = time;
    }

    List<Effect> end() {
        List<Effect> decided = effects;
        effects = new ArrayList<>();
        return decided;
    }

    Instant now() {
        return now;
    }

    RandomGenerator chance() {
        return chance;
    }

    void add(Effect effect) {
        effects.add(effect);
    }

    void addAll(List<Effect> more) {
        effects.addAll(more);
    }

    void save(Table table, Bytes key, Bytes value) {
        effects.add(new Effect.Save(table, key, value));
    }

    void erase(Table table, Bytes key) {
        effects.add(new Effect.Erase(table, key));
    }

    void wakeAfter(String timer, Duration delay) {
        effects.add(new Effect.WakeAfter(timer, delay));
    }

    void tell(String kind, String subject, String detail) {
        effects.add(new Effect.Tell(new Notice(now, kind, subject, detail)));
    }

    /** Answers in a peer's words, which {@link TrackerReply.Told} carries to a person. */
    void answer(Asker asker, Message message) {
        switch (asker) {
            case Asker.Peer(long inbound, _) -> add(new Effect.Answer(inbound, message));
            case Asker.Person(long command) ->
                    add(
                            new Effect.Return(
                                    command,
                                    message instanceof Message.Refused(var refusal)
                                            ? Result.refused(refusal)
                                            : Result.ok(new TrackerReply.Told(message))));
        }
    }

    void refuse(Asker asker, Refusal refusal) {
        answer(asker, new Message.Refused(refusal));
    }

    void refuse(Asker asker, ErrorCode code, String what, String next) {
        refuse(asker, new Refusal(code, what, next));
    }

    /** A name that nobody used before: 256 bits of chance. */
    Digest freshName() {
        byte[] name = new byte[Digest.LENGTH];
        chance.nextBytes(name);
        return new Digest(Bytes.wrap(name));
    }
}
