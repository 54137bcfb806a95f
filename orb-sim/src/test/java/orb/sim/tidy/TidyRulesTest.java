package orb.sim.tidy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plants a violation of each rule, and a near miss beside it, and looks whether it is found. */
class TidyRulesTest {
    private static final String KERNEL = "orb-kernel/src/main/java/orb/kernel/Planted.java";

    private static SourceTree planted(String path, String text) {
        return SourceTree.of(Map.of(path, text));
    }

    private static void assertFound(Rule rule, String path, String text) {
        assertThat(rule.check(planted(path, text))).as(text).isNotEmpty();
    }

    private static void assertClean(Rule rule, String path, String text) {
        assertThat(rule.check(planted(path, text))).as(text).isEmpty();
    }

    private static String method(String head, int lines) {
        return "class Planted {\n    "
                + head
                + " {\n"
                + "        go();\n".repeat(lines)
                + "    }\n}\n";
    }

    @Test
    void aMethodMayHaveSeventyLines() {
        assertClean(SizeRules.METHOD_LINES, KERNEL, method("void run()", 68));
        var found = SizeRules.METHOD_LINES.check(planted(KERNEL, method("void run()", 69)));
        assertThat(found).extracting(Violation::subject).containsExactly(KERNEL + "#run");
    }

    @Test
    void aConstructorAndAnAnnotatedMethodAreMeasuredToo() {
        assertFound(SizeRules.METHOD_LINES, KERNEL, method("Planted(int a) throws Stop", 70));
        assertFound(SizeRules.METHOD_LINES, KERNEL, method("@Tag(\"x\") @Test void run()", 70));
    }

    @Test
    void bracesInTextDoNotConfuseTheMeasure() {
        var text = method("void run()", 20).replace("go();", "go(\"{\", '{', \"\\\"{\"); // {");
        assertClean(SizeRules.METHOD_LINES, KERNEL, text + method("void walk()", 60));
    }

    @Test
    void fiveParametersAreEnough() {
        var five = "int a, Map<K, V> b, int c, int d, int e";
        assertClean(SizeRules.PARAMETERS, KERNEL, method("void run(" + five + ")", 1));
        assertFound(SizeRules.PARAMETERS, KERNEL, method("void run(" + five + ", int f)", 1));
        assertFound(
                SizeRules.PARAMETERS, KERNEL, "interface P {\n  int f(" + five + ", int f);\n}\n");
    }

    @Test
    void theDataOfARecordAreNotParameters() {
        var record = "record Planted(int a, int b, int c, int d, int e, int f) {";
        assertClean(SizeRules.PARAMETERS, KERNEL, record + "\n  Planted {\n    go();\n  }\n}\n");
    }

    @Test
    void aFileMayHaveFiveHundredLines() {
        assertClean(SizeRules.FILE_LINES, KERNEL, "\n".repeat(500));
        assertFound(SizeRules.FILE_LINES, KERNEL, "\n".repeat(501));
    }

    @Test
    void aPackageMayHaveTwentyFiveFiles() {
        var files = new HashMap<String, String>();
        for (int i = 0; i < 25; i++) {
            files.put("orb-kernel/src/main/java/orb/kernel/P" + i + ".java", "");
        }
        assertThat(SizeRules.PACKAGE_FILES.check(SourceTree.of(files))).isEmpty();
        files.put(KERNEL, "");
        assertThat(SizeRules.PACKAGE_FILES.check(SourceTree.of(files))).hasSize(1);
    }

