package orb.sandbox.fuel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/**
 * Reads a module's sections within {@link Bounds}, before any engine sees them.
 *
 * <p>It checks form and size (WebAssembly core specification, section 5.5) and names every feature
 * that no sandbox has; whether the types agree is left to the engine's validator. Time and memory
 * are linear in the length of the module. Not thread-safe.
 */
public final class SectionScan {
    private static final int SIMD_TYPE = 0x7b;

    private final Layout layout;
    private WasmSource in;
    private final Set<String> exported = new TreeSet<>();
    private int elementsInAll;

    private SectionScan(byte[] bytes) {
        this.layout = new Layout(bytes);
        this.in = new WasmSource(bytes, 0, bytes.length);
    }

    /**
     * Where everything stands in the module.
     *
     * @throws RefusedException with the reason
     */
    public static Layout scan(byte[] bytes) {
        checkHead(bytes);
        SectionScan scan = new SectionScan(bytes);
        scan.sections();
        return scan.layout;
    }

    private static void checkHead(byte[] bytes) {
        byte[] head = {0, 'a', 's', 'm', 1, 0, 0, 0};
        for (int i = 0; i < head.length; i++) {
            if (i >= bytes.length && i > 0) {
                throw new RefusedException(
                        ErrorCode.TRUNCATED_WASM, "the module is cut off in its first 8 bytes");
            }
            if (i >= bytes.length || bytes[i] != head[i]) {
                throw new RefusedException(
                        ErrorCode.NOT_WASM,
                        i < 4
                                ? "the file does not start with the bytes of a WebAssembly module"
                                : "the file is a WebAssembly component or of an unknown version,"
                                        + " not a module of version 1");
            }
        }
        if (bytes.length > Bounds.MODULE_BYTES) {
            throw new RefusedException(
                    ErrorCode.MODULE_TOO_LARGE,
                    "the module has " + bytes.length + " bytes; at most " + Bounds.MODULE_BYTES);
        }
    }

    private void sections() {
        WasmSource whole = in;
        whole.skip(8);
        int previous = 0;
        int customs = 0;
        while (!whole.isAtEnd()) {
            int id = whole.next();
            int length = whole.length();
            Layout.Section section =
                    new Layout.Section(id, whole.position(), whole.position() + length);
            if (id == Layout.CUSTOM) {
                if (++customs > Bounds.CUSTOM_SECTIONS) {
                    throw whole.bomb("more than %d custom sections", Bounds.CUSTOM_SECTIONS);
                }
            } else {
                int rank = rank(whole, id);
                if (rank <= previous) {
                    throw whole.invalid("section %d twice or out of order", id);
                }
                previous = rank;
            }
            layout.sections.add(section);
            in = new WasmSource(layout.bytes, section.from(), section.to());
            content(id);
            if (!in.isAtEnd()) {
                throw in.invalid("section %d longer than its content", id);
            }
            whole.skip(length);
        }
        if (layout.bodies.size() != layout.functionTypes.size()) {
            throw whole.invalid(
                    "%d functions but %d bodies",
                    layout.functionTypes.size(), layout.bodies.size());
        }
        if (layout.dataCount.isPresent() && layout.dataCount.get() != layout.data.size()) {
            throw whole.invalid("a data count that differs from the number of data segments");
        }
    }

    /** The order in which sections come: the data count stands before the code. */
    private static int rank(WasmSource whole, int id) {
        return switch (id) {
            case Layout.DATA_COUNT -> Layout.CODE;
            case Layout.CODE, Layout.DATA -> id + 1;
            case 13 -> throw whole.proposal("exception handling");
            default -> {
                if (id > Layout.DATA_COUNT) {
                    throw whole.invalid("an unknown section %d", id);
                }
                yield id;
            }
        };
    }

