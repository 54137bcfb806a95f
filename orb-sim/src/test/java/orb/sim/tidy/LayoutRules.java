package orb.sim.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The tree is as LAYOUT.md says: modules, what each requires, a README in each. */
final class LayoutRules {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(orb-\\w+)` \\| (.*) \\|$");
    private static final Pattern MODULE_NAME = Pattern.compile("`(orb-\\w+)`");
    private static final Pattern REQUIRES =
            Pattern.compile("requires\\s+(?:transitive\\s+|static\\s+)*orb\\.(\\w+)\\s*;");
    private static final Pattern DEPENDENCY =
            Pattern.compile(
                    "<dependency>\\s*<groupId>orb</groupId>\\s*<artifactId>(orb-\\w+)</artifactId>"
                            + "\\s*(?!\\s*<scope>test)");
    private static final Set<String> ON_THE_CLASS_PATH =
            Set.of("orb-host", "orb-console", "orb-sim", "orb-cli");
    private static final String KERNEL = "orb-kernel";
    private static final int README_LINES_MAX = 15;

    /** No place of one person's machine; alice is the person of all examples. */
    private static final Pattern MACHINE_PATH =
            Pattern.compile("(?<![\\w.~}])/(home/(?!alice/)[a-z]\\w*|Users/\\w+|root|work)/");

    static final Rule MODULES = new Rule("modules", LayoutRules::modules);
    static final Rule READMES = new Rule("readme", LayoutRules::readmes);
    static final Rule MACHINE_PATHS = new Rule("machine-path", LayoutRules::machinePaths);
    static final Rule LOCK_FILE = new Rule("lock-file", LayoutRules::lockFile);

    private LayoutRules() {}

    private static List<Violation> modules(SourceTree tree) {
        var table = table(tree);
        var found = new ArrayList<Violation>();
        for (var module : tree.modules()) {
            var wanted = table.get(module);
            if (wanted == null) {
                found.add(violation("LAYOUT.md", module + " has no row in the table of modules"));
                continue;
            }
            var pom = module + "/pom.xml";
            compare(pom, wanted, dependencies(tree.file(pom).orElse("")), found);
            var info = module + "/src/main/java/module-info.java";
            var text = tree.file(info);
            if (text.isPresent()) {
                compare(info, wanted, requires(Blanking.code(text.get())), found);
            } else if (!ON_THE_CLASS_PATH.contains(module)) {
                found.add(violation(info, "missing: floors 1 to 3 are JPMS modules"));
            }
        }
        for (var module : table.keySet()) {
            if (!tree.modules().contains(module)) {
                found.add(violation("LAYOUT.md", module + " is in the table but not in the tree"));
            }
        }
        return found;
    }

    /** Whoever requires an engine or a role sees the kernel through it, named or not. */
    private static void compare(
            String where, Set<String> wanted, Set<String> actual, List<Violation> found) {
        var surplus = new TreeSet<>(actual);
        surplus.removeAll(wanted);
        if (!wanted.isEmpty()) {
            surplus.remove(KERNEL);
        }
        var missing = new TreeSet<>(wanted);
        missing.removeAll(actual);
        if (!surplus.isEmpty()) {
            found.add(violation(where, "requires " + surplus + ", which LAYOUT.md does not allow"));
        }
        if (!missing.isEmpty()) {
            found.add(violation(where, "does not require " + missing + ", as LAYOUT.md says"));
        }
    }

    private static Violation violation(String where, String message) {
        return new Violation("modules", where, 0, message);
    }

    static SortedMap<String, Set<String>> table(SourceTree tree) {
        var table = new TreeMap<String, Set<String>>();
        ROW.matcher(tree.file("LAYOUT.md").orElse(""))
                .results()
                .forEach(row -> table.put(row.group(1), names(MODULE_NAME, row.group(2))));
        return table;
    }

    private static Set<String> dependencies(String pom) {
        return names(DEPENDENCY, pom);
    }

    private static Set<String> requires(String moduleInfo) {
        var found = new TreeSet<String>();
        names(REQUIRES, moduleInfo).forEach(name -> found.add("orb-" + name));
        return found;
    }

    private static Set<String> names(Pattern pattern, String text) {
        var found = new TreeSet<String>();
        pattern.matcher(text).results().forEach(m -> found.add(m.group(1)));
        return found;
    }

    private static List<Violation> readmes(SourceTree tree) {
        var found = new ArrayList<Violation>();
        for (var module : tree.modules()) {
            var path = module + "/README.md";
            long lines = tree.file(path).map(text -> text.lines().count()).orElse(0L);
            if (lines == 0 || lines > README_LINES_MAX) {
                var message = "wants about 10 lines: purpose, main types, what it never does";
                found.add(new Violation("readme", path, 0, message));
            }
        }
        return found;
    }

    private static List<Violation> machinePaths(SourceTree tree) {
        var found = new ArrayList<Violation>();
        tree.files()
                .forEach((path, text) -> {
                    var named = MACHINE_PATH.matcher(text);
                    if (named.find()) {
                        int line = Source.of(path, text).lineAt(named.start());
                        var message = named.group() + " exists on one machine only";
                        found.add(new Violation("machine-path", path, line, message));
                    }
                });
        return found;
    }

    private static List<Violation> lockFile(SourceTree tree) {
        return tree.files().entrySet().stream()
                .filter(f -> f.getKey().endsWith("package-lock.json"))
                .filter(f -> f.getValue().contains("\"resolved\""))
                .map(f -> new Violation("lock-file", f.getKey(), 0, "names a host: see .npmrc"))
                .toList();
    }
}
