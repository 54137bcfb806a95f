package orb.cli.workshop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import orb.kernel.Bytes;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.sandbox.Module;
import orb.sandbox.RunInputs;
import orb.sandbox.Sandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The samples answer what is written beside them, and are what their sources give. */
@Timeout(300)
class ExamplesTest {
    private static final Path EXAMPLES =
            Path.of(System.getProperty("orb.root", "..")).resolve("examples");
    private static final int ANSWER_SECONDS = 120;

    @TempDir private Path folder;

    /** A sample, ready to be called. */
    private record Sample(Sandbox sandbox, Module module, Workshop.Product product) {
        static Sample of(String name) {
            Workshop.Product product = Workshop.prebuilt(EXAMPLES.resolve(name)).orThrow();
            Sandbox sandbox = Engine.sandbox();
            return new Sample(sandbox, sandbox.prepare(product.artefact()).orThrow(), product);
        }

        Response answer(Request request) throws Exception {
            CompletableFuture<Outcome> outcome = new CompletableFuture<>();
            Thread.ofPlatform()
                    .daemon()
                    .stackSize(Sandbox.STACK_BYTES.bytes())
                    .start(() ->
                            outcome.complete(
                                    sandbox.invoke(
                                                    module,
                                                    request,
                                                    product.manifest().limits(),
                                                    RunInputs.FIXED)
                                            .outcome()));
            Outcome ended = outcome.get(ANSWER_SECONDS, TimeUnit.SECONDS);
            assertThat(ended).isInstanceOf(Outcome.Completed.class);
            return ((Outcome.Completed) ended).response();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"add", "hello-js"})
    void everyCaseHasItsAnswer(String name) throws Exception {
        JsonNode cases =
                new ObjectMapper().readTree(EXAMPLES.resolve(name + "/cases.json").toFile());
        Sample sample = Sample.of(name);
        assertThat(cases).isNotEmpty();
        for (JsonNode each : cases) {
            Request request =
                    new Request(
                            each.path("method").asText("POST"),
                            "/",
                            each.path("query").asText(""),
                            List.of(),
                            Bytes.utf8(each.path("in").asText(each.path("body").asText(""))));

            Response response = sample.answer(request);

            assertThat(response.body().utf8()).as("" + each).isEqualTo(each.path("out").asText());
            if (each.has("status")) {
                assertThat(response.status()).as("" + each).isEqualTo(each.path("status").asInt());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wordcount/text.expected.json", "thumbnail/photo.thumb.png"})
    void theAnswerToTheSampleInputIsTheExpectedFile(String expected) throws Exception {
        Sample sample = Sample.of(expected.substring(0, expected.indexOf('/')));

        Response response = sample.answer(sample.product().sample());

        byte[] whole = Files.readAllBytes(EXAMPLES.resolve(expected));
        assertThat(Bytes.wrap(whole).utf8().strip()).isNotEmpty();
        assertThat(new String(response.body().array(), StandardCharsets.ISO_8859_1).stripTrailing())
                .isEqualTo(new String(whole, StandardCharsets.ISO_8859_1).stripTrailing());
    }

    @Test
    void theModulesAreWhatTheirSourcesGiveByteForByte() throws Exception {
        assumeTrue(
                isInstalled("clang") && isInstalled("wasm-ld"),
                "needs the packages clang, lld, wasi-libc and libclang-rt-14-dev-wasm32");
        assumeTrue(
                Files.exists(Path.of("/usr/lib/wasm32-wasi/libc.a")),
                "needs the package wasi-libc");
        Path log = folder.resolve("log");
        Process process =
                new ProcessBuilder(
                                EXAMPLES.resolve("build.sh").toAbsolutePath().toString(), "--check")
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();

        boolean ended = process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();

        assertThat(ended).as(Files.readString(log)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    }

    private static boolean isInstalled(String tool) {
        for (String path : System.getenv().getOrDefault("PATH", "").split(":")) {
            if (Files.isExecutable(Path.of(path, tool))) {
                return true;
            }
        }
        return false;
    }
}
