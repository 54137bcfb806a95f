package orb.sim.tidy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * Writes the last column of docs/SPECIFICATION.md anew from the tags of the tests. Whether a
 * promise works is for people to say: the states stay as they are.
 *
 * <p>Run: {@code java -cp orb-sim/target/test-classes orb.sim.tidy.FillSpecification}
 */
final class FillSpecification {
    private FillSpecification() {}

    public static void main(String[] args) throws IOException {
        var root = SourceTree.root();
        var page = root.resolve("docs/SPECIFICATION.md");
        Files.writeString(
                page, filled(Files.readString(page), TestSources.of(SourceTree.read(root))));
        System.out.println("wrote " + Path.of("").toAbsolutePath().relativize(page));
    }

    static String filled(String page, TestSources tests) {
        return page.lines()
                .map(line -> filledLine(line, tests))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String filledLine(String line, TestSources tests) {
        var rows = Specification.parse(line).rows();
        if (rows.isEmpty()) {
            return line;
        }
        var row = rows.getFirst();
        var names =
                tests.tags().stream()
                        .filter(mark -> mark.id().equals(row.id()))
                        .map(mark -> "`" + mark.test() + "`")
                        .sorted()
                        .distinct()
                        .collect(Collectors.joining(", "));
        var cell = names.isEmpty() ? " " : " " + names + " ";
        return "| %s | %s | %s |%s|".formatted(row.id(), row.promise(), row.state(), cell);
    }
}
