package orb.sandbox.fuel;

import java.util.Arrays;

/**
 * Rewrites one body so that it counts its own fuel and depth.
 *
 * <p>While a body runs, its fuel is in a local, which the compiler keeps in a register; the global
 * is right whenever control is elsewhere: it is written before every call, return and explicit
 * trap, and read after every call. Bodies that are charged the longest way call the charging
 * function instead. The depth global holds the words that a callee may use: a body takes its frame
 * from it on entry and gives it back when it returns. Not thread-safe.
 */
final class BodyMeter {
    /** Bodies without calls whose frame is at most this need no check of their own. */
    private static final int LEAF_WORDS = 1024;

    private static final int FAR = 0x7fff_ffff;
    private static final int VOID = 0x40;

    /** Around a loop that becomes two. */
    private static final int ADDED_BLOCKS = 3;

    private final Layout layout;
    private final Layout.Body body;
    private final Code code;
    private final Meter.Added added;
    private final boolean isExact;
    private final Charges charges;
    private final boolean inPlace;
    private final int words;
    private final int gas;
    private final int depth;
    private final int bulk;
    private final int single;
    private final int twofold;
    private final boolean[] isShown;
    private final boolean hasSingles;
    private final boolean hasDoubles;
    private final boolean guardsDepth;
    private final Nesting open;
    private final WasmSink out;

    BodyMeter(Layout layout, Layout.Body body, Layout.Signature type, Meter.Added added) {
        this.layout = layout;
        this.body = body;
        this.added = added;
        this.code = Code.of(layout, body);
        this.isExact = body.to() - body.codeFrom() <= GasSchedule.EXACT_BODY_BYTES;
        this.charges = isExact ? Charges.exact(code) : Charges.longestWay(code);
        charges.before[0] += GasSchedule.entry(body.locals());
        this.inPlace = isExact && !code.hasCalls && !code.hasBulk && charges.isSingle();
        int params = type.params().length();
        this.words = GasSchedule.frameWords(params, body.locals(), Heights.highest(code));
        this.guardsDepth = code.hasCalls || words > LEAF_WORDS;
        this.gas = params + body.locals();
        this.depth = gas + (isExact && !inPlace ? 1 : 0);
        this.bulk = depth + (guardsDepth ? 1 : 0);
        this.isShown = Nans.shown(code, params + body.locals(), type.results().length());
        this.hasSingles = shows(true);
        this.hasDoubles = shows(false);
        this.single = bulk + (code.hasBulk ? 1 : 0);
        this.twofold = single + (hasSingles ? 1 : 0);
        this.open = new Nesting(code.count);
        this.out = new WasmSink((body.to() - body.localsFrom()) * 2 + 64);
    }

    private boolean shows(boolean singles) {
        for (int i = 0; i < code.count; i++) {
            if (isShown[i] && Nans.isSingle(code.opcode[i]) == singles) {
                return true;
            }
        }
        return false;
    }

    /** The new body, without its size. */
    WasmSink rewritten() {
        locals();
        if (guardsDepth) {
            guardDepth();
        }
        if (isExact && !inPlace) {
            loadGas();
        }
        for (int i = 0; i < code.count; i++) {
            if (i == 0) {
                charge(charges.before[i], code.hasCalls || code.hasLoops);
            } else if (!isTwofold(i - 1)) {
                charge(charges.before[i], code.opcode[i - 1] == CodeScan.LOOP);
            }
            instruction(i);
        }
        return out;
    }

    /** Whether an instruction is the head of a loop that becomes two; see {@link #loops}. */
    private boolean isTwofold(int index) {
        return isExact
                && code.opcode[index] == CodeScan.LOOP
                && charges.before[index + 1] > 0
                && Heights.params(code, index) == 0;
    }

    private void locals() {
        WasmSource source = new WasmSource(layout.bytes, body.localsFrom(), body.codeFrom());
        int groups = source.u32();
        boolean ownGas = isExact && !inPlace;
        int ints = (guardsDepth ? 1 : 0) + (code.hasBulk ? 1 : 0);
        int[] counts = {ownGas ? 1 : 0, ints, hasSingles ? 1 : 0, hasDoubles ? 1 : 0};
        int[] types = {Layout.I64, Layout.I32, Layout.F32, Layout.F64};
        out.u32(groups + (int) Arrays.stream(counts).filter(n -> n > 0).count());
        out.raw(layout.bytes, source.position(), body.codeFrom());
        for (int i = 0; i < types.length; i++) {
            if (counts[i] > 0) {
                out.u32(counts[i]).one(types[i]);
            }
        }
    }

