package orb.sandbox;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.sandbox.fuel.Layout;
import orb.sandbox.fuel.SectionScan;
import orb.sandbox.fuel.Splitter;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.WasmModule;

/**
 * Lets a WebAssembly artefact in, or says why not.
 *
 * <p>The own scan comes first: it is linear, allocates in proportion to the bytes that are really
 * there, and refuses by name what no sandbox has. Only what passed it meets the engine's parser and
 * validator, which check that types agree (core specification, chapter 3).
 */
final class Admission {
    static final Layout.Signature PROCEDURE = signature(List.of(), List.of());
    static final Layout.Signature ALLOC = signature(List.of(Layout.I32), List.of(Layout.I32));
    static final Layout.Signature HANDLE =
            signature(List.of(Layout.I32, Layout.I32), List.of(Layout.I64));

    private Admission() {}

    private static Layout.Signature signature(List<Integer> params, List<Integer> results) {
        return Layout.Signature.of(
                params.stream().mapToInt(i -> i).toArray(),
                results.stream().mapToInt(i -> i).toArray());
    }

    /** Whatever the engine throws at a hostile module is that module's refusal. */
    static <T> Result<T> guarded(Supplier<T> code) {
        try {
            return Result.catching(code);
        } catch (StackOverflowError | OutOfMemoryError e) {
            return Result.refused(
                    ErrorCode.MODULE_BOMB,
                    "reading the module takes more than this machine gives: " + e);
        } catch (RuntimeException | LinkageError | AssertionError e) {
            return Result.refused(ErrorCode.INVALID_MODULE, "the engine cannot compile it: " + e);
        }
    }

    /**
     * The layout of a valid module, its large bodies split.
     *
     * @throws RefusedException with the reason
     */
    static Layout admit(Bytes artefact) {
        Layout layout = SectionScan.scan(artefact.array());
        try {
            parse(artefact.array());
        } catch (WasmEngineException e) {
            throw invalid(e);
        } catch (ArithmeticException | IndexOutOfBoundsException | IllegalArgumentException e) {
            // the engine's parser leaves some malformed input to the JVM's own checks
            throw invalid(e);
        }
        return Splitter.split(layout);
    }

    /** The layout of a module that was admitted before, which is not validated again. */
    static Layout admitted(Bytes artefact) {
        return Splitter.split(SectionScan.scan(artefact.array()));
    }

    /**
     * Parses without reading custom sections: a module's meaning does not depend on them (core
     * specification, section 5.5.3), and a damaged one is no reason to refuse it.
     */
    static WasmModule parse(byte[] bytes) {
        return Parser.builder()
                .withCustomParsers(Map.of())
                .build()
                .parse(() -> new ByteArrayInputStream(bytes));
    }

    private static RefusedException invalid(RuntimeException cause) {
        RefusedException refused =
                new RefusedException(
                        ErrorCode.INVALID_MODULE,
                        "the module does not validate: "
                                + Optional.ofNullable(cause.getMessage()).orElse("malformed"));
        refused.initCause(cause);
        return refused;
    }

    /**
     * How the module is called.
     *
     * @throws RefusedException with {@code ORB-0107} naming what is missing
     */
    static EntryShape shape(Layout layout) {
        if (layout.memory.isPresent() && layout.exportsMemory()) {
            if (layout.function("alloc", ALLOC).isPresent()
                    && layout.function("handle", HANDLE).isPresent()) {
                return EntryShape.HANDLER;
            }
            if (layout.function("_start", PROCEDURE).isPresent()) {
                return EntryShape.COMMAND;
            }
        }
        List<String> names = layout.exports.stream().map(Layout.Export::name).limit(20).toList();
        throw new RefusedException(
                new Refusal(
                        ErrorCode.NO_ENTRY,
                        "the module exports " + names + " and no entry among them",
                        "export memory and either _start (a WASI command) or"
                                + " alloc(i32)->i32 and handle(i32,i32)->i64"));
    }
}
