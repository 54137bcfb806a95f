package orb.sandbox;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Collectors;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.sandbox.engine.Jars;
import orb.sandbox.engine.Rewiring;
import orb.sandbox.fuel.Layout;
import orb.sandbox.fuel.Meter;
import orb.sandbox.fuel.SectionScan;
import run.endive.compiler.InterpreterFallback;
import run.endive.compiler.MachineFactoryCompiler;

/**
 * The script engine's compiled code, made when the program is built.
 *
 * <p>Compiling the engine takes seconds of two processors and loading its classes a tenth of one,
 * and each process that runs scripts would do it. The code belongs to the program as its own
 * classes do and is trusted as they are: it never comes from a peer. The digests in front of it
 * find out what is stale or damaged, and then the engine is compiled as if there were no code.
 *
 * <p>Form: SHA-256 of the engine's module, SHA-256 of the rest, and the rest: the length of the
 * module as it was split (4 bytes, most significant first), that module, and a JAR of classes.
 */
public final class EngineCode {
    private static final int HEAD_BYTES = 64;

    /** Written by {@link java.util.Properties}, which puts the date above. */
    private static final String PROPERTIES = "wasm-module.properties";

    private EngineCode() {}

    /**
     * Compiles an engine; the same module gives the same bytes.
     *
     * @param engine the engine's module
     */
    public static Bytes of(Bytes engine) {
        Layout layout = Admission.admit(engine);
        Compilation.Kept kept = new Compilation.Kept();
        MachineFactoryCompiler.builder(Admission.parse(Meter.rewrite(layout)))
                .withInterpreterFallback(InterpreterFallback.FAIL)
                .withCache(kept)
                .compile();
        byte[] length = ByteBuffer.allocate(Integer.BYTES).putInt(layout.bytes.length).array();
        byte[] classes = Jars.changed(kept.classes(), EngineCode::withoutComments);
        Bytes rest =
                Bytes.wrap(length).concat(Bytes.wrap(layout.bytes)).concat(Bytes.wrap(classes));
        return head(engine, rest).concat(rest);
    }

    /** Changes whenever the code of this engine would. */
    public static Digest source(Bytes engine) {
        return Digest.sha256(Meter.rewrite(Admission.admit(engine)), Rewiring.version());
    }

    /** What stands in the code: the engine's layout, split, which takes a while, and its code. */
    record Read(Layout layout, Compilation compilation) {}

    /** What stands in the code, if it was made of this engine and is whole. */
    static Optional<Read> read(Bytes engine, Bytes code) {
        if (code.length() < HEAD_BYTES + Integer.BYTES) {
            return Optional.empty();
        }
        Bytes rest = code.slice(HEAD_BYTES, code.length());
        if (!head(engine, rest).equals(code.slice(0, HEAD_BYTES))) {
            return Optional.empty();
        }
        int from = Integer.BYTES;
        int to = from + ByteBuffer.wrap(rest.array()).getInt();
        Layout layout = SectionScan.scan(rest.slice(from, to).array());
        return Optional.of(
                new Read(
                        layout,
                        Compilation.load(
                                Admission.parse(Meter.withoutBodies(layout)),
                                new Compilation.Kept(rest.slice(to, rest.length()).array()))));
    }

    private static Bytes head(Bytes engine, Bytes rest) {
        return Digest.of(engine).bytes().concat(Digest.of(rest).bytes());
    }

    private static byte[] withoutComments(String name, byte[] content) {
        if (!name.equals(PROPERTIES)) {
            return content;
        }
        return new String(content, StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .collect(Collectors.joining("\n"))
                .getBytes(StandardCharsets.ISO_8859_1);
    }
}
