package orb.sandbox.fuel;

/**
 * The functions by which a module takes fuel from its reserve.
 *
 * <p>A body has a slice of the fuel at a time. That the slice is used up is the one moment at which
 * the module may be stopped because its time is up: asking for no pages of memory has the sandbox
 * look (other engines do nothing then). So loops need not look in each of their turns.
 */
final class Refill {
    /** Some half a millisecond of compiled code. */
    static final long SLICE = 1 << 20;

    /** Pairs of instructions; each makes three bytes of JVM code, and 325 are inlined at most. */
    private static final int PADDING = 200;

    private static final int SELECT = 0x1b;
    private static final int DROP = 0x1a;
    private static final int ADD = 0x7c;
    private static final int SUBTRACT = 0x7d;
    private static final int LESS = 0x53;

    private final Meter.Added added;
    private WasmSink out = new WasmSink(16);

    Refill(Meter.Added added) {
        this.added = added;
    }

    /**
     * Takes its parameter from the gas, for bodies that do not hold theirs in a local. Padded,
     * because a JVM that inlined it hundreds of times into a large body would give up compiling
     * that body.
     */
    WasmSink charge() {
        out = new WasmSink(1024);
        out.one(0);
        pad();
        out.one(CodeScan.GLOBAL_GET).u32(added.gasGlobal());
        get(0).one(SUBTRACT).one(CodeScan.GLOBAL_SET).u32(added.gasGlobal());
        out.one(CodeScan.GLOBAL_GET).u32(added.gasGlobal()).one(0x42).one(0).one(LESS);
        out.one(CodeScan.IF).one(0x40);
        out.one(CodeScan.GLOBAL_GET).u32(added.gasGlobal()).one(0x42).one(0);
        out.one(CodeScan.CALL).u32(added.refillFunction()).one(DROP).one(CodeScan.END);
        return out.one(CodeScan.END);
    }

    /**
     * Takes what its second parameter is above the first, and a slice, from the reserve; as much as
     * is there, if that is less. The sum of both globals stays the same, so what a module that
     * traps has used does not depend on slices. Padded, because a JVM that inlined it into a loop
     * would keep the loop's values in memory instead of in registers.
     */
    WasmSink refill() {
        out = new WasmSink(1024);
        out.one(1).one(1).one(Layout.I64);
        pad();
        get(1);
        get(0).one(SUBTRACT).one(0x42).signed(SLICE).one(ADD).one(CodeScan.LOCAL_TEE).u32(2);
        reserve();
        get(2);
        reserve().one(LESS).one(SELECT).one(CodeScan.LOCAL_SET).u32(2);
        reserve();
        get(2).one(SUBTRACT).one(CodeScan.GLOBAL_SET).u32(added.reserveGlobal());
        out.one(CodeScan.GLOBAL_GET).u32(added.gasGlobal());
        get(2).one(ADD).one(CodeScan.GLOBAL_SET).u32(added.gasGlobal());
        out.one(0x41).one(0).one(CodeScan.MEMORY_GROW).one(0).one(DROP);
        get(0);
        get(2).one(ADD).one(CodeScan.LOCAL_TEE).u32(0);
        get(1).one(LESS).one(CodeScan.IF).one(0x40);
        get(0);
        get(1).one(SUBTRACT).one(CodeScan.GLOBAL_SET).u32(added.gasGlobal());
        out.one(CodeScan.UNREACHABLE).one(CodeScan.END);
        return get(0).one(CodeScan.END);
    }

    /** Code that does nothing, and more of it than the JVM inlines. */
    private void pad() {
        for (int i = 0; i < PADDING; i++) {
            get(0).one(DROP);
        }
    }

    private WasmSink reserve() {
        return out.one(CodeScan.GLOBAL_GET).u32(added.reserveGlobal());
    }

    private WasmSink get(int local) {
        return out.one(CodeScan.LOCAL_GET).u32(local);
    }
}
