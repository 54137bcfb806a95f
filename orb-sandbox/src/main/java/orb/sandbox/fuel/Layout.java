package orb.sandbox.fuel;

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
public final class Layout {
    public static final int CUSTOM = 0;
    public static final int TYPE = 1;
    public static final int IMPORT = 2;
    public static final int FUNCTION = 3;
    public static final int TABLE = 4;
    public static final int MEMORY = 5;
    public static final int GLOBAL = 6;
    public static final int EXPORT = 7;
    public static final int START = 8;
    public static final int ELEMENT = 9;
    public static final int CODE = 10;
    public static final int DATA = 11;
    public static final int DATA_COUNT = 12;

    public static final int I32 = 0x7f;
    public static final int I64 = 0x7e;
    public static final int F32 = 0x7d;
    public static final int F64 = 0x7c;
    public static final int FUNCREF = 0x70;
    public static final int EXTERNREF = 0x6f;

    public final byte[] bytes;
    public final List<Section> sections = new ArrayList<>();
    public final List<Signature> types = new ArrayList<>();
    public final List<Import> imports = new ArrayList<>();
    public final List<Integer> functionTypes = new ArrayList<>();
    public final List<Table> tables = new ArrayList<>();
    public final List<Global> globals = new ArrayList<>();
    public final List<Export> exports = new ArrayList<>();
    public final List<Elements> elements = new ArrayList<>();
    public final List<Data> data = new ArrayList<>();
    public final List<Body> bodies = new ArrayList<>();
    public Optional<Pages> memory = Optional.empty();
    public Optional<Integer> start = Optional.empty();
    public Optional<Integer> dataCount = Optional.empty();

    Layout(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The type of a function, imported or defined. */
    public Signature signature(int function) {
        int imported = imports.size();
        return types.get(
                function < imported
                        ? imports.get(function).type()
                        : functionTypes.get(function - imported));
    }

    public int functionCount() {
        return imports.size() + functionTypes.size();
    }

    /** The exported function of this name and type, if there is one. */
    public Optional<Integer> function(String name, Signature signature) {
        for (Export export : exports) { // by hand: each call looks for its entry
            if (export.kind() == 0
                    && export.name().equals(name)
                    && signature(export.index()).equals(signature)) {
                return Optional.of(export.index());
            }
        }
        return Optional.empty();
    }

    public boolean exportsMemory() {
        return exports.stream().anyMatch(e -> e.kind() == 2 && e.name().equals("memory"));
    }

    /** A section's content, without its id and size. */
    public record Section(int id, int from, int to) {}

    /** A function type: one byte for each value type. */
    public record Signature(Bytes params, Bytes results) implements Comparable<Signature> {
        @Override
        public int compareTo(Signature other) {
            int byParams = params.compareTo(other.params);
            return byParams != 0 ? byParams : results.compareTo(other.results);
        }

        public static Signature of(int[] params, int... results) {
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
    public record Import(String module, String name, int type) {}

    /** A table; {@code max} is already cut to what a sandbox gives. */
    public record Table(int elementType, int min, int max) {}

    /** Initial and greatest size of the memory in pages. */
    public record Pages(int min, int max) {}

    /** A global; its entry stands from {@code from} to {@code to}. */
    public record Global(int type, boolean mutable, Constant init) {}

    public record Export(String name, int kind, int index) {}

    /** What a constant expression yields. */
    public sealed interface Constant {
        record Number(long bits) implements Constant {}

        record OfGlobal(int index) implements Constant {}

        record Function(int index) implements Constant {}

        record Null() implements Constant {}
    }

    /** How a segment gets into its memory or table. */
    public enum Mode {
        ACTIVE,
        PASSIVE,
        DECLARED
    }

    /** An element segment; table and offset count only for active ones. */
    public record Elements(Mode mode, int type, int table, Constant offset, List<Constant> items) {}

    /** A data segment, its bytes from {@code from} to {@code to}. */
    public record Data(Mode mode, Constant offset, int from, int to) {}

    /**
     * The code of one function.
     *
     * @param localsFrom where the local declarations start (their count)
     * @param codeFrom where the instructions start
     * @param to just behind the last {@code end}
     * @param locals declared, without parameters
     */
    public record Body(int localsFrom, int codeFrom, int to, int locals) {}
}
