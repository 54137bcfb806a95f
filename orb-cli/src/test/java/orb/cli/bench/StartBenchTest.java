package orb.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import orb.kernel.Bytes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The published figures of starting are measured with real workers, and nothing stays of them. */
@Timeout(240)
class StartBenchTest {
    /** Keeps figures by their names; a start bench has nothing else to say. */
    private static final class Kept implements Report {
        private final Map<String, Figure> figures = new TreeMap<>();

        @Override
        public void figure(Figure figure) {
            assertThat(figures.put(figure.metric(), figure)).isNull();
        }

        @Override
        public void beside(String bench, String program, String version) {
            throw new AssertionError(program);
        }

        @Override
        public void lacks(String bench, String what, String why) {
            throw new AssertionError(why);
        }

        double value(String metric) {
            assertThat(figures).containsKey(metric);
            return figures.get(metric).value();
        }
    }

    @Test
    @Tag("I5")
    void startAndMemoryOfAnInstanceAndOfAProcessAreMeasured() throws IOException {
        Path root = Path.of(System.getProperty("orb.root", ".."));
        Bytes add = Bytes.wrap(Files.readAllBytes(root.resolve("examples/add/add.wasm")));
        Kept kept = new Kept();

        new StartBench(add, new StartBench.Counts(200, 20, 2), kept).run();

        for (String what : new String[] {"module", "script"}) {
            for (String timed :
                    new String[] {
                        "warm_" + what + "_instance",
                        "warm_" + what + "_answer",
                        "process_" + what + "_answer",
                        "process_" + what + "_end"
                    }) {
                assertThat(kept.value(timed + "_p50")).isPositive();
                assertThat(kept.value(timed + "_p99"))
                        .isGreaterThanOrEqualTo(kept.value(timed + "_p50"));
            }
            assertThat(kept.value("warm_" + what + "_answer_p50"))
                    .as("an instance is a part of the answer")
                    .isGreaterThan(kept.value("warm_" + what + "_instance_p50"));
            assertThat(kept.value("process_" + what + "_answer_p50") * 1000)
                    .as("a process takes longer than an instance")
                    .isGreaterThan(kept.value("warm_" + what + "_answer_p50"));
            assertThat(kept.value("process_" + what + "_rss")).isBetween(10.0, 1000.0);
            assertThat(kept.value("process_" + what + "_pss"))
                    .isBetween(10.0, kept.value("process_" + what + "_rss"));
        }
        assertThat(kept.value("warm_module_instance_memory")).as("one page").isEqualTo(64);
        assertThat(ProcessHandle.current().descendants()).as("what was started").isEmpty();
    }
}
