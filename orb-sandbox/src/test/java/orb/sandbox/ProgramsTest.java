package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.sandbox.fuel.Layout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Programs of six languages cost the same fuel on compiler, interpreter and V8, and do the same.
 *
 * <p>They are built here with the machine's own compilers, all but AssemblyScript, whose modules
 * stand beside their source. A language without its compiler is skipped and named.
 */
final class ProgramsTest {
    private static final Limits LIMITS =
            new Limits(ByteSize.mib(32), new Fuel(60_000_000), Duration.ofMinutes(1));
    private static final Bytes INPUT =
            Bytes.utf8("the quick brown fox jumps over the lazy dog and the fox of the dog\n");

    @TempDir Path folder;

    /** A language, what builds it, and how many programs there are in it. */
    enum Language {
        C("clang", 12),
        CPP("clang++", 5),
        RUST("/usr/bin/rustc", 6),
        WAT("wat2wasm", 9),
        ASSEMBLYSCRIPT("", 5),
        JAVASCRIPT("", 6);

        private final String compiler;
        private final int programs;

        Language(String compiler, int programs) {
            this.compiler = compiler;
            this.programs = programs;
        }

        private List<String> command(Path source, int program, Path target) {
            return switch (this) {
                case C, CPP -> {
                    List<String> words = new ArrayList<>(List.of(compiler, "--target=wasm32-wasi"));
                    words.addAll(List.of(program % 3 == 0 ? "-Os" : "-O2", "-Wl,-s"));
                    words.add("-DPROGRAM=" + program);
                    if (this == CPP) {
                        words.addAll(List.of("-fno-exceptions", "-fno-rtti", "-nostdlib++"));
                    }
                    words.addAll(List.of(source.toString(), "-o", target.toString()));
                    yield words;
                }
                case RUST ->
                        List.of(
                                compiler,
                                "--target=wasm32-unknown-unknown",
                                "--crate-type=cdylib",
                                "-O",
                                "-Cpanic=abort",
                                "-Clink-arg=-s",
                                "--cfg=program=\"" + program + "\"",
                                source.toString(),
                                "-o",
                                target.toString());
                default -> List.of(compiler, source.toString(), "-o", target.toString());
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("H2")
    void fuelAndOutcomeAreTheSameOnCompilerInterpreterAndV8(Language language) throws Exception {
        assumeTrue(
                language.compiler.isEmpty() || Oracle.has(language.compiler),
                () -> language.compiler + " is not installed");
        List<Bytes> inputs = new ArrayList<>();
        List<Bytes> modules = new ArrayList<>();
        for (int i = 1; i <= language.programs; i++) {
            boolean isScript = language == Language.JAVASCRIPT;
            inputs.add(isScript ? Bytes.utf8(part("programs.js", i)) : INPUT);
            modules.add(isScript ? engine() : module(language, i));
        }
        List<String> compiled = told(Program.Mode.COMPILED, 16, modules, inputs);
        assertThat(told(Program.Mode.INTERPRETED, 512, modules, inputs)).isEqualTo(compiled);
        assertThat(compiled.stream().filter(each -> each.startsWith("Completed")).count())
                .as("%s", compiled)
                .isGreaterThan(language.programs / 2);
        assumeTrue(Oracle.isHere(), "Node.js is not installed: V8 was not asked");
        Oracle oracle = new Oracle(folder);
        for (int i = 0; i < modules.size(); i++) {
            oracle.add(modules.get(i), shape(modules.get(i)), inputs.get(i), LIMITS);
        }
        assertThat(oracle.outcomes()).isEqualTo(compiled);
    }

    private static String shape(Bytes module) {
        Layout layout = Admission.admit(module);
        return Guest.functions(layout).containsKey("qjs_init")
                ? "SCRIPT"
                : Admission.shape(layout).name();
    }

    private Bytes module(Language language, int program) throws Exception {
        if (language == Language.ASSEMBLYSCRIPT) {
            return Bytes.wrap(resource("programs/assemblyscript-" + program + ".wasm"));
        }
        String name =
                switch (language) {
                    case C -> "programs.c";
                    case CPP -> "programs.cpp";
                    case RUST -> "programs.rs";
                    default -> "programs.wat";
                };
        Path source = folder.resolve(program + name);
        Files.writeString(
                source,
                language == Language.WAT
                        ? part(name, program)
                        : new String(resource("programs/" + name), StandardCharsets.UTF_8));
        Path target = folder.resolve(language.name().toLowerCase(Locale.ROOT) + program + ".wasm");
        Process process =
                new ProcessBuilder(language.command(source, program, target))
                        .redirectErrorStream(true)
                        .start();
        byte[] said = process.getInputStream().readAllBytes();
        assumeTrue(
                process.waitFor() == 0,
                () -> language.compiler + ": " + new String(said, StandardCharsets.UTF_8));
        return Bytes.wrap(Files.readAllBytes(target));
    }

    /** One of the parts that a line of dashes separates, from 1. */
    private static String part(String name, int number) throws IOException {
        String whole = new String(resource("programs/" + name), StandardCharsets.UTF_8);
        return whole.split("(?m)^(//|;;) ----\n")[number - 1];
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = ProgramsTest.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    private static Bytes engine() throws IOException {
        return Bytes.wrap(resource("/orb/console/quickjs.wasm"));
    }

    private static List<String> told(
            Program.Mode mode, int stackMib, List<Bytes> modules, List<Bytes> inputs)
            throws InterruptedException {
        String[] told = new String[modules.size()];
        List<Throwable> broken = new ArrayList<>();
        Sandbox sandbox = new Sandbox(() -> 0, Bytes.EMPTY, mode);
        boolean areScripts = shape(modules.getFirst()).equals("SCRIPT");
        Runnable all =
                () -> {
                    Program engine = areScripts ? program(modules.getFirst(), mode) : null;
                    IntStream.range(0, told.length)
                            .forEach(i ->
                                    told[i] =
                                            Oracle.told(
                                                    areScripts
                                                            ? script(engine, inputs.get(i))
                                                            : outcome(
                                                                    sandbox,
                                                                    modules.get(i),
                                                                    inputs.get(i))));
                };
        Thread thread = new Thread(null, all, "programs", (long) stackMib << 20);
        thread.setUncaughtExceptionHandler((t, e) -> broken.add(e));
        thread.start();
        thread.join();
        assertThat(broken).isEmpty();
        return Arrays.asList(told);
    }

    private static Outcome outcome(Sandbox sandbox, Bytes artefact, Bytes input) {
        Module module = sandbox.prepare(artefact).orThrow();
        return sandbox.invoke(module, Request.post(input), LIMITS, RunInputs.FIXED).outcome();
    }

    private static Program program(Bytes engine, Program.Mode mode) {
        Layout layout = Admission.admit(engine);
        return Program.of(layout, new ScriptSurface(layout)::find, mode);
    }

    /** From the engine's very start, so that the oracle needs no snapshot; the value is a text. */
    private static Outcome script(Program engine, Bytes source) {
        Invocation invocation = new Invocation(Request.post(source), RunInputs.FIXED);
        Live live = engine.instantiate(invocation, LIMITS.memoryPages(), LIMITS.fuel());
        Guest guest = new Guest(live, Guest.functions(engine.layout()));
        try {
            guest.call("_initialize");
            guest.call("qjs_init");
            int text = guest.place(source);
            int name = guest.place(Bytes.utf8("t.js"));
            Bytes answer = guest.text(guest.call("qjs_eval", text, source.length(), name, 0));
            return new Outcome.Completed(Response.ok(answer), live.used());
        } catch (RuntimeException e) {
            return live.failed(e);
        }
    }
}
