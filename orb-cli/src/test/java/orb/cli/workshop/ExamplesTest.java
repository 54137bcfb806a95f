package orb.cli.workshop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import orb.kernel.Bytes;
import orb.kernel.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The samples answer what is written beside them, and are what their sources give. */
@Timeout(300)
class ExamplesTest {
    private static final Path EXAMPLES = Cases.EXAMPLES;
    private static final int BUILD_SECONDS = 280;
    private static final int COMPILER_MISSING = 3;

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"add", "hello-js", "image-label", "iot-bridge", "mandelbrot"})
    void everyCaseHasItsAnswer(String name) throws Exception {
        Sample sample = Sample.prebuilt(EXAMPLES.resolve(name));
        for (Cases.Case each : Cases.of(name)) {
            Response response = sample.answer(each.request());

            assertThat(response.body().utf8()).as("" + each).isEqualTo(each.out());
            each.status()
                    .ifPresent(status ->
                            assertThat(response.status()).as("" + each).isEqualTo(status));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "wordcount/text.expected.json",
                "thumbnail/photo.thumb.png",
                "mandelbrot/sample.png"
            })
    void theAnswerToTheSampleInputIsTheExpectedFile(String expected) throws Exception {
        String name = expected.substring(0, expected.indexOf('/'));
        Sample sample = Sample.prebuilt(EXAMPLES.resolve(name));

        Response response = sample.answer(sample.product().sample());

        byte[] whole = Files.readAllBytes(EXAMPLES.resolve(expected));
        assertThat(Bytes.wrap(whole).utf8().strip()).isNotEmpty();
        assertThat(new String(response.body().array(), StandardCharsets.ISO_8859_1).stripTrailing())
                .isEqualTo(new String(whole, StandardCharsets.ISO_8859_1).stripTrailing());
    }

    @Test
    void theModulesAreWhatTheirSourcesGiveByteForByte() throws Exception {
        Path log = folder.resolve("log");
        Process process =
                new ProcessBuilder(
                                EXAMPLES.resolve("build.sh").toAbsolutePath().toString(), "--check")
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();

        boolean ended = process.waitFor(BUILD_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();

        assertThat(ended).as(Files.readString(log)).isTrue();
        assumeTrue(process.exitValue() != COMPILER_MISSING, Files.readString(log));
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    }
}
