package orb.cli.api;

import orb.kernel.ErrorCode;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.TrapCode;

/** How an outcome that is not a response shows to an HTTP caller. */
public final class Outcomes {
    private Outcomes() {}

    /**
     * The coded error of an outcome.
     *
     * @throws IllegalArgumentException if it completed
     */
    public static Refusal refusal(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Completed _ -> throw new IllegalArgumentException("it completed");
            case Outcome.OutOfFuel(var limit) ->
                    new Refusal(
                            ErrorCode.OUT_OF_FUEL,
                            "the function used all of its " + limit,
                            "give it a smaller input, or raise limits.fuel in orb.yaml");
            case Outcome.Trapped(var code, var detail, _) -> trapped(code, detail);
            case Outcome.Refused(var refusal) -> refusal;
        };
    }

    private static Refusal trapped(TrapCode code, String detail) {
        return switch (code) {
            case DEADLINE ->
                    new Refusal(
                            ErrorCode.DEADLINE,
                            detail,
                            "raise limits.wall in orb.yaml if it needs more");
            case OUT_OF_MEMORY ->
                    new Refusal(ErrorCode.OUT_OF_MEMORY, detail, "raise limits.memory in orb.yaml");
            case STACK_EXHAUSTED -> new Refusal(ErrorCode.STACK_EXHAUSTED, detail);
            case BAD_OUTPUT -> new Refusal(ErrorCode.BAD_OUTPUT, detail);
            case UNREACHABLE,
                    OUT_OF_BOUNDS,
                    ARITHMETIC,
                    INDIRECT_CALL,
                    EXIT,
                    SCRIPT_ERROR,
                    ENGINE ->
                    new Refusal(ErrorCode.TRAPPED, code + ": " + detail);
        };
    }
}
