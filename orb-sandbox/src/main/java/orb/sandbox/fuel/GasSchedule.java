package orb.sandbox.fuel;

/**
 * What work costs, in units of fuel; version 2 (docs/protocol/gas-schedule.md).
 *
 * <p>A change of any number or rule here is a new version, because receipts name the version that
 * their fuel was counted by.
 */
public final class GasSchedule {
    public static final int VERSION = 2;

    /** Bodies longer than this many bytes are charged the longest way, not each way. */
    public static final int EXACT_BODY_BYTES = 12_288;

    /** Bodies longer than this are split, and no piece of one is longer. */
    static final int SPLIT_BYTES = 12_288;

    /** What is left of a split body, about, if it has enough parts that can be taken out. */
    static final int SPLIT_KEEP_BYTES = 12_000;

    /** Regions of a body that are not longer than this are never taken out of it. */
    static final int SPLIT_LEAST_BYTES = 32;

    /** Cases of one table that share a function are not longer than this together. */
    static final int SPLIT_GROUP_BYTES = 4_000;

    /** What a call may stack up, in words of eight bytes; see {@link #frameWords}. */
    public static final int STACK_WORDS = 400_000;

    /** For one page of 64 KiB that a grown memory then has. */
    public static final int PAGE = 1024;

    /** For what a table has after it grew, each element; and each element of a bulk operation. */
    public static final int ELEMENT = 1;

    /** Bulk operations on memory cost one unit for so many bytes (as a power of two). */
    public static final int BYTES_SHIFT = 4;

    /** For each call of the host, before the bytes that it moves. */
    public static final int HOST_CALL = 100;

    private GasSchedule() {}

    /** What one instruction costs, beside what it moves. */
    public static int cost(int opcode) {
        return switch (opcode) {
            case CodeScan.BLOCK, CodeScan.LOOP, CodeScan.ELSE, CodeScan.END, 0x01 -> 0;
            case CodeScan.CALL -> 8;
            case CodeScan.CALL_INDIRECT -> 16;
            case CodeScan.BR_TABLE -> 4;
            // integer division and remainder
            case 0x6d, 0x6e, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0x82 -> 4;
            // square root and floating-point division
            case 0x91, 0x95, 0x9f, 0xa3 -> 4;
            case CodeScan.MEMORY_GROW -> 64;
            case CodeScan.MEMORY_INIT, CodeScan.MEMORY_COPY, CodeScan.MEMORY_FILL -> 16;
            case CodeScan.TABLE_INIT,
                    CodeScan.TABLE_COPY,
                    CodeScan.TABLE_FILL,
                    CodeScan.TABLE_GROW ->
                    32;
            default -> 1;
        };
    }

    /** What a function costs on entry for setting its locals to zero. */
    public static int entry(int locals) {
        return locals / 8;
    }

    /** For so many bytes that the host moves for the guest. */
    public static long moved(long bytes) {
        return bytes >>> BYTES_SHIFT;
    }

    /** For a digest of so many bytes, which the host computes for a script. */
    public static long digested(long bytes) {
        return 1_000 + 4 * bytes;
    }

    /**
     * The words that one call of a function stacks up at most, so that depth is bounded by what the
     * frames need and not by a count of calls.
     *
     * @param params number of parameters
     * @param locals number of declared locals
     * @param operands greatest height of the operand stack
     */
    public static int frameWords(int params, int locals, int operands) {
        return 24 + 4 * params + 2 * locals + 2 * operands;
    }
}
