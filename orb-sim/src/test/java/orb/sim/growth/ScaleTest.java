package orb.sim.growth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScaleTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private void run(String words) {
        Scale.run(
                List.of(words.split(" ")),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private static ScaleOptions options(String words) {
        return ScaleOptions.of(List.of(words.split(" ")));
    }

    @Test
    void aloneItMeasuresTheWholeTable() {
        assertThat(options("--scale").sizes())
                .containsExactly(
                        new Size(100, 4, 1),
                        new Size(1_000, 4, 1),
                        new Size(10_000, 4, 1),
                        new Size(100, 31, 1),
                        new Size(1_000, 31, 1),
                        new Size(10_000, 31, 1));
        assertThat(options("--scale").isTable()).isTrue();
    }

    @Test
    void optionsAreTakenInEitherForm() {
        ScaleOptions options =
                options("--scale --nodes 50,60 --trackers=7 --seed 9 --seconds 5 -o json --quiet");
        assertThat(options.sizes()).containsExactly(new Size(50, 7, 9), new Size(60, 7, 9));
        assertThat(options.lengths().counting()).isEqualTo(Duration.ofSeconds(5));
        assertThat(options.isTable()).isFalse();
        assertThat(options.isQuiet()).isTrue();
        assertThat(options("--scale --plot a.svg --from b").plot()).contains(Path.of("a.svg"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--nodes many | --nodes takes whole numbers, as 100,1000, not 'many'",
                "--nodes 1 | a swarm has 2..100000 nodes, not 1",
                "--nodes 10,,20 | --nodes takes whole numbers",
                "--trackers 32 | a swarm has 1..31 trackers, not 32",
                "--seed | --seed takes a whole number, not nothing",
                "--seconds 0 | counting takes 1 s or more",
                "--lookups 0 | 1..100000 lookups are made, not 0",
                "--lookups 99999999999 | 1..100000 lookups are made",
                "-o yaml | -o takes table or json, not 'yaml'",
                "--plot --quiet | --plot takes a file, not '--quiet'",
                "--faults all | --scale has no option --faults: see orb sim --help",
            })
    void wrongWordsAreRefusedWithWhatToSay(String words, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options("--scale " + words.strip()))
                .withMessageContaining(message.strip());
    }

    @Test
    void aPlotThatCannotBeWrittenIsRefusedBeforeTheWork() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run("--scale --plot nowhere/at/all/growth.svg"))
                .withMessageContaining("name a file in a folder that is there");
    }

    @Test
    void rowsGoOutAndProgressBesideThem(@TempDir Path folder) throws Exception {
        Path plot = folder.resolve("growth.svg");
        run("--scale --nodes 4 --trackers 1 --seconds 1 --lookups 5 -o json --plot " + plot);
        String row = out.toString(StandardCharsets.UTF_8);
        assertThat(row.lines()).hasSize(1);
        assertThat(FiguresJson.row(row).size()).isEqualTo(new Size(4, 1, 1));
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("4 nodes, 1 trackers: joining");
        assertThat(Files.readString(plot)).startsWith("<svg ").endsWith("</svg>\n");

        Path rows = Files.writeString(folder.resolve("rows"), row);
        out.reset();
        run("--scale --nodes 4 --trackers 1 --quiet --from " + rows);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        FiguresTable.HEAD + "\n" + FiguresTable.line(FiguresJson.row(row)) + "\n");
    }
}
