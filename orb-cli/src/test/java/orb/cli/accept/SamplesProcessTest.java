package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import orb.cli.client.Api;
import orb.cli.workshop.Cases;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The samples of one purpose each, deployed by one owner and called by another. */
@ExtendWith(SharedSwarm.class)
@Timeout(300)
class SamplesProcessTest {
    @ParameterizedTest
    @ValueSource(strings = {"add", "image-label", "iot-bridge"})
    @Tag("A19")
    void aSampleIsDeployedAndAnswersEachCase(String name, Swarm swarm) throws IOException {
        Path folder = withoutBuildLine(Cases.EXAMPLES.resolve(name), swarm.folder("of-" + name));
        String function = "alice/sample-" + name;
        swarm.member("alice")
                .orb("deploy", folder.toString(), "--plan", "metered", "--name", "sample-" + name)
                .ok();
        swarm.awaitSeeders(function, 2);

        for (Cases.Case each : Cases.of(name)) {
            Api.Raw called = swarm.member("bob").invoke(function, each.request().body().array());

            assertThat(new String(called.body(), StandardCharsets.UTF_8))
                    .as("" + each)
                    .isEqualTo(each.out());
            assertThat(called.status()).isEqualTo(each.status().orElse(200));
        }
    }

    /** The sample's module as it ships, so that no compiler is needed; another test builds it. */
    private static Path withoutBuildLine(Path sample, Path folder) throws IOException {
        try (Stream<Path> files = Files.list(sample)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        Path manifest = folder.resolve("orb.yaml");
        List<String> lines = Files.readAllLines(manifest);
        Files.write(manifest, lines.stream().filter(l -> !l.startsWith("build:")).toList());
        return folder;
    }
}
