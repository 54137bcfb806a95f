package orb.sim.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds docs/SPECIFICATION.md and the tests to each other. */
class SpecificationTest {
    private static final String GROUPS = "ABCDEFGHIJK";
    private static final List<Integer> ROWS_OF_GROUP =
            List.of(19, 13, 5, 8, 13, 17, 17, 6, 14, 12, 6);

    private static Specification specification = new Specification(List.of());
    private static TestSources tests = new TestSources(List.of(), List.of(), List.of());

    @BeforeAll
    static void readOnce() {
        var tree = SourceTree.read(SourceTree.root());
        specification = Specification.parse(tree.file("docs/SPECIFICATION.md").orElseThrow());
        tests = TestSources.of(tree);
    }

    @Test
    void everyPromiseHasItsRowInOrder() {
        var ids =
                IntStream.range(0, GROUPS.length())
                        .boxed()
                        .flatMap(g ->
                                IntStream.rangeClosed(1, ROWS_OF_GROUP.get(g))
                                        .mapToObj(n -> GROUPS.charAt(g) + "" + n))
                        .toList();
        assertThat(specification.rows()).extracting(Specification.Row::id).isEqualTo(ids);
    }

    @Test
    void everyStateIsWorksOrNotYet() {
        assertThat(specification.rows())
                .allMatch(row ->
                        row.state().equals(Specification.WORKS)
                                || row.state().equals(Specification.NOT_YET));
    }

    @Test
    void whatWorksNamesTestsThatExistAndRun() {
        assertThat(brokenRows(specification, tests)).isEmpty();
    }

    @Test
    void everyTagStandsInTheTable() {
        assertThat(unlistedTags(specification, tests)).isEmpty();
    }

    static List<String> brokenRows(Specification specification, TestSources tests) {
        var broken = new ArrayList<String>();
        for (var row : specification.rows()) {
            if (row.works() && row.tests().isEmpty()) {
                broken.add(row.id() + " works, but names no test");
            }
            for (var test : row.tests()) {
                if (!tests.exists(test)) {
                    broken.add(row.id() + " names " + test + ", which does not exist");
                } else if (!tests.carries(test, row.id())) {
                    broken.add(row.id() + " names " + test + ", which lacks @Tag of that id");
                } else if (tests.isDisabled(test)) {
                    broken.add(row.id() + " names " + test + ", which is disabled");
                }
            }
        }
        return broken;
    }

    static List<String> unlistedTags(Specification specification, TestSources tests) {
        return tests.tags().stream()
                .filter(mark ->
                        specification.rows().stream()
                                .filter(row -> row.id().equals(mark.id()))
                                .noneMatch(row -> row.names(mark.test())))
                .map(mark -> mark.test() + " carries " + mark.id() + ": name it in that row")
                .toList();
    }
}
