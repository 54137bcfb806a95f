import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Reads what the tests of all modules left behind and says the last word of {@code ./orb check}.
 *
 * <p>Besides counting, it holds docs/SPECIFICATION.md to its word: an id that says "works" fails
 * the check unless each test it names ran and passed just now.
 */
final class CheckReport {
    private static final int SHOWN_MAX = 50;
    private static final int FAILURE_LINES_MAX = 12;

    /** One executed test method, or one invocation of a repeated one. */
    private record Test(String type, String method, State state, String detail) {
        String name() {
            return type.substring(type.lastIndexOf('.') + 1) + "#" + method;
        }

        boolean isOf(String simpleType) {
            var outer = type.substring(type.lastIndexOf('.') + 1);
            return outer.equals(simpleType) || outer.startsWith(simpleType + "$");
        }
    }

    private enum State {
        PASSED,
        FAILED,
        SKIPPED
    }

    public static void main(String[] args) throws Exception {
        var root = Path.of(args[0]);
        var built = List.of(args).contains("built=yes");
        var skipsAllowed = !List.of(args).contains("ci=true");

        var tests = readReports(root);
        var passed = in(State.PASSED, tests).size();
        var failures = new ArrayList<String>();
        in(State.FAILED, tests).forEach(t -> failures.add(t.name() + ": " + t.detail()));
        if (List.of(args).contains("formatted=no")) {
            failures.add("the files named above are not formatted: run ./orb fmt");
        }
        if (!built) {
            failures.add("the build stopped before all tests had run");
        } else if (tests.isEmpty()) {
            failures.add("no test has run");
        } else {
            failures.addAll(brokenPromises(root.resolve("docs/SPECIFICATION.md"), tests));
        }
        var skips = in(State.SKIPPED, tests);
        show("skipped", skips.stream().map(t -> t.name() + ": " + t.detail()).toList());
        show("FAILED", failures);
        if (!skips.isEmpty() && !skipsAllowed) {
            System.out.println(
                    "in CI nothing may be skipped: see above for what is missing");
        }
        System.out.printf(
                "%d passed, %d failed, %d skipped%n", passed, failures.size(), skips.size());
        System.exit(failures.isEmpty() && (skips.isEmpty() || skipsAllowed) ? 0 : 1);
    }

    private static List<Test> in(State state, List<Test> tests) {
        return tests.stream().filter(t -> t.state() == state).toList();
    }

    private static void show(String what, List<String> lines) {
        lines.stream().limit(SHOWN_MAX).forEach(l -> System.out.println(what + "  " + l));
        if (lines.size() > SHOWN_MAX) {
            System.out.printf("%s  ... and %d more%n", what, lines.size() - SHOWN_MAX);
        }
    }

    private static List<Test> readReports(Path root) throws Exception {
        var tests = new ArrayList<Test>();
        for (var file : reports(root)) {
            var builder = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder();
            var cases = builder.parse(file.toFile()).getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                tests.add(read((Element) cases.item(i)));
            }
        }
        return tests;
    }

    private static List<Path> reports(Path root) throws IOException {
        try (Stream<Path> files = Files.find(root, 4, (path, _) -> isReport(root, path))) {
            return files.sorted().toList();
        }
    }

    private static boolean isReport(Path root, Path path) {
        return root.relativize(path)
                .toString()
                .matches("orb-\\w+/target/surefire-reports/TEST-.*\\.xml");
    }

    private static Test read(Element test) {
        var type = test.getAttribute("classname");
        // A repeated test is reported as method(long)[3]; a broken fixture has no method at all.
        var method = test.getAttribute("name").replaceFirst("[({\\[ ].*", "");
        for (var tag : List.of("failure", "error")) {
            var found = test.getElementsByTagName(tag);
            if (found.getLength() > 0) {
                return new Test(type, method, State.FAILED, firstLines(found, FAILURE_LINES_MAX));
            }
        }
        var skipped = test.getElementsByTagName("skipped");
        if (skipped.getLength() > 0) {
            return new Test(type, method, State.SKIPPED, firstLines(skipped, 1));
        }
        return new Test(type, method, State.PASSED, "");
    }

    private static String firstLines(NodeList found, int linesMax) {
        var element = (Element) found.item(0);
        var message = element.getAttribute("message");
        var text = message.isBlank() ? element.getTextContent() : message;
        var lines =
                text.lines()
                        .map(String::strip)
                        .filter(l -> !l.isEmpty() && !l.startsWith("at "))
                        .limit(linesMax)
                        .collect(Collectors.joining("\n    "));
        return lines.replaceFirst("^[\\w.]+TestAbortedException: ", "")
                .replaceFirst("^Assumption failed: ", "");
    }

    private static List<String> brokenPromises(Path specification, List<Test> tests)
            throws IOException {
        var broken = new ArrayList<String>();
        promisedTests(specification)
                .forEach((id, names) -> {
                    for (var name : names) {
                        var parts = name.split("#", 2);
                        var run =
                                tests.stream()
                                        .filter(t ->
                                                t.isOf(parts[0])
                                                        && (parts.length == 1
                                                                || t.method().equals(parts[1])))
                                        .toList();
                        if (run.isEmpty()) {
                            broken.add(id + " says works, but its test " + name + " did not run");
                        } else if (run.stream().anyMatch(t -> t.state() != State.PASSED)) {
                            broken.add(id + " says works, but its test " + name + " did not pass");
                        }
                    }
                });
        return broken;
    }

    /** The tests named by each row whose state is "works". */
    private static Map<String, List<String>> promisedTests(Path specification) throws IOException {
        var promised = new TreeMap<String, List<String>>();
        for (var line : Files.readAllLines(specification)) {
            var cells = line.split("\\|");
            if (cells.length >= 5
                    && cells[1].strip().matches("[A-K]\\d+")
                    && cells[3].strip().equals("works")) {
                var names = cells[4].replace("`", "").strip().split("[,\\s]+");
                promised.put(cells[1].strip(), List.of(names));
            }
        }
        return promised;
    }
}
