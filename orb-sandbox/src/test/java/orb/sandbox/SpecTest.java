package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import orb.sandbox.SpecRun.Fate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tests of the WebAssembly specification, on the engine as it comes and on the sandbox, in both
 * modes.
 *
 * <p>The scripts are not part of this project: they stand beside it, or where the property {@code
 * orb.wasm.testsuite} or the variable {@code ORB_WASM_TESTSUITE} says. What differs from the
 * specification is listed in {@code spec-differences.txt}, and that list is exact.
 */
final class SpecTest {
    /** Fewer assertions than this would mean that the driver skips what it should run. */
    private static final int ASSERTIONS = 25_000;

    private static final List<Program.Mode> MODES =
            List.of(Program.Mode.COMPILED, Program.Mode.INTERPRETED);
    private static final Map<Program.Mode, Map<String, Fate>> PLAIN = new TreeMap<>();
    private static final Map<Program.Mode, Map<String, Fate>> METERED = new TreeMap<>();
    @TempDir static Path folder;

    @BeforeAll
    static void runTheWholeSuite() throws Exception {
        Path suite = suite();
        assumeTrue(Files.isDirectory(suite), "no specification tests in " + suite);
        assumeTrue(hasConverter(), "wast2json is not installed: apt-get install -y wabt");
        List<SpecScript> scripts = new ArrayList<>();
        try (Stream<Path> files = Files.list(suite)) {
            for (Path wast : files.filter(f -> f.toString().endsWith(".wast")).sorted().toList()) {
                scripts.add(SpecScript.read(converted(wast)));
            }
        }
        for (Program.Mode mode : MODES) {
            boolean isCompiled = mode == Program.Mode.COMPILED;
            PLAIN.put(mode, fates(scripts, isCompiled ? 16 : 1, () -> new SpecEngine.Plain(mode)));
            METERED.put(
                    mode,
                    fates(scripts, isCompiled ? 16 : 512, () -> new SpecEngine.Metered(mode)));
        }
    }

    private static Path suite() {
        String environment = System.getenv("ORB_WASM_TESTSUITE");
        String path = System.getProperty("orb.wasm.testsuite", environment);
        return path == null
                ? Path.of(System.getProperty("orb.root", ".."), "../shared/data/wasm-testsuite")
                : Path.of(path);
    }

    private static boolean hasConverter() {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(each -> Files.isExecutable(Path.of(each, "wast2json")));
    }

    private static Path converted(Path wast) throws IOException, InterruptedException {
        String name = wast.getFileName().toString().replaceFirst("[.]wast$", "");
        Path json = folder.resolve(name + ".json");
        Process process =
                new ProcessBuilder("wast2json", wast.toString(), "-o", json.toString())
                        .redirectErrorStream(true)
                        .start();
        byte[] said = process.getInputStream().readAllBytes();
        assertThat(process.waitFor())
                .as("%s: %s", name, new String(said, StandardCharsets.UTF_8))
                .isZero();
        return json;
    }

    private interface Engines {
        SpecEngine next();
    }

    /** Each script meets an engine of its own, on a thread that can hold the deepest recursion. */
    private static Map<String, Fate> fates(List<SpecScript> scripts, int stackMib, Engines engines)
            throws InterruptedException {
        Map<String, Fate> fates = new TreeMap<>();
        List<Throwable> broken = new ArrayList<>();
        Runnable all =
                () -> {
                    try {
                        for (SpecScript script : scripts) {
                            fates.putAll(SpecRun.fates(script, engines.next()));
                        }
                    } catch (Throwable e) {
                        broken.add(e);
                    }
                };
        Thread thread = new Thread(null, all, "spec", (long) stackMib << 20);
        thread.start();
        thread.join();
        assertThat(broken).isEmpty();
        return fates;
    }

