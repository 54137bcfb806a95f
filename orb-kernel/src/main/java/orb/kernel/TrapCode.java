package orb.kernel;

/** Why an invocation was stopped before it completed; fuel has its own {@link Outcome}. */
public enum TrapCode {
    /** The module executed {@code unreachable}. */
    UNREACHABLE,
    /** A load, store or bulk operation left the memory or a table. */
    OUT_OF_BOUNDS,
    /** Division by zero, integer overflow or an invalid conversion. */
    ARITHMETIC,
    /** An indirect call met a missing or differently typed function. */
    INDIRECT_CALL,
    /** The call depth limit was reached. */
    STACK_EXHAUSTED,
    /** The wall-clock deadline passed. */
    DEADLINE,
    /** The memory limit was reached and the module gave up. */
    OUT_OF_MEMORY,
    /** The program ended with a status other than 0. */
    EXIT,
    /** The output was malformed or larger than allowed. */
    BAD_OUTPUT,
    /** A script threw an error that it did not catch. */
    SCRIPT_ERROR,
    /** The engine itself failed on this module. */
    ENGINE
}
