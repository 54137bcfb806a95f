package orb.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import orb.kernel.Bytes;
import orb.sandbox.fuel.WasmSink;

/** Builds modules for tests, valid or not, without a compiler. */
final class TestModule {
    static final int I32 = 0x7f;
    static final int I64 = 0x7e;
    private static final int[] NONE = {};

    private final List<WasmSink> types = new ArrayList<>();
    private final List<WasmSink> imports = new ArrayList<>();
    private final List<Integer> functions = new ArrayList<>();
    private final List<WasmSink> tables = new ArrayList<>();
    private final List<WasmSink> memories = new ArrayList<>();
    private final List<WasmSink> globals = new ArrayList<>();
    private final List<WasmSink> exports = new ArrayList<>();
    private final List<WasmSink> elements = new ArrayList<>();
    private final List<WasmSink> bodies = new ArrayList<>();
    private final List<WasmSink> data = new ArrayList<>();
    private final List<WasmSink> customs = new ArrayList<>();
    private boolean countsData;
    private OptionalInt start = OptionalInt.empty();

    static int[] params(int... types) {
        return types;
    }

    static int[] none() {
        return NONE;
    }

    /** A module with {@code memory} and {@code alloc}; its {@code handle} is still to be added. */
    static TestModule handler(int pages) {
        TestModule module = new TestModule().memory(pages, -1);
        module.export("memory", 2, 0);
        return module;
    }

    /** Adds {@code alloc}, which always answers 1024, and {@code handle}; then the bytes. */
    Bytes handling(int[] locals, Asm code) {
        int alloc = function(params(I32), new int[] {I32}, NONE, new Asm().i32(1024));
        int handle = function(params(I32, I32), new int[] {I64}, locals, code);
        export("alloc", 0, alloc);
        export("handle", 0, handle);
        return build();
    }

    Bytes handling(Asm code) {
        return handling(NONE, code);
    }

    /** A WASI command with this main function. */
    Bytes command(Asm code) {
        export("_start", 0, function(NONE, NONE, new int[] {I32, I32}, code));
        return build();
    }

    int type(int[] params, int... results) {
        WasmSink entry = new WasmSink(8).one(0x60).u32(params.length);
        for (int one : params) {
            entry.one(one);
        }
        entry.u32(results.length);
        for (int one : results) {
            entry.one(one);
        }
        types.add(entry);
        return types.size() - 1;
    }

    int imported(String module, String name, int[] params, int... results) {
        int type = type(params, results);
        imports.add(text(text(new WasmSink(32), module), name).one(0).u32(type));
        return imports.size() - 1;
    }

    int wasi(String name, int[] params, int... results) {
        return imported("wasi_snapshot_preview1", name, params, results);
    }

    /** Adds a function of its own type; the last {@code end} is added here. */
    int function(int[] params, int[] results, int[] locals, Asm code) {
        return function(type(params, results), locals, code);
    }

    int function(int type, int[] locals, Asm code) {
        functions.add(type);
        WasmSink body = new WasmSink(64).u32(locals.length);
        for (int local : locals) {
            body.u32(1).one(local);
        }
        bodies.add(body.append(code.sink()).one(0x0b));
        return imports.size() + functions.size() - 1;
    }

    /** A body whose locals come in one group of any size. */
    int functionWithLocals(int count, int type, Asm code) {
        functions.add(type(NONE));
        WasmSink body = new WasmSink(64).u32(1).u32(count).one(type);
        bodies.add(body.append(code.sink()).one(0x0b));
        return imports.size() + functions.size() - 1;
    }

    TestModule memory(int min, int max) {
        memories.add(limits(new WasmSink(8), min, max));
        return this;
    }

    TestModule rawMemory(int... bytes) {
        memories.add(new Asm().op(bytes).sink());
        return this;
    }

    TestModule table(int min, int max) {
        tables.add(limits(new WasmSink(8).one(0x70), min, max));
        return this;
    }

    int global(int type, boolean mutable, Asm init) {
        WasmSink entry = new WasmSink(8).one(type).one(mutable ? 1 : 0);
        globals.add(entry.append(init.sink()).one(0x0b));
        return globals.size() - 1;
    }

    TestModule export(String name, int kind, int index) {
        exports.add(text(new WasmSink(16), name).one(kind).u32(index));
        return this;
    }

    TestModule elements(int offset, int... members) {
        WasmSink entry = new WasmSink(32).one(0).one(0x41).signed(offset).one(0x0b);
        entry.u32(members.length);
        for (int function : members) {
            entry.u32(function);
        }
        elements.add(entry);
        return this;
    }

    TestModule passiveElements(int... members) {
        WasmSink entry = new WasmSink(32).one(1).one(0).u32(members.length);
        for (int function : members) {
            entry.u32(function);
        }
        elements.add(entry);
        return this;
    }

    TestModule data(int offset, String content) {
        byte[] bytes = Bytes.utf8(content).array();
        WasmSink entry = new WasmSink(32).one(0).one(0x41).signed(offset).one(0x0b);
        data.add(entry.u32(bytes.length).raw(bytes));
        return this;
    }

    TestModule passiveData(String content) {
        byte[] bytes = Bytes.utf8(content).array();
        data.add(new WasmSink(32).one(1).u32(bytes.length).raw(bytes));
        countsData = true;
        return this;
    }

    TestModule starting(int function) {
        start = OptionalInt.of(function);
        return this;
    }

    TestModule custom(String name, String content) {
        customs.add(text(new WasmSink(32), name).raw(Bytes.utf8(content).array()));
        return this;
    }

    Bytes build() {
        WasmSink out = new WasmSink(1024);
        out.one(0).one('a').one('s').one('m').one(1).one(0).one(0).one(0);
        section(out, 1, types);
        section(out, 2, imports);
        section(out, 3, functions.stream().map(type -> new WasmSink(4).u32(type)).toList());
        section(out, 4, tables);
        section(out, 5, memories);
        section(out, 6, globals);
        section(out, 7, exports);
        start.ifPresent(function -> out.section(8, new WasmSink(4).u32(function)));
        section(out, 9, elements);
        if (countsData) {
            out.section(12, new WasmSink(4).u32(data.size()));
        }
        section(
                out,
                10,
                bodies.stream().map(body -> new WasmSink(body.length()).sized(body)).toList());
        section(out, 11, data);
        customs.forEach(custom -> out.section(0, custom));
        return Bytes.wrap(out.bytes());
    }

    private static void section(WasmSink out, int id, List<WasmSink> entries) {
        if (!entries.isEmpty()) {
            WasmSink content = new WasmSink(64).u32(entries.size());
            entries.forEach(content::append);
            out.section(id, content);
        }
    }

    private static WasmSink limits(WasmSink out, int min, int max) {
        return max < 0 ? out.one(0).u32(min) : out.one(1).u32(min).u32(max);
    }

    private static WasmSink text(WasmSink out, String text) {
        byte[] bytes = Bytes.utf8(text).array();
        return out.u32(bytes.length).raw(bytes);
    }
}
