package orb.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import orb.kernel.Bytes;
import orb.kernel.Result;
import orb.sandbox.fuel.Layout;
import orb.sandbox.fuel.WasmSink;

/**
 * Takes out of a module what only helps to read it.
 *
 * <p>Every custom section goes (names, producers, debug information, links to sources, and any that
 * is unknown), and exports that no entry shape needs are dropped to their bare index. The code
 * stays as it is, byte for byte, so results and fuel are the same. This hinders reading; it keeps
 * nothing secret. Thread-safe.
 */
public final class Obfuscator {
    private static final Set<String> KEPT =
            new TreeSet<>(List.of("memory", "_start", "_initialize", "alloc", "handle"));

    private Obfuscator() {}

    /**
     * The same module without names; deterministic, and a second time changes nothing.
     *
     * <p>An artefact of a script comes back as it is, because byte code is made without names.
     * Refused if the bytes are not an admissible module.
     */
    public static Result<Bytes> obfuscate(Bytes artefact) {
        if (Scripts.isScript(artefact)) {
            return Result.ok(artefact);
        }
        return Admission.guarded(() -> stripped(Admission.admit(artefact)));
    }

    private static Bytes stripped(Layout layout) {
        WasmSink out = new WasmSink(layout.bytes.length);
        out.raw(layout.bytes, 0, 8);
        for (Layout.Section section : layout.sections) {
            if (section.id() == Layout.EXPORT) {
                out.section(Layout.EXPORT, exports(layout));
            } else if (section.id() != Layout.CUSTOM) {
                out.one(section.id()).u32(section.to() - section.from());
                out.raw(layout.bytes, section.from(), section.to());
            }
        }
        return Bytes.wrap(out.bytes());
    }

    /** Renamed rather than removed: code may name a function that only its export declares. */
    private static WasmSink exports(Layout layout) {
        List<String> names = new ArrayList<>();
        int next = 0;
        for (Layout.Export export : layout.exports) {
            names.add(KEPT.contains(export.name()) ? export.name() : Integer.toString(next, 36));
            next += KEPT.contains(export.name()) ? 0 : 1;
        }
        WasmSink out = new WasmSink(256).u32(names.size());
        for (int i = 0; i < names.size(); i++) {
            byte[] name = Bytes.utf8(names.get(i)).array();
            Layout.Export export = layout.exports.get(i);
            out.u32(name.length).raw(name).one(export.kind()).u32(export.index());
        }
        return out;
    }
}
