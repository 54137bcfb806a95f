package orb.sim.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Plants each way in which the specification and the tests can part. */
class SpecificationRulesTest {
    private static final String PATH = "orb-node/src/test/java/orb/node/WakeTest.java";
    private static final String SOURCE =
            """
            @Tag("A2")
            class WakeTest {
                @Test
                @Tag("A1")
                void wakes() {}

                @Test
                @Disabled("for now")
                @Tag("A3")
                void sleeps() {}
            }
            """;

    private static final TestSources TESTS = TestSources.of(SourceTree.of(Map.of(PATH, SOURCE)));

    private static Specification row(String id, String state, String tests) {
        return Specification.parse("| " + id + " | p | " + state + " | " + tests + " |");
    }

    private static void assertBroken(Specification specification, String reason) {
        assertThat(SpecificationTest.brokenRows(specification, TESTS))
                .singleElement()
                .asString()
                .contains(reason);
    }

    @Test
    void aRowThatWorksNamesATaggedTest() {
        var good = row("A1", "works", "`WakeTest#wakes`");
        assertThat(SpecificationTest.brokenRows(good, TESTS)).isEmpty();
        var classOfTests = row("A2", "works", "`WakeTest`, `WakeTest#wakes`");
        assertThat(SpecificationTest.brokenRows(classOfTests, TESTS)).isEmpty();
    }

    @Test
    void aRowThatWorksWithoutProofIsBroken() {
        assertBroken(row("A1", "works", ""), "names no test");
        assertBroken(row("A1", "works", "`WakeTest#flies`"), "does not exist");
        assertBroken(row("A1", "works", "`GoneTest#wakes`"), "does not exist");
        assertBroken(row("B1", "works", "`WakeTest#wakes`"), "lacks @Tag");
        assertBroken(row("A3", "works", "`WakeTest#sleeps`"), "disabled");
    }

    @Test
    void aTagThatNoRowListsIsFound() {
        var all =
                Specification.parse(
                        """
                        | A1 | p | works | `WakeTest#wakes` |
                        | A2 | p | not yet | `WakeTest` |
                        | A3 | p | not yet | |
                        """);
        assertThat(SpecificationTest.unlistedTags(all, TESTS))
                .singleElement()
                .asString()
                .contains("WakeTest#sleeps carries A3");
    }

    @Test
    void thePageIsFilledFromTheTagsAndKeepsItsStates() {
        var page = "# Page\n| A1 | p | works | |\n| B1 | q | not yet | `Gone#x` |\n";
        assertThat(FillSpecification.filled(page, TESTS))
                .isEqualTo(
                        "# Page\n| A1 | p | works | `WakeTest#wakes` |\n| B1 | q | not yet | |\n");
    }
}
