package orb.kernel.port;

/** Where those on this machine who command and follow stand. Thread-safe; never blocks. */
public interface Desk {
    void returned(Effect.Return effect);

    void progress(Effect.Progress effect);

    void tell(Effect.Tell effect);
}
