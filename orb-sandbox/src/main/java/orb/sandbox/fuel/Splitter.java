package orb.sandbox.fuel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/**
 * Takes parts of large bodies out into functions of their own.
 *
 * <p>A JVM compiles large methods late, badly or never: the loop of an interpreter, a switch of
 * hundreds of cases, stays with the JVM's own interpreter, fifty times as slow. The module means
 * the same after this as before; it is what is metered, so that fuel stays a property of the
 * module. Functions, types and globals are appended behind the module's own.
 */
public final class Splitter {
    /**
     * When to split and how far.
     *
     * @param above bodies longer than this are split, and no piece of one is longer
     * @param keep bytes that are left of such a body, about, if enough can be taken out
     * @param least regions that are not longer than this are never taken out
     */
    public record Sizes(int above, int keep, int least) {
        static final Sizes USUAL =
                new Sizes(
                        GasSchedule.SPLIT_BYTES,
                        GasSchedule.SPLIT_KEEP_BYTES,
                        GasSchedule.SPLIT_LEAST_BYTES);
    }

    /** Once a module has so many, its further bodies stay as they are. */
    private static final int PIECES_MAX = 5_000;

    private final Layout layout;
    private final Sizes sizes;
    private final Carriers carriers;

    /** Indices of all types, the module's own and {@link #newTypes}. */
    private final Map<Layout.Signature, Integer> types = new LinkedHashMap<>();

    private final List<Layout.Signature> newTypes = new ArrayList<>();
    private final List<Integer> pieceTypes = new ArrayList<>();
    private final WasmSink pieces = new WasmSink(1024);
    private final WasmSink bodies;

    private Splitter(Layout layout, Sizes sizes) {
        this.layout = layout;
        this.sizes = sizes;
        this.carriers = new Carriers(layout.globals.size());
        this.bodies = new WasmSink(layout.bytes.length);
        for (int i = 0; i < layout.types.size(); i++) {
            types.putIfAbsent(layout.types.get(i), i);
        }
    }

    /** The same module with its large bodies split; the very same if there is nothing to split. */
    public static Layout split(Layout valid) {
        return split(valid, Sizes.USUAL);
    }

    /** As {@link #split(Layout)}, with other sizes than the gas schedule has. */
    public static Layout split(Layout valid, Sizes sizes) {
        Splitter splitter = new Splitter(valid, sizes);
        return valid.bodies.stream().anyMatch(splitter::isLarge) ? splitter.split() : valid;
    }

    private boolean isLarge(Layout.Body body) {
        return body.to() - body.codeFrom() > sizes.above && pieceTypes.size() < PIECES_MAX;
    }

    private Layout split() {
        for (int i = 0; i < layout.bodies.size(); i++) {
            Layout.Body body = layout.bodies.get(i);
            Layout.Signature type = layout.types.get(layout.functionTypes.get(i));
            Optional<WasmSink> split = isLarge(body) ? body(body, type) : Optional.empty();
            bodies.sized(
                    split.orElseGet(() ->
                            new WasmSink(64).raw(layout.bytes, body.localsFrom(), body.to())));
        }
        if (pieceTypes.isEmpty()) {
            return layout;
        }
        try {
            return SectionScan.scan(Sections.module(layout, this::content));
        } catch (RefusedException e) {
            if (e.refusal().code() != ErrorCode.MODULE_BOMB) {
                throw e;
            }
            return layout; // it was admitted; with the pieces it declares more than is admitted
        }
    }

    private Optional<WasmSink> body(Layout.Body body, Layout.Signature type) {
        if (type.results().length() > 1) {
            return Optional.empty();
        }
        int result = type.results().length() == 0 ? 0 : type.results().at(0) & 0xff;
        Code code = Code.of(layout, body);
        int[] locals = locals(body, type);
        return Liveness.of(code, locals.length)
                .map(live -> new LargeBody(code, body, locals, live, new Nesting(code.count)))
                .map(large -> new SplitBody(large, (piece, table) -> add(piece, table, result)))
                .map(split -> split.without(Regions.of(code, body, result != 0, sizes)));
    }

    private Piece.Called add(Piece piece, List<Integer> table, int result) {
        int function = layout.functionCount() + pieceTypes.size();
        pieces.sized(piece.function(carriers, result, table));
        pieceTypes.add(type(piece.signature()));
        return new Piece.Called(function, carriers, result);
    }

    private int type(Layout.Signature signature) {
        return types.computeIfAbsent(
                signature,
                made -> {
                    newTypes.add(made);
                    return layout.types.size() + newTypes.size() - 1;
                });
    }

    /** Types of parameters and locals. */
    private int[] locals(Layout.Body body, Layout.Signature type) {
        int params = type.params().length();
        int[] locals = new int[params + body.locals()];
        for (int i = 0; i < params; i++) {
            locals[i] = type.params().at(i) & 0xff;
        }
        WasmSource source = new WasmSource(layout.bytes, body.localsFrom(), body.codeFrom());
        int next = params;
        for (int groups = source.u32(); groups > 0; groups--) {
            int count = source.u32();
            Arrays.fill(locals, next, next + count, source.next());
            next += count;
        }
        return locals;
    }

    private WasmSink content(int id) {
        return switch (id) {
            case Layout.TYPE -> Sections.extended(layout, id, newTypes.size(), typeEntries());
            case Layout.FUNCTION ->
                    Sections.extended(layout, id, pieceTypes.size(), functionEntries());
            case Layout.GLOBAL ->
                    Sections.extended(layout, id, carriers.count(), carriers.entries());
            case Layout.CODE ->
                    new WasmSink(layout.bytes.length)
                            .u32(layout.bodies.size() + pieceTypes.size())
                            .append(bodies)
                            .append(pieces);
            default -> Sections.same(layout, id);
        };
    }

    private WasmSink typeEntries() {
        WasmSink out = new WasmSink(64);
        newTypes.forEach(type -> {
            out.one(0x60).u32(type.params().length()).raw(type.params().array());
            out.u32(type.results().length()).raw(type.results().array());
        });
        return out;
    }

    private WasmSink functionEntries() {
        WasmSink out = new WasmSink(64);
        pieceTypes.forEach(out::u32);
        return out;
    }
}
