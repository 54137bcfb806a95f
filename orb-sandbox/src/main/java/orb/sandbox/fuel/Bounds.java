package orb.sandbox.fuel;

/**
 * What a module may declare at most.
 *
 * <p>Generous for what compilers emit (the largest interpreter that runs here, QuickJS, has 1,700
 * functions, a 37 KiB body and 250 nested blocks) and small enough that reading, checking and
 * compiling the worst module stays within a few seconds and some hundred MiB.
 */
public final class Bounds {
    static final int MODULE_BYTES = 16 << 20;
    static final int CODE_BYTES = 4 << 20;
    static final int TYPES = 2_000;

    /** Functions that an indirect call may reach, added up over all types. */
    static final int CALL_CANDIDATES = 60_000;

    static final int PARAMS = 100;
    static final int RESULTS = 16;
    static final int IMPORTS = 200;
    static final int FUNCTIONS = 30_000;
    static final int TABLES = 16;
    static final int TABLE_MIN = 10_000;
    static final int TABLE_MAX = 100_000;
    public static final int MEMORY_PAGES = 16_384;
    static final int GLOBALS = 10_000;
    static final int EXPORTS = 10_000;
    static final int ELEMENT_SEGMENTS = 1_000;
    static final int ELEMENTS = 50_000;
    static final int DATA_SEGMENTS = 20_000;
    static final int BODY_BYTES = 512 << 10;
    static final int LOCALS = 10_000;
    static final int LOCALS_IN_ALL = 500_000;
    static final int NESTING = 1_000;
    static final int BRANCH_TARGETS = 30_000;
    static final int CUSTOM_SECTIONS = 1_000;
    static final int OPERANDS = 10_000;

    private Bounds() {}
}
