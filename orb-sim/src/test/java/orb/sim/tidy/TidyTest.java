package orb.sim.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Holds the tree to STYLE.md and LAYOUT.md by a plain scan of its text. */
class TidyTest {
    static final List<Rule> RULES = Rules.ALL;

    private static final Map<Rule, List<Violation>> FOUND = new LinkedHashMap<>();
    private static Allowances allowances = new Allowances(List.of());

    @BeforeAll
    static void scanTheTreeOnce() {
        var tree = SourceTree.read(SourceTree.root());
        RULES.forEach(rule -> FOUND.put(rule, rule.check(tree)));
        allowances = Allowances.parse(tree.file("tidy-exceptions.txt").orElseThrow());
    }

    @ParameterizedTest
    @FieldSource("RULES")
    void theTreeKeepsTheRule(Rule rule) {
        assertThat(allowances.notCovered(FOUND.getOrDefault(rule, List.of()))).isEmpty();
    }

    @Test
    void everyExceptionIsStillNeeded() {
        var violations = FOUND.values().stream().flatMap(List::stream).toList();
        assertThat(allowances.stale(violations)).isEmpty();
    }
}
