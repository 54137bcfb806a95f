package orb.kernel.port;

/**
 * Links to other peers, each proved by its key: performs the effects named in its methods and
 * reports {@link Event.Linked}, {@link Event.DialFailed}, {@link Event.Unlinked}, {@link
 * Event.Asked}, {@link Event.Answered} and {@link Event.Unanswered}. Thread-safe; never blocks.
 */
public interface Transport {
    void dial(Effect.Dial effect);

    void hangUp(Effect.HangUp effect);

    void ask(Effect.Ask effect);

    void answer(Effect.Answer effect);
}