    @Test
    void everyAssertionThatHoldsUnmeteredHoldsMetered() {
        for (Program.Mode mode : MODES) {
            Map<String, Fate> plain = PLAIN.get(mode);
            Map<String, Fate> metered = METERED.get(mode);
            assertThat(metered.keySet()).isEqualTo(plain.keySet());
            assertThat(where(metered, f -> f instanceof Fate.Holds).size())
                    .isGreaterThan(ASSERTIONS);
            Set<String> lost = where(metered, f -> f instanceof Fate.Fails);
            lost.removeAll(where(plain, f -> f instanceof Fate.Fails));
            assertThat(lost).as("%s: %s", mode, details(metered, lost)).isEqualTo(listed("linked"));
        }
    }

    @Test
    void whatTheEngineItselfFailsIsListedAndNothingElseIs() {
        for (Program.Mode mode : MODES) {
            Set<String> failed = where(PLAIN.get(mode), f -> f instanceof Fate.Fails);
            assertThat(failed)
                    .as("%s: %s", mode, details(PLAIN.get(mode), failed))
                    .isEqualTo(listed("engine"));
        }
    }

    @Test
    void everyNanOfTheSandboxIsOneThatTheSpecificationAllows() {
        for (Program.Mode mode : MODES) {
            assertThat(where(METERED.get(mode), f -> f instanceof Fate.OtherNan)).isEmpty();
            Set<String> scripts = new TreeSet<>();
            where(PLAIN.get(mode), f -> f instanceof Fate.OtherNan)
                    .forEach(where -> scripts.add(where.substring(0, where.indexOf(':'))));
            assertThat(scripts).as("%s", mode).isEqualTo(listed("nan"));
        }
    }

    @Test
    void whatTheSandboxFailsAsTheEngineDoesIsListedAndNothingElseIs() {
        for (Program.Mode mode : MODES) {
            Set<String> failed = where(METERED.get(mode), f -> f instanceof Fate.Fails);
            failed.removeAll(listed("linked"));
            assertThat(failed)
                    .as("%s: %s", mode, details(METERED.get(mode), failed))
                    .isEqualTo(listed("both"));
        }
    }

    @Test
    void whatAdmissionKeepsOutIsListedAndNothingElseIs() {
        for (Program.Mode mode : MODES) {
            Set<String> refused = where(METERED.get(mode), f -> f instanceof Fate.NotAdmitted);
            assertThat(refused)
                    .as("%s: %s", mode, details(METERED.get(mode), refused))
                    .isEqualTo(listed("refused"));
        }
    }

    private static Set<String> where(Map<String, Fate> fates, Predicate<Fate> test) {
        Set<String> found = new TreeSet<>();
        fates.forEach((where, fate) -> {
            if (test.test(fate)) {
                found.add(where);
            }
        });
        return found;
    }

    private static String details(Map<String, Fate> fates, Set<String> where) {
        TreeMap<String, Fate> some = new TreeMap<>(fates);
        some.keySet().retainAll(where);
        return some.toString();
    }

    /** Lines of the list: kind, script, line numbers and ranges of them, {@code #} and a reason. */
    private static Set<String> listed(String kind) {
        Set<String> listed = new TreeSet<>();
        for (String line : list().lines().filter(l -> l.startsWith(kind + " ")).toList()) {
            String[] words = line.substring(0, line.indexOf('#')).strip().split(" +");
            if (words.length == 2) {
                listed.add(words[1]);
            }
            for (int i = 2; i < words.length; i++) {
                String[] ends = words[i].split("-");
                int to = Integer.parseInt(ends[ends.length - 1]);
                for (int at = Integer.parseInt(ends[0]); at <= to; at++) {
                    String where = words[1] + ":" + at;
                    if (ends.length == 1 || PLAIN.get(Program.Mode.COMPILED).containsKey(where)) {
                        listed.add(where);
                    }
                }
            }
        }
        return listed;
    }

    private static String list() {
        try (InputStream in = SpecTest.class.getResourceAsStream("spec-differences.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("spec-differences.txt", e);
        }
    }
}
