package orb.kernel.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunFactsTest {
    @Test
    void whatARunWasDeniedIsKeptToEightLinesOfTwoHundredCharacters() {
        Denial denial = new Denial(Denial.Kind.EGRESS, "x".repeat(5_000));
        List<Denial> flood = Collections.nCopies(100, denial);

        RunFacts facts = RunFacts.NONE.withDenied(flood);

        assertThat(facts.denied()).hasSize(8).allMatch(each -> each.line().length() == 200);
    }
}
