package orb.cli.accept;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import orb.cli.Main;

/** The program under test: its verbs in this process, or the laid out script in one of its own. */
public final class Orb {
    /** No wait of these tests is longer. */
    static final int WAIT_SECONDS = 120;

    private static final ObjectMapper JSON = new ObjectMapper();

    private Orb() {}

    /**
     * What a run of the program gave.
     *
     * @param code to the shell
     * @param out standard output
     * @param err standard error
     */
    public record Ran(int code, String out, String err) {
        public JsonNode json() {
            return parse(out);
        }

        public Ran ok() {
            if (code != 0) {
                throw new AssertionError("exit code " + code + ": " + err + out);
            }
            return this;
        }
    }

    static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + text, e);
        }
    }

    /** Runs a verb in this process, where it starts at once. */
    static Ran run(String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream outBefore = System.out;
        PrintStream errBefore = System.err;
        int code;
        try (PrintStream newOut = new PrintStream(out, true, StandardCharsets.UTF_8);
                PrintStream newErr = new PrintStream(err, true, StandardCharsets.UTF_8)) {
            System.setOut(newOut);
            System.setErr(newErr);
            code =
                    Main.command()
                            .setOut(new PrintWriter(newOut, true, StandardCharsets.UTF_8))
                            .setErr(new PrintWriter(newErr, true, StandardCharsets.UTF_8))
                            .execute(words);
        } finally {
            System.setOut(outBefore);
            System.setErr(errBefore);
        }
        return new Ran(
                code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The script of the program that is tested: laid out by the build. */
    static Path script() {
        String dist = System.getenv("ORB_DIST");
        if (dist == null) {
            throw new AssertionError("ORB_DIST names no laid out program: ./orb build-dist");
        }
        return Path.of(dist, "orb");
    }

    /** A sample's folder. */
    public static Path example(String name) {
        return script().resolveSibling("examples").resolve(name);
    }

    /** The program with these words in a process of its own, under this home folder. */
    public static ProcessBuilder process(Path home, List<String> words) {
        List<String> command = new ArrayList<>();
        command.add(script().toString());
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> environment = builder.environment();
        environment.put("HOME", home.toString());
        environment.put("XDG_DATA_HOME", home.resolve("data").toString());
        environment.put("XDG_STATE_HOME", home.resolve("state").toString());
        environment.put("ORB_NO_AOT", "1");
        // a process of these tests lives for seconds: the optimising compiler would not pay
        environment.put("ORB_JAVA_OPTS", "-XX:TieredStopAtLevel=1 -Xshare:auto -Xmx512m");
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        return builder;
    }

    /** Runs it to its end. */
    static Ran script(Path home, String... words) throws IOException, InterruptedException {
        Path out = Files.createTempFile(home, "out", "");
        Path err = Files.createTempFile(home, "err", "");
        Process process =
                process(home, Arrays.asList(words))
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        if (!process.waitFor(4 * WAIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(Arrays.toString(words) + " did not end");
        }
        return new Ran(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