    private void content(int id) {
        switch (id) {
            case Layout.CUSTOM -> {
                in.name();
                in.skip(in.end() - in.position());
            }
            case Layout.TYPE -> repeat(Bounds.TYPES, "types", this::type);
            case Layout.IMPORT -> repeat(Bounds.IMPORTS, "imports", this::importEntry);
            case Layout.FUNCTION -> functions();
            case Layout.TABLE -> repeat(Bounds.TABLES, "tables", this::table);
            case Layout.MEMORY -> memories();
            case Layout.GLOBAL -> repeat(Bounds.GLOBALS, "globals", this::global);
            case Layout.EXPORT -> repeat(Bounds.EXPORTS, "exports", this::export);
            case Layout.START -> layout.start = Optional.of(functionIndex());
            case Layout.ELEMENT ->
                    repeat(Bounds.ELEMENT_SEGMENTS, "element segments", this::elements);
            case Layout.DATA_COUNT -> layout.dataCount = Optional.of(in.u32());
            case Layout.CODE -> code();
            default -> repeat(Bounds.DATA_SEGMENTS, "data segments", this::data);
        }
    }

    private void repeat(int max, String what, Runnable entry) {
        int count = in.count(max, what);
        for (int i = 0; i < count; i++) {
            entry.run();
        }
    }

    private void type() {
        int form = in.next();
        if (form != 0x60) {
            throw form >= 0x4d && form <= 0x5f
                    ? in.proposal("garbage collection")
                    : in.invalid("a type of unknown form %d", form);
        }
        Bytes params = valueTypes(Bounds.PARAMS, "parameters");
        layout.types.add(new Layout.Signature(params, valueTypes(Bounds.RESULTS, "results")));
    }

    private Bytes valueTypes(int max, String what) {
        byte[] types = new byte[in.count(max, what)];
        for (int i = 0; i < types.length; i++) {
            types[i] = (byte) valueType();
        }
        return Bytes.wrap(types);
    }

    private int valueType() {
        int type = in.next();
        return checkedType(in, type);
    }

    static int checkedType(WasmSource in, int type) {
        return switch (type) {
            case Layout.I32, Layout.I64, Layout.F32, Layout.F64, Layout.FUNCREF, Layout.EXTERNREF ->
                    type;
            case SIMD_TYPE ->
                    throw in.refuse(
                            ErrorCode.SIMD_REFUSED,
                            "uses the type v128: compile without SIMD (clang: -mno-simd128)");
            case 0x63, 0x64 -> throw in.proposal("typed function references");
            default -> {
                if (type >= 0x65 && type <= 0x75) {
                    throw in.proposal("garbage collection or exception handling");
                }
                throw in.invalid("an unknown value type 0x%x", type);
            }
        };
    }

    private int referenceType() {
        int type = valueType();
        if (type != Layout.FUNCREF && type != Layout.EXTERNREF) {
            throw in.invalid("a table of numbers");
        }
        return type;
    }

    private int typeIndex() {
        int index = in.u32();
        if (index < 0 || index >= layout.types.size()) {
            throw in.invalid("a function of an unknown type");
        }
        return index;
    }

    private int functionIndex() {
        int index = in.u32();
        if (index < 0 || index >= layout.functionCount()) {
            throw in.invalid("an unknown function");
        }
        return index;
    }

    /**
     * For each type the engine lists the functions that an indirect call may reach, so many equal
     * types with many functions would make a small module a large one.
     */
    private void functions() {
        repeat(Bounds.FUNCTIONS, "functions", () -> layout.functionTypes.add(typeIndex()));
        Map<Layout.Signature, Integer> equal = new TreeMap<>();
        layout.types.forEach(type -> equal.merge(type, 1, Integer::sum));
        long candidates = 0;
        for (int function = 0; function < layout.functionCount(); function++) {
            candidates += equal.getOrDefault(layout.signature(function), 0);
        }
        if (candidates > Bounds.CALL_CANDIDATES) {
            throw in.bomb(
                    "%d ways of an indirect call; at most %d: give equal types one index",
                    candidates, Bounds.CALL_CANDIDATES);
        }
    }

    private void importEntry() {
        String module = in.name();
        String name = in.name();
        int kind = in.next();
        if (kind != 0) {
            String what = kind == 1 ? "table" : kind == 2 ? "memory" : kind == 3 ? "global" : "tag";
            throw new RefusedException(
                    ErrorCode.IMPORT_NOT_OFFERED,
                    "the module imports the "
                            + what
                            + " "
                            + module
                            + "."
                            + name
                            + ", and a sandbox offers functions only");
        }
        layout.imports.add(new Layout.Import(module, name, typeIndex()));
    }

