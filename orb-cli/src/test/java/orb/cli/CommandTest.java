package orb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import orb.kernel.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** The command's words, help and exit codes. */
class CommandTest {
    private static final String GOLDEN = "/orb/cli/help.txt";

    private record Ran(int code, String out, String err) {}

    private static Ran run(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                Main.command()
                        .setUsageHelpAutoWidth(false)
                        .setColorScheme(
                                CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true))
                        .execute(words);
        return new Ran(code, out.toString(), err.toString());
    }

    @Test
    void theHelpOfTheCommandIsAsItWas() throws Exception {
        try (var in = CommandTest.class.getResourceAsStream(GOLDEN)) {
            assertThat(run("--help").out())
                    .as("src/test/resources" + GOLDEN + " holds the help text")
                    .isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void everyVerbExplainsItselfInOneLineAndHasHelp() {
        for (CommandLine verb : all(Main.command())) {
            assertThat(verb.getCommandSpec().usageMessage().description())
                    .as(verb.getCommandName())
                    .isNotEmpty();
            assertThat(verb.getCommandSpec().findOption("--help"))
                    .as(verb.getCommandName())
                    .isNotNull();
        }
    }

    private static List<CommandLine> all(CommandLine command) {
        List<CommandLine> found = new ArrayList<>();
        for (Map.Entry<String, CommandLine> verb : command.getSubcommands().entrySet()) {
            found.add(verb.getValue());
            found.addAll(all(verb.getValue()));
        }
        return found;
    }

    @ParameterizedTest
    @EnumSource
    void everyErrorCodeHasAnExitCodeThatShellsCanTellFromSuccess(ErrorCode code) {
        assertThat(ExitCode.of(code))
                .isEqualTo(code == ErrorCode.INTERNAL ? 1 : 10 + code.number() / 100)
                .isBetween(1, 63);
    }

    @Test
    void wrongWordsAreAUsageError() {
        assertThat(run("fly").code()).isEqualTo(ExitCode.USAGE);
        assertThat(run("invoke").code()).isEqualTo(ExitCode.USAGE);
        assertThat(run("up", "--ports", "80").code())
                .isEqualTo(ExitCode.of(ErrorCode.BAD_ARGUMENT));
        assertThat(run("up", "--samples", "add,sub").err()).contains("'sub' is no sample", "add");
    }

    @Test
    void withoutARunningNodeItSaysHowToStartOne() throws Exception {
        Path nowhere = Files.createTempDirectory("orb-nowhere");
        Ran ran = run("whoami", "--node", nowhere.toString());
        Files.delete(nowhere);

        assertThat(ran.code()).isEqualTo(ExitCode.of(ErrorCode.NOT_RUNNING));
        assertThat(ran.err()).contains("ORB-0802", nowhere.toString(), "orb up", "docs/errors/");
    }
}
