package orb.sim.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Holds the tree to STYLE.md and LAYOUT.md by a plain scan of its text. */
class TidyTest {
    static final List<Rule> RULES = Rules.ALL;

    private static SourceTree tree = SourceTree.of(Map.of());
    private static Allowances allowances = new Allowances(List.of());

    @BeforeAll
    static void readTheTreeOnce() {
        tree = SourceTree.read(SourceTree.root());
        allowances = Allowances.parse(tree.file("tidy-exceptions.txt").orElseThrow());
    }

    @ParameterizedTest
    @FieldSource("RULES")
    void theTreeKeepsTheRule(Rule rule) {
        assertThat(allowances.notCovered(rule.check(tree))).isEmpty();
    }

    @Test
    void everyExceptionIsStillNeeded() {
        var violations = RULES.stream().flatMap(rule -> rule.check(tree).stream()).toList();
        assertThat(allowances.stale(violations)).isEmpty();
    }
}
