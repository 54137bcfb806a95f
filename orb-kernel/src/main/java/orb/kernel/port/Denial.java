package orb.kernel.port;

/**
 * Something that a run asked its node for and was not given.
 *
 * @param kind what it would have reached
 * @param line code and words of the refusal, for people; cut at {@link #LENGTH_MAX} characters
 */
public record Denial(Kind kind, String line) {
    public static final int LENGTH_MAX = 200;

    /** What was out of reach. */
    public enum Kind {
        /** The node's own: a key-value space, a secret. */
        CAPABILITY,
        /** The network: a request, whether no origin was granted at all or not this one. */
        EGRESS
    }

    public Denial {
        line = line.substring(0, Math.min(line.length(), LENGTH_MAX));
    }
}
