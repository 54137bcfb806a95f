package orb.sandbox.fuel;

import java.util.function.IntFunction;

/** Writes a module anew from one that is laid out, section by section, without custom ones. */
final class Sections {
    private static final int[] FORMS = {
        Layout.TYPE,
        Layout.IMPORT,
        Layout.FUNCTION,
        Layout.TABLE,
        Layout.MEMORY,
        Layout.GLOBAL,
        Layout.EXPORT,
        Layout.START,
        Layout.ELEMENT,
        Layout.DATA_COUNT,
        Layout.CODE,
        Layout.DATA
    };

    private Sections() {}

    /**
     * The module's bytes.
     *
     * @param content of the section with this id; empty leaves the section out
     */
    static byte[] module(Layout layout, IntFunction<WasmSink> content) {
        WasmSink out = new WasmSink(layout.bytes.length * 2);
        out.raw(layout.bytes, 0, 8);
        for (int id : FORMS) {
            WasmSink section = content.apply(id);
            if (section.length() > 0) {
                out.section(id, section);
            }
        }
        return out.bytes();
    }

    /** A section as it was; empty if there was none. */
    static WasmSink same(Layout layout, int id) {
        for (Layout.Section section : layout.sections) {
            if (section.id() == id) {
                return new WasmSink(section.to() - section.from())
                        .raw(layout.bytes, section.from(), section.to());
            }
        }
        return new WasmSink(1);
    }

    /** A section with entries appended; empty if there was none and none came. */
    static WasmSink extended(Layout layout, int id, int more, WasmSink entries) {
        WasmSink same = same(layout, id);
        if (more == 0) {
            return same;
        }
        WasmSource source = new WasmSource(same.bytes(), 0, same.length());
        int count = same.length() == 0 ? 0 : source.u32();
        return new WasmSink(same.length() + entries.length() + 5)
                .u32(count + more)
                .raw(same.bytes(), source.position(), same.length())
                .append(entries);
    }
}
