package orb.sandbox.fuel;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A region of a body as a function of its own, and the call that stands in its place.
 *
 * <p>Locals that the region reads come in as parameters. Those that it writes and that are read
 * after it go back by way of globals, the carriers: the caller reads them at once, so that one set
 * does for the whole module. If there is more than one way out, the function's result is the index
 * of the way that was taken among the exits.
 */
final class Piece {
    private static final int VOID = 0x40;
    private static final int CARRIED_MAX = 40;

    private final Code code;
    private final Layout.Body body;
    private final Regions.Region region;
    private final int[] types;
    private final List<Integer> in = new ArrayList<>();
    private final List<Integer> out = new ArrayList<>();
    private final int[] moved;
    private final List<Integer> inside = new ArrayList<>();
    private final WasmSink locals = new WasmSink(32);

    /**
     * Finds what has to be carried.
     *
     * @param types of the body's parameters and locals
     */
    Piece(Code code, Layout.Body body, Regions.Region region, int[] types, Liveness live) {
        this.code = code;
        this.body = body;
        this.region = region;
        this.types = types;
        this.moved = new int[types.length];
        BitSet used = new BitSet();
        BitSet written = new BitSet();
        for (int i = region.from(); i < region.to(); i++) {
            int opcode = code.opcode[i];
            if (opcode >= CodeScan.LOCAL_GET && opcode <= CodeScan.LOCAL_TEE) {
                used.set(code.immediate[i]);
                if (opcode != CodeScan.LOCAL_GET) {
                    written.set(code.immediate[i]);
                }
            }
        }
        used.stream().filter(l -> live.isLive(region.from(), l)).forEach(in::add);
        written.stream().filter(l -> isReadAfter(live, l)).forEach(out::add);
        declare(used);
    }

    private boolean isReadAfter(Liveness live, int local) {
        return region.exits().stream()
                .filter(exit -> exit != Regions.RETURN)
                .anyMatch(exit -> live.isLive(target(exit), local));
    }

    private int target(int exit) {
        if (exit == Regions.FALL) {
            return code.match[region.open().getLast()];
        }
        return code.opcode[exit] == CodeScan.LOOP ? exit : code.match[exit];
    }

