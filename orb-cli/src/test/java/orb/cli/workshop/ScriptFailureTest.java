package orb.cli.workshop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import orb.host.build.ScriptMap;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A script's failure is told with the owner's own names and lines, which never leave its folder.
 */
@Timeout(300)
class ScriptFailureTest {
    private static final String SCRIPT =
            """
            // the first line
            const readQuokka = (value) => {
              return value.quokka
                .length;
            };
            class Zoo {
              visit(animal) { return readQuokka(animal); }
            }
            export default {
              async fetch(request) {
                const asked = `${request.path}
                `;
                const guide = (who) => new Zoo().visit(who);
                new URL(asked, request.url);
                return guide({});
              },
            };
            """;

    private static final Trial.Input NOTHING =
            new Trial.Input(Optional.of(Bytes.EMPTY), Optional.empty(), Optional.empty());

    @TempDir private Path folder;

    private Path source() throws IOException {
        Files.writeString(folder.resolve("zoo.js"), SCRIPT);
        Files.writeString(
                folder.resolve("orb.yaml"), "name: zoo\nversion: 1.0.0\nsource: zoo.js\n");
        return folder;
    }

    private static Outcome.Trapped failure(Trial.Ran ran) {
        assertThat(ran.run().outcome()).isInstanceOf(Outcome.Trapped.class);
        return (Outcome.Trapped) ran.run().outcome();
    }

    @Test
    void aFailureNamesFunctionsAndLinesOfTheSource() throws IOException {
        Trial.Ran ran = Trial.run(source(), NOTHING);

        String detail = failure(ran).detail();
        assertThat(detail).contains("function.js:").doesNotContain("readQuokka", "guide");
        String explained = ran.explain().apply(detail);
        assertThat(explained.lines().map(String::strip))
                .containsExactly(
                        "TypeError: cannot read property 'length' of undefined",
                        "at readQuokka (zoo.js:3:10)",
                        "at visit (zoo.js:7:37)",
                        "at guide (zoo.js:13:44)",
                        "at fetch (zoo.js:15:12)");
    }

    @Test
    void theMapIsKeptBesideTheSourceByTheArtefactAndNotInIt() throws IOException {
        Workshop.Product product = Workshop.make(source()).orThrow();
        Digest artefact = Digest.of(product.artefact());

        ScriptMap kept = ScriptMap.find(folder, artefact).orElseThrow();

        assertThat(Optional.of(kept)).isEqualTo(product.map());
        assertThat(product.artefact().utf8()).doesNotContain("readQuokka", "zoo.js");
        assertThat(Workshop.make(folder).orThrow().source())
                .as("the map is no part of the source")
                .isEqualTo(product.source());
        assertThat(ScriptMap.find(folder, Digest.of(Bytes.EMPTY))).isEmpty();
        assertThat(kept.explain("at k (function.js:9:1) and no more", "zoo.js"))
                .doesNotContain("function.js");
    }

    @Test
    void onlyTheMapsOfTheLatestBuildsAreKept() throws IOException {
        for (int i = 0; i < 20; i++) {
            new ScriptMap(List.of(new ScriptMap.Place(1, 1, i + 1, 1, "f")))
                    .keep(folder, Digest.of(Bytes.utf8("" + i)));
        }
        try (Stream<Path> maps = Files.list(folder.resolve(".orb/maps"))) {
            assertThat(maps).hasSize(16);
        }
    }

    @Test
    void aDamagedMapIsNoMap() throws IOException {
        Digest artefact = Digest.of(Bytes.EMPTY);
        new ScriptMap(List.of(new ScriptMap.Place(1, 1, 1, 1, ""))).keep(folder, artefact);
        Path file = folder.resolve(".orb/maps").resolve(artefact.hex());
        for (String text :
                List.of("", "orb/map/1\n1 2 3", "other\n1 1 1 1 ", "orb/map/1\n\u0000")) {
            Files.writeString(file, text);
            assertThat(ScriptMap.find(folder, artefact)).isEmpty();
        }
    }
}
