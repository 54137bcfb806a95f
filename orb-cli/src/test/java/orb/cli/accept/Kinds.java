package orb.cli.accept;

/** Kinds of events that the tests wait for. */
final class Kinds {
    static final String AVAILABLE = "function.available";

    private Kinds() {}
}
