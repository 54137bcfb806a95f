package orb.kernel;

/**
 * Carries a {@link Refusal} out of code that must return something else, such as the inside of a
 * decoder; caught at that code's own boundary and turned back into a value.
 */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    public RefusedException(Refusal refusal) {
        super(refusal.toString());
        this.refusal = refusal;
    }

    public RefusedException(ErrorCode code, String what) {
        this(new Refusal(code, what));
    }

    public Refusal refusal() {
        return refusal;
    }
}
