package orb.cli.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import orb.kernel.RefusedException;

/**
 * GraalWasm with its compiler, in a process of its own: it is fetched for this measurement and is
 * no part of the program.
 */
final class GraalWasm {
    private static final String VERSION = "25.0.1";

    private final Path program;
    private final Path libraries;
    private final Path compiler;

    private GraalWasm(Path program, Path libraries, Path compiler) {
        this.program = program;
        this.libraries = libraries;
        this.compiler = compiler;
    }

    /** Fetches it with Maven, once; empty, and told to the report, if that fails. */
    static Optional<GraalWasm> find(Path folder, Report report) throws IOException {
        Path cache = Tools.cache("graalwasm-" + VERSION);
        Path libraries = cache.resolve("libraries");
        Path compiler = cache.resolve("compiler");
        try {
            fetch(cache, "graalwasm", libraries);
            fetch(cache, "graalcompiler", compiler);
        } catch (RefusedException e) {
            report.lacks("sandbox", "compute_vs_graalwasm_geomean", e.refusal().what());
            return Optional.empty();
        }
        report.beside("sandbox", "GraalWasm", VERSION);
        Path program = Tools.resource(folder, "GraalKernel.java.txt");
        return Optional.of(new GraalWasm(program, libraries, compiler));
    }

    private static void fetch(Path cache, String name, Path into) throws IOException {
        if (Files.isDirectory(into)) {
            return;
        }
        Path project = Tools.resource(cache, name + ".xml");
        Path half = cache.resolve(into.getFileName() + ".half");
        Tools.run(
                "apt-get install -y maven",
                List.of(
                        "mvn",
                        "-B",
                        "-q",
                        "-Dstyle.color=never",
                        "-f",
                        project.toString(),
                        "-Dversion.graal=" + VERSION,
                        "dependency:copy-dependencies",
                        "-DincludeTypes=jar",
                        "-DoutputDirectory=" + half));
        Files.move(half, into);
    }

    /** Runs a kernel for so long. */
    Kernels.Answer run(Path wasm, int kernel, long millis) throws IOException {
        String jars;
        try (Stream<Path> files = Files.list(compiler)) {
            jars = String.join(File.pathSeparator, files.map(Path::toString).sorted().toList());
        }
        return Kernels.Answer.of(
                Tools.run(
                        "install a JDK 25",
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-XX:+UnlockExperimentalVMOptions",
                                "-XX:+EnableJVMCI",
                                "--upgrade-module-path=" + jars,
                                "-cp",
                                libraries + File.separator + "*",
                                "--source",
                                "25",
                                program.toString(),
                                wasm.toString(),
                                Integer.toString(kernel),
                                Long.toString(millis))));
    }
}