    @Test
    void aLineMayHaveAHundredColumns() {
        assertClean(SizeRules.COLUMNS, KERNEL, "x".repeat(100));
        assertFound(SizeRules.COLUMNS, KERNEL, "x".repeat(101));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Instant.now()",
                "System.nanoTime()",
                "System.currentTimeMillis()",
                "new Random(7)",
                "new java.util.Random()",
                "Math.random()",
                "UUID.randomUUID()",
                "Thread.sleep(1)",
                "new SecureRandom()",
                "ThreadLocalRandom.current()"
            })
    void hiddenTimeAndChanceAreFoundInPureCodeOnly(String call) {
        var text = "var x = " + call.replace("java.util.", "") + ";";
        assertFound(CodeRules.HIDDEN_TIME_AND_CHANCE, KERNEL, text);
        assertClean(CodeRules.HIDDEN_TIME_AND_CHANCE, KERNEL, "// " + text);
        var outside = KERNEL.replace("orb-kernel", "orb-host");
        assertClean(CodeRules.HIDDEN_TIME_AND_CHANCE, outside, text);
        var inTest = KERNEL.replace("main", "test");
        assertClean(CodeRules.HIDDEN_TIME_AND_CHANCE, inTest, text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "import java.util.HashMap;",
                "var s = new HashSet<String>();",
                "var m = Map.of(\"a\", 1);",
                "var s = Set.of(\"a\", \"b\");",
                "var s = list.stream().collect(Collectors.toSet());",
                "var m = list.stream().collect(toMap(a, b));"
            })
    void orderThatDiffersFromRunToRunIsFound(String text) {
        assertFound(CodeRules.VISIBLE_ORDER, KERNEL, text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "var m = new LinkedHashMap<String, String>();",
                "var m = new ConcurrentHashMap<String, String>();",
                "Map<String, String> m = Map.of();",
                "var m = stream.collect(toMap(a, b, c, TreeMap::new));"
            })
    void orderThatIsFixedOrEmptyIsNotFound(String text) {
        assertClean(CodeRules.VISIBLE_ORDER, KERNEL, text);
    }

    @Test
    void everyImportIsExplicit() {
        assertFound(CodeRules.IMPORTS, KERNEL, "import java.util.*;");
        assertFound(CodeRules.IMPORTS, KERNEL, "import static java.util.Map.*;");
        assertFound(CodeRules.IMPORTS, KERNEL, "import module java.base;");
        assertClean(CodeRules.IMPORTS, KERNEL, "import java.util.List;");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PeerManager", "BytesUtil", "BytesUtils", "DiskImpl", "BaseRole"})
    void weakNamesAreFound(String name) {
        assertFound(CodeRules.NAMES, KERNEL, "final class " + name + " {}");
        assertFound(CodeRules.NAMES, KERNEL, "public record " + name + "(int a) {}");
    }

    @Test
    void strongNamesAndOtherPeoplesWeakOnesAreNot() {
        assertClean(CodeRules.NAMES, KERNEL, "final class Database {}");
        assertClean(CodeRules.NAMES, KERNEL, "class FrameReader extends ChannelHandler {}");
        assertFound(CodeRules.NAMES, KERNEL, "package orb.kernel.util;");
    }

    @Test
    void aTodoCarriesTheNumberOfItsIssue() {
        assertFound(CodeRules.LOOSE_ENDS, KERNEL, "// TODO later");
        assertClean(CodeRules.LOOSE_ENDS, KERNEL, "// TODO #12 later");
        assertClean(CodeRules.LOOSE_ENDS, KERNEL, "var s = \"TODO\";");
    }

    @Test
    void librariesStayBehindTheirFence() {
        var use = "import org.bouncycastle.crypto.Signer;";
        assertFound(FenceRules.THIRD_PARTY, KERNEL, use);
        assertClean(FenceRules.THIRD_PARTY, KERNEL.replace("Planted", "identity/Planted"), use);
        assertFound(FenceRules.THIRD_PARTY, KERNEL, "var x = io.netty.buffer.Unpooled.EMPTY;");
        assertFound(FenceRules.THIRD_PARTY, KERNEL, "import java.lang.foreign.Arena;");
        assertFound(FenceRules.THIRD_PARTY, KERNEL, "import com.example.Surprise;");
        assertFound(FenceRules.THIRD_PARTY, KERNEL, "import org.junit.jupiter.api.Test;");
        assertClean(FenceRules.THIRD_PARTY, KERNEL, "import java.util.List;");
    }

    private static Map<String, String> house(String pomOfNode, String moduleInfoOfNode) {
        return Map.of(
                "LAYOUT.md",
                "| `orb-ledger` | nothing |\n| `orb-node` | `orb-ledger` |\n",
                "orb-ledger/pom.xml",
                "<project/>",
                "orb-ledger/src/main/java/module-info.java",
                "module orb.ledger {}",
                "orb-node/pom.xml",
                pomOfNode,
                "orb-node/src/main/java/module-info.java",
                moduleInfoOfNode);
    }

    private static String dependency(String artifact) {
        return "<dependency><groupId>orb</groupId><artifactId>" + artifact + "</artifactId>";
    }

    @Test
    void aModuleRequiresWhatTheTableSays() {
        var good = house(dependency("orb-ledger"), "requires transitive orb.ledger;");
        assertThat(LayoutRules.MODULES.check(SourceTree.of(good))).isEmpty();
        var missing = house(dependency("orb-ledger"), "requires java.sql;");
        assertThat(LayoutRules.MODULES.check(SourceTree.of(missing))).hasSize(1);
        var sideways =
                house(
                        dependency("orb-ledger") + dependency("orb-sandbox"),
                        "requires orb.ledger; requires orb.sandbox;");
        assertThat(LayoutRules.MODULES.check(SourceTree.of(sideways))).hasSize(2);
    }

    @Test
    void theTableAndTheTreeNameTheSameModules() {
        var files = new HashMap<>(house(dependency("orb-ledger"), "requires orb.ledger;"));
        files.put("orb-extra/pom.xml", "<project/>");
        assertThat(LayoutRules.MODULES.check(SourceTree.of(files))).hasSize(1);
        files.remove("orb-extra/pom.xml");
        files.put("LAYOUT.md", files.get("LAYOUT.md") + "| `orb-jobs` | nothing |\n");
        assertThat(LayoutRules.MODULES.check(SourceTree.of(files))).hasSize(1);
    }

    @Test
    void everyModuleHasAShortReadme() {
        var files = new HashMap<>(Map.of("orb-node/pom.xml", "<project/>"));
        assertThat(LayoutRules.READMES.check(SourceTree.of(files))).hasSize(1);
        files.put("orb-node/README.md", "# orb-node\n");
        assertThat(LayoutRules.READMES.check(SourceTree.of(files))).isEmpty();
    }

    @Test
    void noPathOfOneMachineIsWrittenDown() {
        assertFound(LayoutRules.MACHINE_PATHS, "docs/x.md", "see /" + "home/ann/orb");
        assertClean(
                LayoutRules.MACHINE_PATHS, "docs/x.md", "see ~/orb, /usr/lib/jvm, /home/alice/f");
    }

    @Test
    void theLockFileNamesNoHost() {
        assertFound(
                LayoutRules.LOCK_FILE, "orb-console/package-lock.json", "{\"resolved\": \"x\"}");
        assertClean(
                LayoutRules.LOCK_FILE, "orb-console/package-lock.json", "{\"integrity\": \"x\"}");
    }

    @Test
    void anExceptionCoversItsSubjectAndIsStaleWithoutOne() {
        var tree = planted(KERNEL, "\n".repeat(501));
        var found = SizeRules.FILE_LINES.check(tree);
        var allowed = Allowances.parse("# why\nfile-lines | " + KERNEL + " | one big table\n");
        assertThat(allowed.notCovered(found)).isEmpty();
        assertThat(allowed.stale(found)).isEmpty();
        assertThat(allowed.stale(SizeRules.FILE_LINES.check(planted(KERNEL, "")))).hasSize(1);
        assertThatThrownBy(() -> Allowances.parse("file-lines | " + KERNEL + " |  "))
                .hasMessageContaining("reason");
    }
}
