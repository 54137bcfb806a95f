package orb.kernel;

import static orb.kernel.Require.require;

/**
 * Why something was turned away, as a value: a code with its page, what happened with which values,
 * and what to try next.
 *
 * @param code the stable code, explained in {@code docs/errors}
 * @param what what happened, naming the values
 * @param next the next thing to try, empty where the code's page says all there is
 */
public record Refusal(ErrorCode code, String what, String next) {
    /** Texts are cut here, because peers send refusals to each other. */
    public static final int TEXT_MAX = 4000;

    public Refusal {
        require(!what.isBlank(), "a refusal says what happened (%s)", code);
        what = what.length() > TEXT_MAX ? what.substring(0, TEXT_MAX) : what;
        next = next.length() > TEXT_MAX ? next.substring(0, TEXT_MAX) : next;
    }

    public Refusal(ErrorCode code, String what) {
        this(code, what, "");
    }

    /** One line for a person: code, what happened, what to try. */
    @Override
    public String toString() {
        return code.code() + ": " + what + (next.isEmpty() ? "" : " (" + next + ")");
    }
}
