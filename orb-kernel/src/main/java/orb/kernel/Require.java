package orb.kernel;

import java.util.Locale;

/** Preconditions whose message says what was wrong, with which values, and the way out. */
public final class Require {
    private Require() {}

    /**
     * Refuses a value that its own constructor cannot accept.
     *
     * @param condition what must hold
     * @param message a format string naming the rule and the way out
     * @param values the values for the message
     * @throws IllegalArgumentException if the condition does not hold
     */
    public static void require(boolean condition, String message, Object... values) {
        if (!condition) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, message, values));
        }
    }
}