    private void instruction(int index) {
        int opcode = code.opcode[index];
        boolean isCall = opcode == CodeScan.CALL || opcode == CodeScan.CALL_INDIRECT;
        boolean leaves = leaves(index);
        if (isCall || leaves) {
            storeGas();
        }
        if (leaves && guardsDepth) {
            local(0x20, depth);
            global(0x24, added.depthGlobal());
        }
        if (code.hasBulk) {
            bulk(index);
        }
        if (isTwofold(index)) {
            loops(index);
        } else {
            copy(index);
        }
        nest(index);
        if (isShown[index]) {
            canonical(Nans.isSingle(opcode));
        }
        if (isCall && isExact) {
            loadGas();
        }
    }

    /** Whether an instruction may end the function, with or without a trap of its own. */
    private boolean leaves(int index) {
        int opcode = code.opcode[index];
        if (opcode == CodeScan.RETURN || opcode == CodeScan.UNREACHABLE) {
            return true;
        }
        if (opcode == CodeScan.END) {
            return open.isEmpty();
        }
        for (int opener : code.labels[index]) {
            if (opener < 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * A loop in a loop: a turn that lacks fuel goes to the outer one, which refills and comes back.
     * So the inner one has no call for that in it, and what its turns do not change may stay in
     * registers.
     *
     * <pre>
     * block            behind the loop
     *   loop           the outer one
     *     block
     *       loop       the inner one
     *         gas is below the cost: br 1, else take the cost
     *         ...
     *       end
     *       br 2
     *     end
     *     refill, br 0
     *   end
     * end
     * </pre>
     */
    private void loops(int index) {
        long cost = charges.before[index + 1];
        out.one(CodeScan.BLOCK).raw(layout.bytes, code.start[index] + 1, code.endOf(index, body));
        copy(index);
        out.one(CodeScan.BLOCK).one(VOID);
        copy(index);
        lacks(cost);
        out.one(CodeScan.BR_IF).u32(1);
        local(0x20, gas);
        constant64(cost);
        out.one(0x7d);
        local(0x21, gas);
    }

    /** Ends what {@link #loops} began, after the inner loop's own end. */
    private void endLoops(int index) {
        out.one(CodeScan.BR).u32(2).one(CodeScan.END);
        refill(charges.before[index + 1]);
        out.one(CodeScan.BR).u32(0).one(CodeScan.END).one(CodeScan.END);
    }

    private void lacks(long cost) {
        local(0x20, gas);
        constant64(cost);
        out.one(0x53);
    }

    private void refill(long cost) {
        local(0x20, gas);
        constant64(cost);
        out.one(CodeScan.CALL).u32(added.refillFunction());
        local(0x21, gas);
    }

    /** Keeps the openers of the blocks that are open. */
    private void nest(int index) {
        switch (code.opcode[index]) {
            case CodeScan.BLOCK, CodeScan.IF -> open.open(index, 0);
            case CodeScan.LOOP -> open.open(index, isTwofold(index) ? ADDED_BLOCKS : 0);
            case CodeScan.END -> {
                if (!open.isEmpty()) {
                    int opener = open.close();
                    if (isTwofold(opener)) {
                        endLoops(opener);
                    }
                }
            }
            default -> {}
        }
    }

    private void branch(int index) {
        int[] openers = code.labels[index];
        out.one(code.opcode[index]);
        if (code.opcode[index] == CodeScan.BR_TABLE) {
            out.u32(openers.length - 1);
        }
        for (int opener : openers) {
            out.u32(open.label(opener));
        }
    }

    private void copy(int index) {
        int opcode = code.opcode[index];
        boolean isAccess = opcode >= 0x28 && opcode <= 0x3e;
        if (isAccess && code.immediate[index] < 0) {
            // no memory reaches 2^31, so this traps with any offset from there on; the engine
            // adds in 32 bits and would wrap around with a greater one
            out.one(opcode).u32(code.second[index]).u32(FAR);
        } else if (code.labels[index].length > 0) {
            branch(index);
        } else {
            out.raw(layout.bytes, code.start[index], code.endOf(index, body));
        }
    }

    /** Puts the one canonical NaN in the place of any other. */
    private void canonical(boolean isSingle) {
        int kept = isSingle ? single : twofold;
        local(0x22, kept);
        local(0x20, kept);
        out.one(isSingle ? 0x5c : 0x62).one(CodeScan.IF).one(VOID);
        if (isSingle) {
            out.one(0x43).one(0).one(0).one(0xc0).one(0x7f);
        } else {
            out.one(0x44).one(0).one(0).one(0).one(0).one(0).one(0).one(0xf8).one(0x7f);
        }
        local(0x21, kept);
        out.one(CodeScan.END);
        local(0x20, kept);
    }

    private void charge(long cost, boolean checked) {
        if (cost == 0 && !checked) {
            return;
        }
        if (!isExact) {
            constant64(cost);
            out.one(CodeScan.CALL).u32(added.chargeFunction());
        } else if (inPlace) {
            global(0x23, added.gasGlobal());
            constant64(cost);
            out.one(0x7d);
            global(0x24, added.gasGlobal());
        } else {
            local(0x20, gas);
            constant64(cost);
            subtract(checked);
        }
    }

    /** Takes what is on the stack from the gas below it, and refills if that was too much. */
    private void subtract(boolean checked) {
        out.one(0x7d);
        local(checked ? 0x22 : 0x21, gas);
        if (checked) {
            constant64(0);
            out.one(0x53).one(CodeScan.IF).one(VOID);
            refill(0);
            out.one(CodeScan.END);
        }
    }

    /** Keeps what the caller has in the local, and what callees have in the global. */
    private void guardDepth() {
        global(0x23, added.depthGlobal());
        local(0x22, depth);
        out.one(0x41).signed(words).one(0x6b);
        global(0x24, added.depthGlobal());
        global(0x23, added.depthGlobal());
        out.one(0x41).signed(0).one(0x48).one(CodeScan.IF).one(VOID);
        out.one(CodeScan.UNREACHABLE).one(CodeScan.END);
    }

    /** Charges an instruction by its size operand, which is always the topmost. */
    private void bulk(int index) {
        int opcode = code.opcode[index];
        switch (opcode) {
            case CodeScan.MEMORY_GROW, CodeScan.TABLE_GROW -> {
                openBulk();
                if (opcode == CodeScan.MEMORY_GROW) {
                    out.one(0x3f).one(0);
                } else {
                    out.one(0xfc).u32(0x10).u32(code.immediate[index]);
                }
                out.one(0xad).one(0x7c);
                constant64(opcode == CodeScan.MEMORY_GROW ? GasSchedule.PAGE : GasSchedule.ELEMENT);
                out.one(0x7e);
                closeBulk();
            }
            case CodeScan.MEMORY_INIT, CodeScan.MEMORY_COPY, CodeScan.MEMORY_FILL -> {
                openBulk();
                constant64(GasSchedule.BYTES_SHIFT);
                out.one(0x88);
                closeBulk();
            }
            case CodeScan.TABLE_INIT, CodeScan.TABLE_COPY, CodeScan.TABLE_FILL -> {
                openBulk();
                constant64(GasSchedule.ELEMENT);
                out.one(0x7e);
                closeBulk();
            }
            default -> {}
        }
    }

    private void openBulk() {
        local(0x22, bulk);
        if (isExact) {
            local(0x20, gas);
        }
        local(0x20, bulk);
        out.one(0xad);
    }

    private void closeBulk() {
        if (isExact) {
            subtract(true);
        } else {
            out.one(CodeScan.CALL).u32(added.chargeFunction());
        }
    }

    private void loadGas() {
        global(0x23, added.gasGlobal());
        local(0x21, gas);
    }

    private void storeGas() {
        if (isExact && !inPlace) {
            local(0x20, gas);
            global(0x24, added.gasGlobal());
        }
    }

    private void constant64(long value) {
        out.one(0x42).signed(value);
    }

    private void local(int opcode, int index) {
        out.one(opcode).u32(index);
    }

    private void global(int opcode, int index) {
        out.one(opcode).u32(index);
    }
}
