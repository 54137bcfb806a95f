package orb.sandbox;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.sandbox.engine.Rewiring;
import orb.sandbox.fuel.Layout;
import orb.sandbox.fuel.Meter;
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
 * <p>Form: SHA-256 of the module that was compiled, SHA-256 of the rest, and the rest: a JAR of
 * classes.
 */
public final class EngineCode {
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);
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
        Bytes classes = Bytes.wrap(withoutTimes(kept.classes()));
        return head(engine, classes).concat(classes);
    }

    /** Changes whenever the code of this engine would. */
    public static Digest source(Bytes engine) {
        return Digest.sha256(Meter.rewrite(Admission.admit(engine)), Rewiring.version());
    }

    /** The compilation that stands in the code, if it was made of this module and is whole. */
    static Optional<Compilation> read(Bytes engine, Layout layout, Bytes code) {
        if (code.length() < HEAD_BYTES) {
            return Optional.empty();
        }
        Bytes classes = code.slice(HEAD_BYTES, code.length());
        if (!head(engine, classes).equals(code.slice(0, HEAD_BYTES))) {
            return Optional.empty();
        }
        return Optional.of(
                Compilation.load(
                        Admission.parse(Meter.withoutBodies(layout)),
                        new Compilation.Kept(classes.array())));
    }

    private static Bytes head(Bytes engine, Bytes classes) {
        return Digest.of(engine).bytes().concat(Digest.of(classes).bytes());
    }

    private static byte[] withoutTimes(byte[] jar) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(jar.length);
        try (JarInputStream from = new JarInputStream(new ByteArrayInputStream(jar));
                JarOutputStream to = new JarOutputStream(out)) {
            for (JarEntry each = from.getNextJarEntry();
                    each != null;
                    each = from.getNextJarEntry()) {
                JarEntry same = new JarEntry(each.getName());
                same.setTimeLocal(NO_TIME);
                to.putNextEntry(same);
                byte[] content = from.readAllBytes();
                to.write(each.getName().equals(PROPERTIES) ? withoutComments(content) : content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing but memory is read and written
        }
        return out.toByteArray();
    }

    private static byte[] withoutComments(byte[] properties) {
        return new String(properties, StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .collect(Collectors.joining("\n"))
                .getBytes(StandardCharsets.ISO_8859_1);
    }
}
