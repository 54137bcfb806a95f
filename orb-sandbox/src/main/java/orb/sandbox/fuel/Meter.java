package orb.sandbox.fuel;

import java.util.ArrayList;
import java.util.List;

/**
 * Rewrites a valid module into one that counts its own fuel and call depth (see the gas schedule,
 * docs/protocol/gas-schedule.md).
 *
 * <p>Counting in the code rather than in the engine makes fuel a property of the module: the
 * compiler, the interpreter and any other engine count the same. Two globals and one function are
 * appended behind the module's own, whose indices therefore stay as they are; validation of the
 * original proved that its code names none of the new ones. Exports, the start function and active
 * segments are taken out: the sandbox calls functions by index and lays the segments out itself,
 * once, so that making an instance is a copy.
 */
public final class Meter {
    /** Pairs of instructions; each makes three bytes of JVM code, and 325 are inlined at most. */
    private static final int PADDING = 200;

    private static final int[] FORMS = {
        Layout.TYPE,
        Layout.IMPORT,
        Layout.FUNCTION,
        Layout.TABLE,
        Layout.MEMORY,
        Layout.GLOBAL,
        Layout.ELEMENT,
        Layout.DATA_COUNT,
        Layout.CODE,
        Layout.DATA
    };

    private final Layout layout;
    private final Added added;
    private final Bodies bodies;

    /**
     * What the rewritten module has beyond the original.
     *
     * @param gasGlobal fuel that is left, i64; below zero when it ran out
     * @param depthGlobal words of stack that are left, i32; below zero when they ran out
     * @param chargeFunction takes an i64 from the gas and stops the module when none is left
     */
    public record Added(int gasGlobal, int depthGlobal, int chargeFunction) {}

    private enum Bodies {
        COUNTED,
        PLAIN,
        LEFT_OUT
    }

    private Meter(Layout layout, Bodies bodies) {
        this.layout = layout;
        this.bodies = bodies;
        int globals = layout.globals.size();
        this.added = new Added(globals, globals + 1, layout.functionCount());
    }

    public static Added added(Layout layout) {
        return new Meter(layout, Bodies.COUNTED).added;
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
        WasmSink out = new WasmSink(layout.bytes.length * 2);
        out.raw(layout.bytes, 0, 8);
        for (int id : FORMS) {
            WasmSink content = content(id);
            if (content.length() > 0) {
                out.section(id, content);
            }
        }
        return out.bytes();
    }

    private WasmSink content(int id) {
        return switch (id) {
            case Layout.TYPE ->
                    extended(id, 1, new WasmSink(8).one(0x60).one(1).one(Layout.I64).one(0));
            case Layout.FUNCTION -> extended(id, 1, new WasmSink(8).u32(layout.types.size()));
            case Layout.GLOBAL -> extended(id, 2, globals());
            case Layout.TABLE -> tables();
            case Layout.MEMORY -> memory();
            case Layout.ELEMENT -> elements();
            case Layout.CODE -> code();
            case Layout.DATA -> data();
            default -> extended(id, 0, new WasmSink(1));
        };
    }

    /** A section as it was, with entries appended; empty if there was none and none came. */
    private WasmSink extended(int id, int more, WasmSink entries) {
        WasmSink out = new WasmSink(64);
        for (Layout.Section section : layout.sections) {
            if (section.id() == id) {
                WasmSource source = new WasmSource(layout.bytes, section.from(), section.to());
                out.u32(source.u32() + more);
                return out.raw(layout.bytes, source.position(), section.to()).append(entries);
            }
        }
        return more == 0 ? out : out.u32(more).append(entries);
    }

    private static WasmSink globals() {
        WasmSink out = new WasmSink(16);
        out.one(Layout.I64).one(1).one(0x42).one(0).one(CodeScan.END);
        return out.one(Layout.I32).one(1).one(0x41).one(0).one(CodeScan.END);
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

    private WasmSink memory() {
        WasmSink out = new WasmSink(16);
        layout.memory.ifPresent(m -> out.u32(1).one(1).u32(m.min()).u32(m.max()));
        return out;
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
        out.u32(layout.bodies.size() + 1);
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
        return out.sized(chargeBody());
    }

    /**
     * The charging function, padded with code that does nothing: a JVM that inlined it hundreds of
     * times into a large body would give up compiling that body.
     */
    private WasmSink chargeBody() {
        WasmSink out = new WasmSink(1024);
        out.one(0);
        for (int i = 0; i < PADDING; i++) {
            out.one(0x20).one(0).one(0x1a);
        }
        out.one(0x23).u32(added.gasGlobal()).one(0x20).one(0).one(0x7d);
        out.one(0x24).u32(added.gasGlobal()).one(0x23).u32(added.gasGlobal());
        out.one(0x42).one(0).one(0x53).one(CodeScan.IF).one(0x40).one(CodeScan.UNREACHABLE);
        return out.one(CodeScan.END).one(CodeScan.END);
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
