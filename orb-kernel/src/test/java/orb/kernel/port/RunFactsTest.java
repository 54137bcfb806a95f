package orb.kernel.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunFactsTest {
    @Test
    void whatARunWasDeniedIsKeptToEightLinesOfTwoHundredCharacters() {
        List<String> flood = Collections.nCopies(100, "x".repeat(5_000));

        RunFacts facts = RunFacts.NONE.withDenied(flood);

        assertThat(facts.denied()).hasSize(8).allMatch(line -> line.length() == 200);
    }
}
