package orb.sandbox.fuel;

import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;

/**
 * Regions of a body as one function of their own, and the call that takes their place.
 *
 * <p>Locals that the regions read come in as parameters. Those that they write and that are read
 * after them go back by way of globals, the carriers: the caller reads them at once, so that one
 * set does for the whole module. If there is more than one way out, the function's result is the
 * index of the way that was taken among the exits.
 *
 * <p>Cases of one {@code br_table} share a function, whose last parameter is what the table was
 * given, less the first number that leads to one of them; it has a table of its own for them.
 */
final class Piece {
    private static final int VOID = 0x40;
    private static final int CARRIED_MAX = 40;

    private final LargeBody whole;
    private final Code code;
    private final List<Regions.Region> regions;
    private final int[] types;
    private final List<Integer> in;
    private final List<Integer> out;
    private final List<Integer> exits;
    private final int[] moved;
    private final WasmSink locals = new WasmSink(32);

    /** Case blocks that are open around the region that is being written. */
    private int cases;

    /**
     * Finds what has to be carried.
     *
     * @param regions one, or several cases of one table
     */
    Piece(LargeBody whole, List<Regions.Region> regions) {
        this.whole = whole;
        this.code = whole.code();
        this.regions = regions;
        this.types = whole.types();
        this.moved = new int[types.length];
        TreeSet<Integer> ways = new TreeSet<>();
        regions.forEach(region -> ways.addAll(region.exits()));
        this.exits = List.copyOf(ways);
        BitSet used = new BitSet();
        BitSet before = new BitSet();
        BitSet after = new BitSet();
        for (Regions.Region region : regions) {
            BitSet uses = new BitSet();
            BitSet writes = new BitSet();
            uses(region, uses, writes);
            used.or(uses);
            uses.stream().filter(l -> whole.live().isLive(region.from(), l)).forEach(before::set);
            writes.stream().filter(l -> isReadAfter(region, l)).forEach(after::set);
        }
        if (regions.size() > 1) {
            before.or(after); // what one case writes, the others must hand back as it was
        }
        this.in = before.stream().boxed().toList();
        this.out = after.stream().boxed().toList();
        declare(used);
    }

    private void uses(Regions.Region region, BitSet uses, BitSet writes) {
        for (int i = region.from(); i < region.to(); i++) {
            int opcode = code.opcode[i];
            if (opcode >= CodeScan.LOCAL_GET && opcode <= CodeScan.LOCAL_TEE) {
                uses.set(code.immediate[i]);
                if (opcode != CodeScan.LOCAL_GET) {
                    writes.set(code.immediate[i]);
                }
            }
        }
    }

    private boolean isReadAfter(Regions.Region region, int local) {
        return region.exits().stream()
                .filter(exit -> exit != Regions.RETURN)
                .map(exit -> code.opcode[exit] == CodeScan.LOOP ? exit : code.match[exit])
                .anyMatch(goesOn -> whole.live().isLive(goesOn, local));
    }

    /** Numbers the locals: first what comes in, then what is only used inside. */
    private void declare(BitSet used) {
        int next = 0;
        for (int local : in) {
            moved[local] = next++;
        }
        next += isSwitch() ? 1 : 0;
        List<Integer> inner = used.stream().filter(l -> !in.contains(l)).boxed().toList();
        locals.u32(inner.size());
        for (int local : inner) {
            moved[local] = next++;
            locals.one(1).one(types[local]);
        }
    }

    /** Whether what it carries is not so much, and of types that a carrier holds. */
    boolean isCheap() {
        return in.size() <= CARRIED_MAX
                && out.size() <= CARRIED_MAX
                && in.stream().noneMatch(this::isReference)
                && out.stream().noneMatch(this::isReference);
    }

    private boolean isReference(int local) {
        return types[local] < Layout.F64;
    }

    private boolean isSwitch() {
        return regions.size() > 1;
    }

    private boolean hasChoice() {
        return exits.size() > 1;
    }

    Layout.Signature signature() {
        int[] params = new int[in.size() + (isSwitch() ? 1 : 0)];
        for (int i = 0; i < params.length; i++) {
            params[i] = i < in.size() ? types[in.get(i)] : Layout.I32;
        }
        return hasChoice() ? Layout.Signature.of(params, Layout.I32) : Layout.Signature.of(params);
    }

    /**
     * The function's body, without its size.
     *
     * @param result type of the result of the whole function, or 0
     * @param table for cases of a table, the region of each number, or -1
     */
    WasmSink function(Carriers carriers, int result, List<Integer> table) {
        WasmSink sink = new WasmSink(1024).append(locals);
        if (hasChoice()) {
            sink.one(CodeScan.BLOCK).one(Layout.I32);
        }
        exits.forEach(exit -> sink.one(CodeScan.BLOCK).one(VOID));
        cases = 0;
        if (isSwitch()) {
            choose(sink, table);
        }
        for (int i = regions.size() - 1; i >= 0; i--) {
            cases = i;
            if (isSwitch()) {
                sink.one(CodeScan.END);
            }
            region(sink, regions.get(i), carriers, result);
        }
        for (int i = exits.size() - 1; i >= 0; i--) {
            sink.one(CodeScan.END);
            if (hasChoice()) {
                sink.one(0x41).signed(i);
                if (i > 0) {
                    sink.one(CodeScan.BR).u32(i);
                }
            }
        }
        if (hasChoice()) {
            sink.one(CodeScan.END);
        }
        carry(
                carriers,
                (local, carrier) -> {
                    sink.one(CodeScan.LOCAL_GET).u32(moved[local]);
                    sink.one(CodeScan.GLOBAL_SET).u32(carrier);
                });
        return sink.one(CodeScan.END);
    }

