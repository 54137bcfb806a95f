package orb.kernel.port;

/**
 * Finds peers to start from, and is the way to the hash table that all peers hold together; reports
 * {@link Event.Discovered}, {@link Event.Routed}, {@link Event.Met} and {@link Event.Found}.
 * Thread-safe; never blocks.
 */
public interface Discovery {
    void discover();

    void meet(Effect.Meet effect);

    void publish(Effect.Publish effect);

    void withdraw(Effect.Withdraw effect);

    void find(Effect.Find effect);
}
