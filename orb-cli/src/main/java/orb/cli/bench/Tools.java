package orb.cli.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import orb.cli.client.Output;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/** Other programs that benchmarks use, and where what is fetched for them is kept. */
final class Tools {
    private Tools() {}

    /**
     * Runs a program to its end and returns what it printed.
     *
     * @param install how to get it, for who lacks it
     * @throws RefusedException {@code TOOL_MISSING} if it cannot be started, {@code INTERNAL} with
     *     what it said if it fails
     */
    static String run(String install, List<String> words) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(words).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.TOOL_MISSING,
                            words.getFirst() + " is not installed",
                            install));
        }
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                String first =
                        said.lines()
                                .map(Output::printable)
                                .filter(line -> !line.isBlank())
                                .findFirst()
                                .orElse("nothing");
                throw new RefusedException(
                        ErrorCode.INTERNAL, words.getFirst() + " failed and said: " + first);
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
        return said;
    }

    /** Compiles a source that comes with this program to a module without a C library. */
    static Path compiled(Path folder, String name, String... flags) throws IOException {
        Path source = resource(folder, name + ".c");
        Path wasm = folder.resolve(name + ".wasm");
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "clang",
                                "--target=wasm32",
                                "-O2",
                                "-nostdlib",
                                "-fno-builtin-memset",
                                "-Wl,--no-entry"));
        words.addAll(List.of(flags));
        words.addAll(List.of(source.toString(), "-o", wasm.toString()));
        run("apt-get install -y clang lld", words);
        return wasm;
    }

    /** Lays a file that comes with this program into a folder. */
    static Path resource(Path folder, String name) throws IOException {
        Path path = folder.resolve(name);
        try (InputStream in = Tools.class.getResourceAsStream("/orb/cli/bench/" + name)) {
            if (in == null) {
                throw new IllegalStateException("this build lacks " + name);
            }
            Files.write(path, in.readAllBytes());
        }
        return path;
    }

    /** Where fetched programs stay from one run to the next, outside of any repository. */
    static Path cache(String name) throws IOException {
        Map<String, String> environment = System.getenv();
        String base =
                environment.getOrDefault(
                        "XDG_CACHE_HOME", environment.getOrDefault("HOME", "/tmp") + "/.cache");
        return Files.createDirectories(Path.of(base, "orb", "bench", name));
    }

    /** Deletes a folder and all in it. */
    static void erase(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
