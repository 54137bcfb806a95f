package orb.cli.workshop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code orb new} makes is built by the compilers that it names, and answers. */
@Timeout(300)
class TemplatesTest {
    private static final Path ASC =
            Path.of(System.getProperty("orb.root", ".."))
                    .resolve("orb-console/node_modules/.bin/asc")
                    .toAbsolutePath()
                    .normalize();

    @TempDir private Path parent;

    @ParameterizedTest
    @EnumSource(Templates.Language.class)
    void everyTemplateGreetsByNameInJson(Templates.Language language) throws Exception {
        Path folder = parent.resolve("greeter");
        Templates.write(language, "greeter", folder);
        String needed = needed(language);
        assumeTrue(needed.isEmpty() || Files.exists(Path.of(needed)), "needs " + needed);
        useWhatIsHere(folder);

        Sample sample = Sample.of(Workshop.make(folder).orThrow());

        assertThat(answer(sample, "{\"x\":1,\"name\": \"Ada\"}"))
                .isEqualTo("{\"message\":\"Hello, Ada!\"}");
        assertThat(answer(sample, "{\"name\":\"a \\\"quote\\\" é\"}"))
                .isEqualTo("{\"message\":\"Hello, a \\\"quote\\\" é!\"}");
        assertThat(answer(sample, "{}")).isEqualTo("{\"message\":\"Hello, stranger!\"}");
        assertThat(answer(sample, "")).isEqualTo("{\"message\":\"Hello, stranger!\"}");
    }

    private static String needed(Templates.Language language) {
        return switch (language) {
            case JS -> "";
            case AS -> ASC.toString();
            case C -> "/usr/lib/wasm32-wasi/libc.a";
            case CPP -> "/usr/lib/wasm32-wasi/libc++.a";
            case RUST -> "/usr/lib/rustlib/wasm32-unknown-unknown/lib";
        };
    }

    /**
     * The build's own AssemblyScript, and Debian's Rust before one of rustup without the target.
     */
    private static void useWhatIsHere(Path folder) throws IOException {
        Path manifest = folder.resolve("orb.yaml");
        Files.writeString(
                manifest,
                Files.readString(manifest)
                        .replace("node_modules/.bin/asc", ASC.toString())
                        .replace("build: rustc", "build: PATH=/usr/bin:$PATH rustc"));
    }

    private static String answer(Sample sample, String body) throws Exception {
        return sample.answer(Request.post(Bytes.utf8(body))).body().utf8().strip();
    }

    @Test
    void assemblyScriptThatIsNotInstalledYetIsNamedWithItsRemedy() throws IOException {
        Path folder = parent.resolve("greeter");
        Templates.write(Templates.Language.AS, "greeter", folder);

        Result<Workshop.Product> made = Workshop.make(folder);

        assertThat(made).isInstanceOf(Result.Refused.class);
        Refusal refusal = ((Result.Refused<Workshop.Product>) made).refusal();
        assertThat(refusal.code()).isEqualTo(ErrorCode.TOOL_MISSING);
        assertThat(refusal.next()).contains("npm install");
    }
}
