package orb.sandbox.fuel;

import java.util.ArrayList;
import java.util.List;

/**
 * Rewrites a valid module into one that counts its own fuel and call depth (see the gas schedule,
 * docs/protocol/gas-schedule.md).
 *
 * <p>Counting in the code rather than in the engine makes fuel a property of the module: the
 * compiler, the interpreter and any other engine count the same. Globals and functions are appended
 * behind the module's own, whose indices therefore stay as they are; validation of the original
 * proved that its code names none of the new ones. Exports, the start function and active segments
 * are taken out: the sandbox calls functions by index and lays the segments out itself, once, so
 * that making an instance is a copy.
 */
public final class Meter {
    private final Layout layout;
    private final Added added;
    private final Bodies bodies;

    /**
     * What the rewritten module has beyond the original.
     *
     * @param gasGlobal fuel that is left of what was taken from the reserve, i64; below zero when
     *     all ran out, or for a moment
     * @param depthGlobal words of stack that are left, i32; below zero when they ran out
     * @param reserveGlobal fuel that is left besides, i64, never below zero
     * @param chargeFunction takes an i64 from the gas and stops the module when none is left
     * @param refillFunction takes a slice from the reserve: given the gas that a body has and what
     *     it needs, both i64, it returns what the body has then, or stops the module
     */
    public record Added(
            int gasGlobal,
            int depthGlobal,
            int reserveGlobal,
            int chargeFunction,
            int refillFunction) {}

    private enum Bodies {
        COUNTED,
        PLAIN,
        LEFT_OUT
    }

    private Meter(Layout layout, Bodies bodies) {
        this.layout = layout;
        this.bodies = bodies;
        int globals = layout.globals.size();
        int functions = layout.functionCount();
        this.added = new Added(globals, globals + 1, globals + 2, functions, functions + 1);
    }

    public static Added added(Layout layout) {
        return new Meter(layout, Bodies.COUNTED).added;
    }

    /** How many globals the rewritten module has. */
    public static int globals(Layout layout) {
        return added(layout).reserveGlobal + 1;
    }

    /** The metered module's bytes. */
    public static byte[] rewrite(Layout layout) {
        return new Meter(layout, Bodies.COUNTED).module();
    }

    /** The same without any counting in the bodies, to measure what the counting costs. */
    public static byte[] withoutCounting(Layout layout) {
        return new Meter(layout, Bodies.PLAIN).module();
    }

    /** The same with bodies that only trap, for code that was compiled before. */
    public static byte[] withoutBodies(Layout layout) {
        return new Meter(layout, Bodies.LEFT_OUT).module();
    }

    private byte[] module() {
        return Sections.module(layout, this::content);
    }

    private WasmSink content(int id) {
        return switch (id) {
            case Layout.TYPE -> Sections.extended(layout, id, 2, types());
            case Layout.FUNCTION -> {
                int types = layout.types.size();
                yield Sections.extended(layout, id, 2, new WasmSink(8).u32(types).u32(types + 1));
            }
            case Layout.GLOBAL -> Sections.extended(layout, id, 3, globals());
            case Layout.TABLE -> tables();
            case Layout.MEMORY -> memory();
            case Layout.ELEMENT -> elements();
            case Layout.CODE -> code();
            case Layout.DATA -> data();
            case Layout.EXPORT, Layout.START -> new WasmSink(1);
            default -> Sections.same(layout, id);
        };
    }

    private static WasmSink types() {
        WasmSink out = new WasmSink(16);
        out.one(0x60).one(1).one(Layout.I64).one(0);
        return out.one(0x60).one(2).one(Layout.I64).one(Layout.I64).one(1).one(Layout.I64);
    }

    private static WasmSink globals() {
        WasmSink out = new WasmSink(16);
        out.one(Layout.I64).one(1).one(0x42).one(0).one(CodeScan.END);
        out.one(Layout.I32).one(1).one(0x41).one(0).one(CodeScan.END);
        return out.one(Layout.I64).one(1).one(0x42).one(0).one(CodeScan.END);
    }

    private WasmSink tables() {
        WasmSink out = new WasmSink(64);
        if (!layout.tables.isEmpty()) {
            out.u32(layout.tables.size());
            for (Layout.Table table : layout.tables) {
                out.one(table.elementType()).one(1).u32(table.min()).u32(table.max());
            }
        }
        return out;
    }

    /** There is one in any case, if only of no pages: compiled code finds its globals by it. */
    private WasmSink memory() {
        Layout.Pages pages = layout.memory.orElse(new Layout.Pages(0, 0));
        return new WasmSink(16).u32(1).one(1).u32(pages.min()).u32(pages.max());
    }

    /** Active segments stay as declared ones, because code may name their functions. */
    private WasmSink elements() {
        WasmSink out = new WasmSink(256);
        List<Integer> exported = new ArrayList<>();
        layout.exports.stream().filter(e -> e.kind() == 0).forEach(e -> exported.add(e.index()));
        if (layout.elements.isEmpty() && exported.isEmpty()) {
            return out;
        }
        out.u32(layout.elements.size() + 1);
        for (Layout.Elements segment : layout.elements) {
            out.one(segment.mode() == Layout.Mode.PASSIVE ? 5 : 7).one(segment.type());
            out.u32(segment.items().size());
            segment.items().forEach(item -> item(out, segment.type(), item));
        }
        out.one(3).one(0).u32(exported.size());
        exported.forEach(out::u32);
        return out;
    }

    private static void item(WasmSink out, int type, Layout.Constant item) {
        switch (item) {
            case Layout.Constant.Function(int index) -> out.one(CodeScan.REF_FUNC).u32(index);
            case Layout.Constant.OfGlobal(int index) -> out.one(0x23).u32(index);
            case Layout.Constant.Null() -> out.one(0xd0).one(type);
            case Layout.Constant.Number(long bits) -> out.one(0x41).signed((int) bits);
        }
        out.one(CodeScan.END);
    }

    private WasmSink code() {
        WasmSink out = new WasmSink(layout.bytes.length * 2);
        out.u32(layout.bodies.size() + 2);
        for (int i = 0; i < layout.bodies.size(); i++) {
            Layout.Signature type = layout.types.get(layout.functionTypes.get(i));
            Layout.Body body = layout.bodies.get(i);
            out.sized(
                    switch (bodies) {
                        case COUNTED -> new BodyMeter(layout, body, type, added).rewritten();
                        case PLAIN ->
                                new WasmSink(64).raw(layout.bytes, body.localsFrom(), body.to());
                        case LEFT_OUT ->
                                new WasmSink(3).one(0).one(CodeScan.UNREACHABLE).one(CodeScan.END);
                    });
        }
        Refill refill = new Refill(added);
        return out.sized(refill.charge()).sized(refill.refill());
    }

    /** Active segments are empty from here on, as the specification has them after their use. */
    private WasmSink data() {
        WasmSink out = new WasmSink(256);
        if (!layout.data.isEmpty()) {
            out.u32(layout.data.size());
            for (Layout.Data segment : layout.data) {
                boolean passive = segment.mode() == Layout.Mode.PASSIVE;
                int to = passive ? segment.to() : segment.from();
                out.one(1).u32(to - segment.from()).raw(layout.bytes, segment.from(), to);
            }
        }
        return out;
    }
}
