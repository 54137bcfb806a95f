package orb.sim.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Third-party code stays behind its fence: which module may name which library. */
final class FenceRules {
    /**
     * A library and the places that may use it.
     *
     * @param prefix what its names start with
     * @param places starts of paths
     */
    private record Fence(String prefix, List<String> places) {
        Fence(String prefix, String... places) {
            this(prefix, List.of(places));
        }

        boolean admits(Source source) {
            return places.stream().anyMatch(source.path()::startsWith);
        }
    }

    private static final String IDENTITY = "orb-kernel/src/main/java/orb/kernel/identity/";

    private static final String HASHGRAPH = "orb-host/src/main/java/orb/host/hashgraph/";

    private static final String[] DISCOVERY = {
        "orb-host/src/main/java/orb/host/discovery/", "orb-host/src/test/java/orb/host/discovery/"
    };

    /**
     * The one class that reads and writes arrays by address, after its own look at their length.
     */
    private static final String RAW = "orb-sandbox/src/main/java/orb/sandbox/engine/Raw.java";

    private static final List<Fence> FENCES =
            List.of(
                    new Fence("org.bouncycastle.", IDENTITY, "orb-kernel/src/test/", "orb-host/"),
                    new Fence("run.endive.", "orb-sandbox/"),
                    new Fence("io.netty.", "orb-host/"),
                    new Fence("io.helidon.", "orb-host/"),
                    new Fence("com.fasterxml.jackson.", "orb-host/", "orb-cli/"),
                    new Fence("org.sqlite.", "orb-host/"),
                    new Fence("com.google.javascript.", "orb-host/"),
                    new Fence("com.google.debugging.", "orb-host/"),
                    new Fence("com.hedera.", HASHGRAPH),
                    new Fence("com.swirlds.", HASHGRAPH),
                    new Fence("org.hiero.", HASHGRAPH),
                    new Fence("org.ethereum.", DISCOVERY),
                    new Fence("org.apache.tuweni.", DISCOVERY),
                    new Fence("java.sql.", "orb-host/"),
                    new Fence("sun.misc.", RAW),
                    new Fence("java.lang.foreign.", "orb-ingress/"),
                    new Fence("picocli.", "orb-cli/"),
                    new Fence("org.slf4j.", "orb-host/", "orb-cli/"),
                    new Fence("ch.qos.logback.", "orb-cli/"));

    private static final List<String> FOR_ALL =
            List.of("orb.", "java.", "javax.", "jdk.jfr.", "com.sun.management.", "org.jspecify.");

    private static final List<String> FOR_TESTS =
            List.of(
                    "org.junit.",
                    "org.assertj.",
                    "org.awaitility.",
                    "org.openjdk.jmh.",
                    "com.code_intelligence.",
                    "org.w3c.dom.",
                    "org.opentest4j.");

    private static final Pattern IMPORT =
            Pattern.compile("(?m)^import\\s+(?:static\\s+)?([\\w.]+)\\s*;");

    static final Rule THIRD_PARTY = new Rule("fence", FenceRules::check);

    private FenceRules() {}

    private static List<Violation> check(SourceTree tree) {
        var found = new ArrayList<Violation>();
        for (var source : tree.java()) {
            if (source.fileName().equals("module-info.java")) {
                continue; // it names all that the module uses, wherever the fence within it stands
            }
            crossings(source, found);
            strangers(source, found);
        }
        return found;
    }

    /** Names of a fenced library, imported or written out, outside its places. */
    private static void crossings(Source source, List<Violation> found) {
        for (var fence : FENCES) {
            int at = fence.admits(source) ? -1 : indexOfName(source.code(), fence.prefix());
            if (at >= 0) {
                var message = fence.prefix() + " may be used only in " + fence.places();
                found.add(new Violation("fence", source.path(), source.lineAt(at), message));
            }
        }
    }

    private static int indexOfName(String code, String prefix) {
        var name = Pattern.compile("(?<![\\w.])" + Pattern.quote(prefix)).matcher(code);
        return name.find() ? name.start() : -1;
    }

    /** Imports of a library that no list here knows. */
    private static void strangers(Source source, List<Violation> found) {
        var imports = IMPORT.matcher(source.code());
        while (imports.find()) {
            var name = imports.group(1);
            boolean known =
                    FOR_ALL.stream().anyMatch(name::startsWith)
                            || FENCES.stream().anyMatch(f -> name.startsWith(f.prefix()))
                            || (isForTests(source)
                                    && FOR_TESTS.stream().anyMatch(name::startsWith));
            if (!known) {
                int line = source.lineAt(imports.start());
                var message = name + " needs a fence here and a line in docs/dependencies.md";
                found.add(new Violation("fence", source.path(), line, message));
            }
        }
    }

    private static boolean isForTests(Source source) {
        return source.isTest() || source.path().startsWith("tools/");
    }
}
