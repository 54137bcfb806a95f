package orb.cli.accept;

/** Kinds of events that the tests wait for. */
final class Kinds {
    static final String AVAILABLE = "seed.available";

    private Kinds() {}
}
