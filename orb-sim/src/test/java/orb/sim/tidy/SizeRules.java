package orb.sim.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The limits at the head of STYLE.md. */
final class SizeRules {
    static final int METHOD_LINES_MAX = 70;
    static final int FILE_LINES_MAX = 500;
    static final int PACKAGE_FILES_MAX = 25;
    static final int COLUMNS_MAX = 100;
    static final int PARAMETERS_MAX = 5;

    static final Rule METHOD_LINES = new Rule("method-lines", SizeRules::longMethods);
    static final Rule PARAMETERS = new Rule("parameters", SizeRules::wideMethods);
    static final Rule FILE_LINES = new Rule("file-lines", SizeRules::longFiles);
    static final Rule PACKAGE_FILES = new Rule("package-files", SizeRules::fullPackages);
    static final Rule COLUMNS = new Rule("columns", SizeRules::longLines);

    private SizeRules() {}

    private static List<Violation> longMethods(SourceTree tree) {
        var found = new ArrayList<Violation>();
        for (var source : tree.java()) {
            for (var method : Outline.of(source).methods()) {
                if (method.lines() > METHOD_LINES_MAX) {
                    var message = method.lines() + " lines, at most " + METHOD_LINES_MAX;
                    found.add(at(source, method, "method-lines", message));
                }
            }
        }
        return found;
    }

    private static List<Violation> wideMethods(SourceTree tree) {
        var found = new ArrayList<Violation>();
        for (var source : tree.java()) {
            for (var method : Outline.of(source).methods()) {
                if (method.parameters() > PARAMETERS_MAX) {
                    var message = method.parameters() + " parameters, at most " + PARAMETERS_MAX;
                    found.add(at(source, method, "parameters", message));
                }
            }
        }
        return found;
    }

    private static Violation at(Source source, Outline.Method method, String rule, String text) {
        return new Violation(rule, source.path() + "#" + method.name(), method.firstLine(), text);
    }

    private static List<Violation> longFiles(SourceTree tree) {
        return tree.java().stream()
                .filter(s -> s.lines().size() > FILE_LINES_MAX)
                .map(s -> fileOf(s, s.lines().size() + " lines, at most " + FILE_LINES_MAX))
                .toList();
    }

    private static Violation fileOf(Source source, String message) {
        return new Violation("file-lines", source.path(), 0, message);
    }

    private static List<Violation> fullPackages(SourceTree tree) {
        Map<String, Long> counts =
                tree.java().stream()
                        .filter(s -> !s.fileName().matches("(module|package)-info\\.java"))
                        .collect(
                                Collectors.groupingBy(
                                        Source::folder, TreeMap::new, Collectors.counting()));
        var found = new ArrayList<Violation>();
        counts.forEach((folder, count) -> {
            if (count > PACKAGE_FILES_MAX) {
                var message = count + " files, at most " + PACKAGE_FILES_MAX;
                found.add(new Violation("package-files", folder, 0, message));
            }
        });
        return found;
    }

    private static List<Violation> longLines(SourceTree tree) {
        var found = new ArrayList<Violation>();
        for (var source : tree.java()) {
            int number = 0;
            for (var line : source.lines()) {
                number++;
                if (line.length() > COLUMNS_MAX && !line.startsWith("import ")) {
                    var message = line.length() + " columns, at most " + COLUMNS_MAX;
                    found.add(new Violation("columns", source.path(), number, message));
                }
            }
        }
        return found;
    }
}
