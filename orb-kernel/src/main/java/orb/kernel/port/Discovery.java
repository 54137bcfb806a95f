package orb.kernel.port;

/** Finds peers to start from; reports {@link Event.Discovered}. Thread-safe; never blocks. */
public interface Discovery {
    void discover();
}
