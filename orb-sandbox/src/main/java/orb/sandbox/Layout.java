package orb.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;

/**
 * Where everything stands in the binary of one module, as {@link SectionScan} found it.
 *
 * <p>Indices are those of the module's own index spaces; offsets are into {@link #bytes}. Written
 * by the scan alone, read by everyone after it.
 */
final class Layout {
    static final int CUSTOM = 0;
    static final int TYPE = 1;
    static final int IMPORT = 2;
    static final int FUNCTION = 3;
    static final int TABLE = 4;
    static final int MEMORY = 5;
    static final int GLOBAL = 6;
    static final int EXPORT = 7;
    static final int START = 8;
    static final int ELEMENT = 9;
    static final int CODE = 10;
    static final int DATA = 11;
    static final int DATA_COUNT = 12;

    static final int I32 = 0x7f;
    static final int I64 = 0x7e;
    static final int F32 = 0x7d;
    static final int F64 = 0x7c;
    static final int FUNCREF = 0x70;
    static final int EXTERNREF = 0x6f;

    final byte[] bytes;
    final List<Section> sections = new ArrayList<>();
    final List<Signature> types = new ArrayList<>();
    final List<Import> imports = new ArrayList<>();
    final List<Integer> functionTypes = new ArrayList<>();
    final List<Table> tables = new ArrayList<>();
    final List<Global> globals = new ArrayList<>();
    final List<Export> exports = new ArrayList<>();
    final List<Elements> elements = new ArrayList<>();
    final List<Data> data = new ArrayList<>();
    final List<Body> bodies = new ArrayList<>();
    Optional<Pages> memory = Optional.empty();
    Optional<Integer> start = Optional.empty();
    Optional<Integer> dataCount = Optional.empty();

    Layout(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The type of a function, imported or defined. */
    Signature signature(int function) {
        int imported = imports.size();
        return types.get(
                function < imported
                        ? imports.get(function).type()
                        : functionTypes.get(function - imported));
    }

    int functionCount() {
        return imports.size() + functionTypes.size();
    }

    /** The exported function of this name and type, if there is one. */
    Optional<Integer> function(String name, Signature signature) {
        return exports.stream()
                .filter(export -> export.kind() == 0 && export.name().equals(name))
                .map(Export::index)
                .filter(index -> signature(index).equals(signature))
                .findFirst();
    }

    boolean exportsMemory() {
        return exports.stream().anyMatch(e -> e.kind() == 2 && e.name().equals("memory"));
    }

    /** A section's content, without its id and size. */
    record Section(int id, int from, int to) {}

    /** A function type: one byte for each value type. */
    record Signature(Bytes params, Bytes results) {
        static Signature of(int[] params, int... results) {
            return new Signature(packed(params), packed(results));
        }

        private static Bytes packed(int[] types) {
            byte[] packed = new byte[types.length];
            for (int i = 0; i < types.length; i++) {
                packed[i] = (byte) types[i];
            }
            return Bytes.wrap(packed);
        }
    }

    /** An imported function; nothing else can be imported. */
    record Import(String module, String name, int type) {}

    /** A table; {@code max} is already cut to what a sandbox gives. */
    record Table(int elementType, int min, int max) {}

    /** Initial and greatest size of the memory in pages. */
    record Pages(int min, int max) {}

    /** A global; its entry stands from {@code from} to {@code to}. */
    record Global(int type, boolean mutable, Constant init) {}

    record Export(String name, int kind, int index) {}

    /** What a constant expression yields. */
    sealed interface Constant {
        record Number(long bits) implements Constant {}

        record OfGlobal(int index) implements Constant {}

        record Function(int index) implements Constant {}

        record Null() implements Constant {}
    }

    /** How a segment gets into its memory or table. */
    enum Mode {
        ACTIVE,
        PASSIVE,
        DECLARED
    }

    /** An element segment; table and offset count only for active ones. */
    record Elements(Mode mode, int type, int table, Constant offset, List<Constant> items) {}

    /** A data segment, its bytes from {@code from} to {@code to}. */
    record Data(Mode mode, Constant offset, int from, int to) {}

    /**
     * The code of one function.
     *
     * @param localsFrom where the local declarations start (their count)
     * @param codeFrom where the instructions start
     * @param to just behind the last {@code end}
     * @param locals declared, without parameters
     */
    record Body(int localsFrom, int codeFrom, int to, int locals) {}
}
