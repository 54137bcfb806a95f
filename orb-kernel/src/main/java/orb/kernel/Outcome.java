package orb.kernel;

/** What became of one invocation. */
public sealed interface Outcome {
    /** The work that was done, whatever its end; what is charged follows from the plan. */
    Fuel used();

    /** It ran to its end. */
    record Completed(Response response, Fuel used) implements Outcome {}

    /** It used all the fuel that it was given. */
    record OutOfFuel(Fuel limit) implements Outcome {
        @Override
        public Fuel used() {
            return limit;
        }
    }

    /** It was stopped for the reason given; the detail holds nothing of other invocations. */
    record Trapped(TrapCode code, String detail, Fuel used) implements Outcome {}

    /** It was not started. */
    record Refused(Refusal refusal) implements Outcome {
        @Override
        public Fuel used() {
            return Fuel.ZERO;
        }
    }
}