    private void table() {
        int type = in.next();
        if (type == 0x40) {
            throw in.proposal("typed function references");
        }
        checkedType(in, type);
        if (type != Layout.FUNCREF && type != Layout.EXTERNREF) {
            throw in.invalid("a table of numbers");
        }
        long[] limits = limits();
        if (limits[0] > Bounds.TABLE_MIN) {
            throw in.bomb("a table of %d elements; at most %d", limits[0], Bounds.TABLE_MIN);
        }
        if (limits[1] < limits[0]) {
            throw in.invalid("a table whose maximum is below its minimum");
        }
        layout.tables.add(
                new Layout.Table(
                        type, (int) limits[0], (int) Math.min(limits[1], Bounds.TABLE_MAX)));
    }

    private void memories() {
        int count = in.u32();
        if (count < 0 || count > 1) {
            throw in.proposal("more than one memory");
        }
        if (count == 1) {
            long[] limits = limits();
            if (limits[0] > Bounds.MEMORY_PAGES) {
                throw in.bomb(
                        "a memory of %d pages at the start; at most %d",
                        limits[0], Bounds.MEMORY_PAGES);
            }
            if (limits[1] < limits[0]) {
                throw in.invalid("a memory whose maximum is below its minimum");
            }
            layout.memory =
                    Optional.of(
                            new Layout.Pages(
                                    (int) limits[0],
                                    (int) Math.min(limits[1], Bounds.MEMORY_PAGES)));
        }
    }

    private long[] limits() {
        int flags = in.next();
        if ((flags & 4) != 0) {
            throw in.refuse(
                    ErrorCode.MEMORY64_REFUSED, "uses 64-bit addresses: compile for wasm32");
        }
        if ((flags & 2) != 0) {
            throw in.refuse(
                    ErrorCode.THREADS_REFUSED, "has shared memory: compile without threads");
        }
        if (flags > 1) {
            throw in.proposal("custom page sizes");
        }
        long min = in.u32() & 0xffff_ffffL;
        return new long[] {min, flags == 1 ? in.u32() & 0xffff_ffffL : 0xffff_ffffL};
    }

    private void global() {
        int type = valueType();
        int mutable = in.next();
        if ((mutable & 2) != 0) {
            throw in.refuse(ErrorCode.THREADS_REFUSED, "has a shared global");
        }
        if (mutable > 1) {
            throw in.invalid("a global that is neither constant nor variable");
        }
        layout.globals.add(new Layout.Global(type, mutable == 1, constant()));
    }

    private void export() {
        String name = in.name();
        int kind = in.next();
        if (kind > 3) {
            throw kind == 4 ? in.proposal("exception handling") : in.invalid("an unknown export");
        }
        int index = kind == 0 ? functionIndex() : in.u32();
        int memories = layout.memory.isPresent() ? 1 : 0;
        int count =
                switch (kind) {
                    case 0 -> layout.functionCount();
                    case 1 -> layout.tables.size();
                    case 2 -> memories;
                    default -> layout.globals.size();
                };
        if (index < 0 || index >= count) {
            throw in.invalid("an export of something that it does not have");
        }
        if (!exported.add(name)) {
            throw in.invalid("two exports of one name");
        }
        layout.exports.add(new Layout.Export(name, kind, index));
    }

    /** A constant expression (section 3.3.10 of the specification, without proposals). */
    private Layout.Constant constant() {
        int opcode = in.next();
        Layout.Constant constant =
                switch (opcode) {
                    case 0x41 -> new Layout.Constant.Number(in.signed(32));
                    case 0x42 -> new Layout.Constant.Number(in.signed(64));
                    case 0x43 -> new Layout.Constant.Number(raw(4));
                    case 0x44 -> new Layout.Constant.Number(raw(8));
                    case 0x23 -> globalConstant();
                    case 0xd0 -> nullConstant();
                    case 0xd2 -> new Layout.Constant.Function(functionIndex());
                    case 0xfd -> throw in.refuse(ErrorCode.SIMD_REFUSED, "has a SIMD constant");
                    case 0xfb -> throw in.proposal("garbage collection");
                    default -> throw in.invalid("the opcode 0x%x in a constant", opcode);
                };
        if (in.next() != 0x0b) {
            throw in.proposal("extended constant expressions");
        }
        return constant;
    }

    private Layout.Constant globalConstant() {
        int index = in.u32();
        if (index < 0 || index >= layout.globals.size() || layout.globals.get(index).mutable()) {
            throw in.invalid("a constant from an unknown or variable global");
        }
        return new Layout.Constant.OfGlobal(index);
    }

