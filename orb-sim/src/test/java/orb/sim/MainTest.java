package orb.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... words) {
        return Main.run(
                List.of(words),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void helpNamesEveryOptionAndEveryKindOfFault() {
        assertThat(run("--help")).isZero();
        assertThat(printed())
                .contains("--seed ", "--seeds", "--from", "--threads", "--quiet", "--twice")
                .contains("--nodes", "--seconds", "--faults", "--scarce");
        Faults.all().forEach(faults -> assertThat(printed()).contains(faults.name()));
        assertThat(said()).isEmpty();
    }

    @Test
    void wrongWordsAreExplained() {
        assertThat(run()).isEqualTo(2);
        assertThat(said()).contains("say --seed N, --seeds N or --scale").contains("usage:");
        assertThat(run("--seed", "x")).isEqualTo(2);
        assertThat(run("--seed", "1", "--faults", "gremlins")).isEqualTo(2);
        assertThat(run("--seed", "1", "--nodes", "0")).isEqualTo(2);
        assertThat(run("--what", "1")).isEqualTo(2);
        assertThat(run("--seed", "1", "--scarce", "maybe")).isEqualTo(2);
        assertThat(said())
                .contains("--seed takes a whole number")
                .contains("no faults are called gremlins")
                .contains("a swarm has 1..100 nodes, not 0")
                .contains("unknown option --what");
    }

    @Test
    void aReplayPrintsAllThatHappensAndHowItEnded() {
        String[] words =
                "--seed 3 --trackers 1 --nodes 2 --seconds 1 --faults none --scarce no".split(" ");
        assertThat(run(words)).isZero();
        assertThat(printed())
                .contains("tracker Started")
                .contains("    -> ")
                .contains(
                        "--seed 3 --trackers 1 --nodes 2 --seconds 1 --faults none --scarce no:"
                                + " trace ");
    }

    @Test
    void manySeedsEndInOneLine() {
        assertThat(
                        run(
                                "--seeds",
                                "3",
                                "--from",
                                "5",
                                "--seconds",
                                "1",
                                "--threads",
                                "2",
                                "--twice"))
                .isZero();
        assertThat(printed()).isEmpty();
        assertThat(said()).startsWith("3 seeds, ").endsWith(": nothing went wrong\n");
    }
}
