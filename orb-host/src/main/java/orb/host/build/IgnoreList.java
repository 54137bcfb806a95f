package orb.host.build;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/**
 * Which files of a function's folder are no source.
 *
 * <p>Always: names that start with a dot, folders {@code node_modules} and {@code target}, files
 * that end in {@code .o} or {@code .orb}, and the artefact if the manifest has a build line.
 * Besides: what {@code .orbignore} names, one pattern a line: {@code *} and {@code ?} within a
 * name, {@code **} across names, a slash at the end for folders alone, a slash elsewhere anchors
 * the pattern at the folder, {@code #} starts a comment. Immutable.
 */
final class IgnoreList {
    static final String FILE = ".orbignore";
    private static final int FILE_MAX = 64 << 10;
    private static final int RULES_MAX = 1_000;

    private final List<Rule> rules;

    private record Rule(Pattern pattern, boolean foldersOnly) {}

    private IgnoreList(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * The list that holds for a folder.
     *
     * @throws RefusedException with MANIFEST_INVALID for a pattern that is not understood
     */
    static IgnoreList read(Path folder, Manifest manifest) {
        List<Rule> rules = new ArrayList<>();
        for (String always : List.of(".*", "node_modules/", "target/", "*.o", "*.orb")) {
            rules.add(rule(always));
        }
        if (manifest.build().isPresent()) {
            manifest.artefact().ifPresent(name -> rules.add(exactly(name)));
        }
        if (Files.exists(folder.resolve(FILE))) {
            List<String> lines = FolderFiles.read(folder, FILE, FILE_MAX).utf8().lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).strip();
                if (line.isEmpty() || line.startsWith("#")) {
                    continue;
                }
                if (line.startsWith("!") || line.contains("[") || rules.size() > RULES_MAX) {
                    throw new RefusedException(
                            new Refusal(
                                    ErrorCode.MANIFEST_INVALID,
                                    folder.resolve(FILE) + ":" + (i + 1) + ": " + line,
                                    "a pattern has *, ** and ?, but neither ! nor [ ]; at most "
                                            + RULES_MAX));
                }
                rules.add(rule(line));
            }
        }
        return new IgnoreList(rules);
    }

    /** Whether a name relative to the folder, with slashes, is no source. */
    boolean isIgnored(String name, boolean isFolder) {
        return rules.stream()
                .anyMatch(rule ->
                        (isFolder || !rule.foldersOnly())
                                && rule.pattern().matcher(name).matches());
    }

    private static Rule exactly(String name) {
        return new Rule(Pattern.compile(Pattern.quote(name)), false);
    }

    private static Rule rule(String line) {
        boolean foldersOnly = line.endsWith("/");
        String glob = foldersOnly ? line.substring(0, line.length() - 1) : line;
        StringBuilder regex = new StringBuilder(glob.contains("/") ? "" : "(?:.*/)?");
        int i = glob.startsWith("/") ? 1 : 0;
        while (i < glob.length()) {
            if (glob.startsWith("**/", i)) {
                regex.append("(?:.*/)?");
                i += 3;
            } else if (glob.startsWith("**", i)) {
                regex.append(".*");
                i += 2;
            } else {
                char c = glob.charAt(i++);
                regex.append(
                        switch (c) {
                            case '*' -> "[^/]*";
                            case '?' -> "[^/]";
                            default -> Pattern.quote(String.valueOf(c));
                        });
            }
        }
        return new Rule(Pattern.compile(regex.toString(), Pattern.DOTALL), foldersOnly);
    }
}