    private Layout.Constant nullConstant() {
        referenceType();
        return new Layout.Constant.Null();
    }

    private long raw(int width) {
        long value = 0;
        for (int i = 0; i < width; i++) {
            value |= (long) in.next() << (8 * i);
        }
        return value;
    }

    private void elements() {
        int flags = in.u32();
        if (flags < 0 || flags > 7) {
            throw in.invalid("an element segment of unknown form");
        }
        boolean active = (flags & 1) == 0;
        int table = active && (flags & 2) != 0 ? in.u32() : 0;
        if (active && (table < 0 || table >= layout.tables.size())) {
            throw in.invalid("an element segment for an unknown table");
        }
        Layout.Constant offset = active ? constant() : new Layout.Constant.Null();
        boolean expressions = (flags & 4) != 0;
        int type = Layout.FUNCREF;
        if ((flags & 3) != 0) {
            type = expressions ? referenceType() : in.next() == 0 ? Layout.FUNCREF : -1;
            if (type < 0) {
                throw in.invalid("an element segment of unknown kind");
            }
        }
        int count = in.count(Bounds.ELEMENTS, "elements in a segment");
        elementsInAll += count;
        if (elementsInAll > Bounds.ELEMENTS) {
            throw in.bomb("more than %d elements in all segments", Bounds.ELEMENTS);
        }
        List<Layout.Constant> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            items.add(expressions ? constant() : new Layout.Constant.Function(functionIndex()));
        }
        Layout.Mode mode =
                active
                        ? Layout.Mode.ACTIVE
                        : (flags & 2) == 0 ? Layout.Mode.PASSIVE : Layout.Mode.DECLARED;
        layout.elements.add(new Layout.Elements(mode, type, table, offset, items));
    }

    private void data() {
        int flags = in.u32();
        if (flags < 0 || flags > 2) {
            throw in.invalid("a data segment of unknown form");
        }
        if (flags == 2 && in.u32() != 0) {
            throw in.proposal("more than one memory");
        }
        boolean active = flags != 1;
        if (active && layout.memory.isEmpty()) {
            throw in.invalid("a data segment but no memory");
        }
        Layout.Constant offset = active ? constant() : new Layout.Constant.Null();
        int length = in.length();
        layout.data.add(
                new Layout.Data(
                        active ? Layout.Mode.ACTIVE : Layout.Mode.PASSIVE,
                        offset,
                        in.position(),
                        in.position() + length));
        in.skip(length);
    }

    private void code() {
        if (in.end() - in.position() > Bounds.CODE_BYTES) {
            throw in.refuse(
                    ErrorCode.MODULE_TOO_LARGE,
                    "has %d bytes of code; at most %d",
                    in.end() - in.position(),
                    Bounds.CODE_BYTES);
        }
        int count = in.count(Bounds.FUNCTIONS, "function bodies");
        if (count != layout.functionTypes.size()) {
            throw in.invalid("%d functions but %d bodies", layout.functionTypes.size(), count);
        }
        WasmSource section = in;
        int localsInAll = 0;
        for (int i = 0; i < count; i++) {
            int length = section.length();
            if (length > Bounds.BODY_BYTES) {
                throw section.bomb("a function of %d bytes; at most %d", length, Bounds.BODY_BYTES);
            }
            in = new WasmSource(layout.bytes, section.position(), section.position() + length);
            Layout.Body body = body();
            localsInAll += body.locals();
            if (localsInAll > Bounds.LOCALS_IN_ALL) {
                throw in.bomb("more than %d locals in all functions", Bounds.LOCALS_IN_ALL);
            }
            layout.bodies.add(body);
            section.skip(length);
        }
        in = section;
    }

    private Layout.Body body() {
        int from = in.position();
        int groups = in.count(Bounds.LOCALS, "groups of locals");
        long locals = 0;
        for (int i = 0; i < groups; i++) {
            locals += in.u32() & 0xffff_ffffL;
            valueType();
            if (locals > Bounds.LOCALS) {
                throw in.bomb("%d locals in a function; at most %d", locals, Bounds.LOCALS);
            }
        }
        int codeFrom = in.position();
        CodeScan.check(layout, in);
        return new Layout.Body(from, codeFrom, in.end(), (int) locals);
    }
}
