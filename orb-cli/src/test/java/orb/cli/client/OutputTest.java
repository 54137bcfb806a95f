package orb.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OutputTest {
    private static final JsonNode ROWS =
            Api.parse(
                    "[{\"name\":\"alice/add\",\"calls\":12,\"at\":{\"host\":\"h1\"}},"
                            + "{\"name\":\"b\",\"calls\":3,\"at\":{}}]");

    private static String shown(Output.Format format, Consumer<Output> what) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        what.accept(
                new Output(
                        format,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8)));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aTableHasTheAskedColumnsAlignedAndADashForWhatIsAbsent() {
        assertThat(shown(Output.Format.TABLE, out -> out.rows(ROWS, "name", "calls", "at.host")))
                .isEqualTo(
                        """
                        NAME       CALLS  HOST
                        alice/add  12     h1
                        b          3      -
                        """);
    }

    @Test
    void jsonAndYamlShowEverythingAndNothingBeside() {
        String json =
                shown(
                        Output.Format.JSON,
                        out -> {
                            out.line("for people");
                            out.say("progress");
                            out.rows(ROWS, "name");
                        });
        assertThat(Api.parse(json)).isEqualTo(ROWS);
        assertThat(shown(Output.Format.YAML, out -> out.rows(ROWS, "name")))
                .startsWith("---\n- name: \"alice/add\"\n  calls: 12\n");
    }

    @Test
    void noControlCharacterOfAStrangerReachesATerminal() {
        JsonNode hostile = Api.parse("[{\"name\":\"a\\u001b[2Jb\\nc\\u009bd\"}]");

        assertThat(shown(Output.Format.TABLE, out -> out.rows(hostile, "name")))
                .doesNotContain("\u001b")
                .doesNotContain("\u009b")
                .hasLineCount(2);
        assertThat(shown(Output.Format.TABLE, out -> out.object(hostile.get(0))))
                .doesNotContain("\u001b")
                .hasLineCount(1);
    }

    @Test
    void anObjectIsALineAFieldAndItsListsStandBelow() {
        JsonNode node =
                Api.parse("{\"id\":1,\"name\":\"x\",\"trail\":[{\"a\":1},{\"a\":2}],\"none\":[]}");

        assertThat(shown(Output.Format.TABLE, out -> out.object(node)))
                .isEqualTo("id     1\nname   x\ntrail\n  a=1\n  a=2\nnone   -\n");
    }

    @Test
    void anEventIsOneLineInEveryFormat() {
        JsonNode event = Api.parse("{\"kind\":\"x\",\"detail\":\"two\\nlines\"}");

        assertThat(shown(Output.Format.TABLE, out -> out.event(event, "kind", "detail")))
                .isEqualTo("x  two?lines\n");
        assertThat(shown(Output.Format.JSON, out -> out.event(event, "kind")))
                .isEqualTo("{\"kind\":\"x\",\"detail\":\"two\\nlines\"}\n");
    }
}
