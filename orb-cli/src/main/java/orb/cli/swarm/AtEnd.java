package orb.cli.swarm;

/**
 * Something that is done if the program is told to end, by Ctrl-C or a signal, before {@link
 * #close}. Thread-safe.
 */
final class AtEnd implements AutoCloseable {
    private final Thread hook;
    private volatile boolean begun;

    AtEnd(String name, Runnable what) {
        hook =
                new Thread(
                        () -> {
                            begun = true;
                            what.run();
                        },
                        name);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Whether the program was told to end; nothing else should be done then. */
    boolean hasBegun() {
        return begun;
    }

    @Override
    public void close() {
        if (!begun) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                begun = true; // it begins just now, on its own thread
            }
        }
    }
}