    /** Numbers the locals: first what comes in, then what is only used inside. */
    private void declare(BitSet used) {
        int next = 0;
        for (int local : in) {
            moved[local] = next++;
        }
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

    Layout.Signature signature() {
        int[] params = in.stream().mapToInt(local -> types[local]).toArray();
        return hasChoice() ? Layout.Signature.of(params, Layout.I32) : Layout.Signature.of(params);
    }

    private boolean hasChoice() {
        return region.exits().size() > 1;
    }

    private boolean falls() {
        return region.exits().contains(Regions.FALL);
    }

    /** Exits that branches lead to; falling out of the region, if possible, is the first of all. */
    private List<Integer> branches() {
        return falls() ? region.exits().subList(1, region.exits().size()) : region.exits();
    }

    /**
     * The function's body, without its size.
     *
     * @param result type of the result of the whole function, or 0
     */
    WasmSink function(Carriers carriers, int result) {
        WasmSink sink = new WasmSink(region.bytes() + 256).append(locals);
        int ways = branches().size();
        if (hasChoice()) {
            sink.one(CodeScan.BLOCK).one(Layout.I32);
        }
        for (int i = 0; i < ways; i++) {
            sink.one(CodeScan.BLOCK).one(VOID);
        }
        inside.clear();
        for (int i = region.from(); i < region.to(); i++) {
            instruction(sink, i, carriers, result);
            switch (code.opcode[i]) {
                case CodeScan.BLOCK, CodeScan.LOOP, CodeScan.IF -> inside.add(i);
                case CodeScan.END -> inside.removeLast();
                default -> {}
            }
        }
        if (hasChoice() && falls()) {
            sink.one(0x41).signed(0).one(CodeScan.BR).u32(ways);
        }
        // the innermost block is the last exit's
        for (int i = ways - 1; i >= 0; i--) {
            sink.one(CodeScan.END);
            if (hasChoice()) {
                sink.one(0x41).signed(i + (falls() ? 1 : 0));
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

    private void instruction(WasmSink sink, int index, Carriers carriers, int result) {
        int opcode = code.opcode[index];
        int[] labels = code.labels[index];
        boolean leaves = opcode == CodeScan.BR && labels[0] == Regions.RETURN;
        if (leaves || opcode == CodeScan.RETURN) {
            if (result != 0) {
                sink.one(CodeScan.GLOBAL_SET).u32(carriers.result(result));
            }
            sink.one(CodeScan.BR).u32(label(Regions.RETURN));
            return;
        }
        switch (opcode) {
            case CodeScan.LOCAL_GET, CodeScan.LOCAL_SET, CodeScan.LOCAL_TEE ->
                    sink.one(opcode).u32(moved[code.immediate[index]]);
            case CodeScan.BR, CodeScan.BR_IF -> sink.one(opcode).u32(label(labels[0]));
            case CodeScan.BR_TABLE -> {
                sink.one(opcode).u32(labels.length - 1);
                for (int opener : labels) {
                    sink.u32(label(opener));
                }
            }
            default -> sink.raw(code.layout.bytes, code.start[index], code.endOf(index, body));
        }
    }

    /** How many blocks out a label is in the function. */
    private int label(int opener) {
        if (opener >= region.from()) {
            return inside.size() - 1 - inside.lastIndexOf(opener);
        }
        List<Integer> ways = branches();
        return inside.size() + ways.size() - 1 - ways.indexOf(opener);
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

    /** What the caller does instead of the region. */
    void call(WasmSink sink, int function, Carriers carriers, int result) {
        boolean returns = region.exits().contains(Regions.RETURN);
        boolean wraps = returns && hasChoice();
        if (wraps) {
            sink.one(CodeScan.BLOCK).one(VOID);
        }
        in.forEach(local -> sink.one(CodeScan.LOCAL_GET).u32(local));
        sink.one(CodeScan.CALL).u32(function);
        carry(
                carriers,
                (local, carrier) -> {
                    sink.one(CodeScan.GLOBAL_GET).u32(carrier);
                    sink.one(CodeScan.LOCAL_SET).u32(local);
                });
        choose(sink, wraps);
        if (wraps) {
            sink.one(CodeScan.END);
        }
        if (returns) {
            if (result != 0) {
                sink.one(CodeScan.GLOBAL_GET).u32(carriers.result(result));
            }
            sink.one(CodeScan.RETURN);
        }
    }

    private void choose(WasmSink sink, boolean wraps) {
        List<Integer> exits = region.exits();
        if (exits.isEmpty()) {
            sink.one(CodeScan.UNREACHABLE);
        } else if (exits.size() == 1) {
            if (exits.getFirst() >= 0) {
                sink.one(CodeScan.BR).u32(around(exits.getFirst(), false));
            }
        } else if (exits.size() == 2) {
            sink.one(CodeScan.BR_IF).u32(around(exits.get(1), wraps));
            if (exits.getFirst() >= 0 || wraps) {
                sink.one(CodeScan.BR).u32(around(exits.getFirst(), wraps));
            }
        } else {
            sink.one(CodeScan.BR_TABLE).u32(exits.size() - 1);
            exits.forEach(exit -> sink.u32(around(exit, wraps)));
        }
    }

    /** The depth of an exit's label where the call stands. */
    private int around(int exit, boolean wraps) {
        List<Integer> open = region.open();
        int inner = wraps ? 1 : 0;
        return switch (exit) {
            case Regions.RETURN -> 0;
            case Regions.FALL -> inner;
            default -> inner + open.size() - 1 - open.indexOf(exit);
        };
    }
}