    /** Blocks for the cases, the last one innermost, and one for numbers that are none of them. */
    private void choose(WasmSink sink, List<Integer> table) {
        int count = regions.size();
        for (int i = 0; i <= count; i++) {
            sink.one(CodeScan.BLOCK).one(VOID);
        }
        sink.one(CodeScan.LOCAL_GET).u32(in.size()).one(CodeScan.BR_TABLE).u32(table.size());
        table.forEach(region -> sink.u32(region < 0 ? 0 : count - region));
        sink.u32(0).one(CodeScan.END).one(CodeScan.UNREACHABLE);
    }

    private void region(WasmSink sink, Regions.Region region, Carriers carriers, int result) {
        whole.inside().clear();
        for (int i = region.from(); i < region.to(); i++) {
            instruction(sink, region, i, carriers, result);
            whole.inside().step(code.opcode[i], i);
        }
        if (region.falls()) {
            sink.one(CodeScan.BR).u32(label(region, region.parent()));
        }
    }

    private void instruction(
            WasmSink sink, Regions.Region region, int index, Carriers carriers, int result) {
        int opcode = code.opcode[index];
        int[] labels = code.labels[index];
        boolean leaves = opcode == CodeScan.BR && labels[0] == Regions.RETURN;
        if (leaves || opcode == CodeScan.RETURN) {
            if (result != 0) {
                sink.one(CodeScan.GLOBAL_SET).u32(carriers.result(result));
            }
            sink.one(CodeScan.BR).u32(label(region, Regions.RETURN));
            return;
        }
        switch (opcode) {
            case CodeScan.LOCAL_GET, CodeScan.LOCAL_SET, CodeScan.LOCAL_TEE ->
                    sink.one(opcode).u32(moved[code.immediate[index]]);
            case CodeScan.BR, CodeScan.BR_IF -> sink.one(opcode).u32(label(region, labels[0]));
            case CodeScan.BR_TABLE -> {
                sink.one(opcode).u32(labels.length - 1);
                for (int opener : labels) {
                    sink.u32(label(region, opener));
                }
            }
            default ->
                    sink.raw(code.layout.bytes, code.start[index], code.endOf(index, whole.body()));
        }
    }

    /** How many blocks out a label is in the function. */
    private int label(Regions.Region region, int opener) {
        return opener >= region.from()
                ? whole.inside().label(opener)
                : whole.inside().depth() + cases + exits.size() - 1 - exits.indexOf(opener);
    }

    private interface Carrying {
        void carry(int local, int carrier);
    }

    private void carry(Carriers carriers, Carrying each) {
        int[] next = new int[4];
        for (int local : out) {
            int kind = Layout.I32 - types[local];
            each.carry(local, carriers.carrier(types[local], next[kind]++));
        }
    }

    /**
     * What the caller does instead of the regions; control goes on at one of the exits.
     *
     * @param open openers of the blocks around the call, outermost first
     * @param more blocks around the call within those
     * @param number puts the last parameter of cases of a table on the stack
     */
    void call(WasmSink sink, Called called, List<Integer> open, int more, Runnable number) {
        boolean returns = exits.contains(Regions.RETURN);
        boolean wraps = returns && hasChoice();
        if (wraps) {
            sink.one(CodeScan.BLOCK).one(VOID);
        }
        in.forEach(local -> sink.one(CodeScan.LOCAL_GET).u32(local));
        if (isSwitch()) {
            number.run();
        }
        sink.one(CodeScan.CALL).u32(called.function);
        carry(
                called.carriers,
                (local, carrier) -> {
                    sink.one(CodeScan.GLOBAL_GET).u32(carrier);
                    sink.one(CodeScan.LOCAL_SET).u32(local);
                });
        leave(sink, open, more + (wraps ? 1 : 0));
        if (wraps) {
            sink.one(CodeScan.END);
        }
        if (returns) {
            if (called.result != 0) {
                sink.one(CodeScan.GLOBAL_GET).u32(called.carriers.result(called.result));
            }
            sink.one(CodeScan.RETURN);
        }
    }

    /**
     * What is called.
     *
     * @param function its index
     * @param result type of the result of the function around the call, or 0
     */
    record Called(int function, Carriers carriers, int result) {}

    private void leave(WasmSink sink, List<Integer> open, int more) {
        if (exits.isEmpty()) {
            sink.one(CodeScan.UNREACHABLE);
        } else if (exits.size() > 2) {
            sink.one(CodeScan.BR_TABLE).u32(exits.size() - 1);
            exits.forEach(exit -> sink.u32(depth(exit, open, more)));
        } else if (hasChoice() || exits.getFirst() >= 0) {
            if (hasChoice()) {
                sink.one(CodeScan.BR_IF).u32(depth(exits.get(1), open, more));
            }
            sink.one(CodeScan.BR).u32(depth(exits.getFirst(), open, more));
        }
    }

    /** The depth of an exit's label where the call stands; returning is the block around it. */
    private static int depth(int exit, List<Integer> open, int more) {
        return exit == Regions.RETURN ? 0 : more + open.size() - 1 - open.indexOf(exit);
    }
}
