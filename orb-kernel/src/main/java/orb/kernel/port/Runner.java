package orb.kernel.port;

/**
 * Runs functions in sandboxes, each invocation in a fresh instance within its limits. Reports
 * {@link Event.Prepared} and {@link Event.Ran}. Thread-safe; never blocks.
 */
public interface Runner {
    void prepare(Effect.Prepare effect);

    void run(Effect.Run effect);
}
