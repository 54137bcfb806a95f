package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import orb.cli.client.Api;
import orb.cli.client.ControlFile;
import orb.cli.world.Running;
import orb.host.walls.Layer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** From a folder to a URL: the order, what is checked before, what leaves the owner's machine. */
@ExtendWith(SharedSwarm.class)
@Timeout(300)
class DeployProcessTest {
    private static final String TELLS =
            """
            #!/bin/sh
            echo "Content-Type: text/plain"
            echo
            echo "$REQUEST_METHOD $(cat) by $(id -u)"
            """;

    private static final String MARKER = "zanzibarMarker";
    private static final String COMMENT = "quokka-comment-of-the-owner";
    private static final String TEXT = "wombat-text-that-the-compiler-needs";
    private static final String MARKED_IN_C =
            """
            /* %s */
            #include <stdio.h>
            _Static_assert(sizeof "%s" > 1, "%s");
            __attribute__((noinline)) static int %s(int sum, int digit) { return sum + digit; }
            int main(void) {
                int sum = 0;
                for (int c = getchar(); c != EOF; c = getchar()) {
                    if (c >= '0' && c <= '9') sum = %s(sum, c - '0'); // %s
                }
                printf("{\\"sum\\":%%d}", sum);
                return 0;
            }
            """
                    .formatted(COMMENT, TEXT, TEXT, MARKER, MARKER, COMMENT);
    private static final String MARKED =
            """
            // %s
            const %s = (a, b) => { /* %s */ return a + b; };
            export default {
              async fetch(request) {
                const { a, b } = await request.json();
                return { sum: %s(a, b) };
              },
            };
            """
                    .formatted(COMMENT, MARKER, COMMENT, MARKER);

    @Test
    @Tag("A6")
    @Tag("A7")
    void neitherNamesNorCommentsNorSourceLeaveTheOwnersMachine(Swarm swarm) throws IOException {
        Path source = Sources.script(swarm.folder("marked"), "marked", MARKED);
        swarm.member("alice").orb("deploy", source.toString(), "--plan", "metered").ok();
        swarm.awaitSeeders("alice/marked", 2);

        Api.Raw called = swarm.member("dave").invoke("alice/marked", "{\"a\":2,\"b\":3}");
        assertThat(new String(called.body(), StandardCharsets.UTF_8))
                .as("the result is unchanged")
                .isEqualTo("{\"sum\":5}");
        String artefact =
                swarm.member("bob")
                        .json("fn", "describe", "alice/marked")
                        .path("artefact")
                        .asText();
        for (String name : List.of("tracker", "alice", "bob", "carol", "dave")) {
            assertThat(filesWith(swarm.member(name).folder(), MARKER)).as(name).isEmpty();
            assertThat(filesWith(swarm.member(name).folder(), COMMENT)).as(name).isEmpty();
        }
        assertThat(filesWith(source, MARKER)).as("the search does find it").isNotEmpty();
        Path stored = swarm.member("bob").folder().resolve("blobs");
        assertThat(stored.resolve(artefact.substring(0, 2)).resolve(artefact)).exists();
    }

    /**
     * What peers say to each other is encrypted, so the traffic is read where it begins: all that a
     * node knows of a function comes in clear over its API, and a node can say no more than that.
     */
    @Test
    @Tag("A6")
    @Tag("A7")
    void nothingOfASourceInCLeavesTheOwnersHandsButTheStrippedModule(Swarm swarm)
            throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/clang")), "needs the package clang");
        Path source = Sources.c(swarm.folder("marked-c"), "marked-c", MARKED_IN_C);
        Member alice = swarm.member("alice");
        String api = alice.control().api();
        String said;
        try (Tap tap = new Tap(URI.create(api).getPort())) {
            Path tapped = swarm.folder("tapped");
            String control = Files.readString(alice.folder().resolve(ControlFile.NAME));
            Files.writeString(
                    tapped.resolve(ControlFile.NAME),
                    control.replace(api, "http://127.0.0.1:" + tap.port()));
            new Member(tapped).orb("deploy", source.toString(), "--plan", "metered").ok();
            said = tap.heard();
        }
        swarm.awaitSeeders("alice/marked-c", 2);

        assertThat(
                        new String(
                                swarm.member("dave")
                                        .invoke("alice/marked-c", "{\"a\":2,\"b\":3}")
                                        .body(),
                                StandardCharsets.UTF_8))
                .as("the result is unchanged")
                .isEqualTo("{\"sum\":5}");
        assertThat(filesWith(source, MARKER))
                .as("the compiler leaves the name in its module")
                .contains(source.resolve("f.wasm"), source.resolve("f.c"));
        assertThat(said).as("the deploy went past the tap").contains("POST /v1/functions", "\0asm");
        for (String mark : List.of(MARKER, COMMENT, TEXT, source.toString())) {
            assertThat(said.contains(mark)).as("said to the node: " + mark).isFalse();
            for (String name : List.of("tracker", "alice", "bob", "carol", "dave")) {
                assertThat(filesWith(swarm.member(name).folder(), mark)).as(name).isEmpty();
            }
        }
    }

    private static List<Path> filesWith(Path folder, String text) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile)
                    .filter(file -> content(file).contains(text))
                    .toList();
        }
    }

    private static String content(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // a journal that was removed meanwhile
        }
    }

    @Test
    @Tag("A8")
    void aFunctionThatFailsOnTheOwnersNodeGoesNoFurther(Swarm swarm) throws IOException {
        Path source = Sources.module(swarm.folder("throws"), "throws", Wasm.trap());
        Member alice = swarm.member("alice");
        int entries = deploys(alice.history());

        Orb.Ran refused = alice.orb("deploy", source.toString(), "--plan", "metered");

        assertThat(refused.code()).isNotZero();
        assertThat(refused.err()).contains("ORB-0202", "unreachable").doesNotContain("  send");
        assertThat(swarm.tracker().api().get("/v1/functions?search=throws")).isEmpty();
        assertThat(deploys(alice.history())).isEqualTo(entries);
    }

    private static int deploys(JsonNode history) {
        return (int)
                StreamSupport.stream(history.spliterator(), false)
                        .filter(row -> row.path("kind").asText().equals("deploy"))
                        .count();
    }

    @Test
    void theOwnersLogsNameTheLinesOfAScriptThatFailed(Swarm swarm) throws IOException {
        String script =
                """
                const tellQuokka = (value) => value.length;
                export default {
                  async fetch(request) {
                    return { length: tellQuokka((await request.json()).b) };
                  },
                };
                """;
        Path source =
                Sources.script(
                        swarm.folder("fails"), "fails", script.replace("value.", "value.real."));
        Files.writeString(
                source.resolve("orb.yaml"),
                Files.readString(source.resolve("orb.yaml"))
                        .replace("\"b\":3", "\"b\":{\"real\":[]}"));
        Member alice = swarm.member("alice");
        alice.orb("deploy", source.toString(), "--plan", "metered").ok();

        Swarm.until(
                "a failure on alice's own node",
                () -> {
                    swarm.member("dave").invoke("alice/fails", "{}");
                    return !alice.json("fn", "logs", "alice/fails").isEmpty();
                });

        Orb.Ran logs = alice.orb("fn", "logs", "alice/fails", "--source", source.toString()).ok();
        assertThat(logs.out()).contains("at tellQuokka (f.js:1:", "at fetch (f.js:4:");
        assertThat(alice.orb("fn", "logs", "alice/fails").ok().out()).contains("function.js:");
    }

    @Test
    @Tag("A9")
    void complexityGrowsWithTheWorkAndIsTheSameEachTime(Swarm swarm) throws IOException {
        Path light = Sources.module(swarm.folder("light"), "light", Wasm.countDown(100_000));
        Path heavy = Sources.module(swarm.folder("heavy"), "heavy", Wasm.countDown(1_000_000));
        long one = complexity(swarm, light);

        assertThat(complexity(swarm, heavy)).isBetween(one * 99 / 10, one * 101 / 10);
        assertThat(complexity(swarm, light)).isEqualTo(one);
    }

    private static long complexity(Swarm swarm, Path source) {
        return swarm.member("alice")
                .json("fn", "profile", source.toString())
                .path("complexity")
                .asLong();
    }

    @Test
    @Tag("A10")
    void theSourceHashIsTheSameOnAnotherMachineAndDiffersByOneByte(Swarm swarm) throws IOException {
        Path here = Sources.module(swarm.folder("hashed"), "hashed", Wasm.countDown(7));
        Path there = Sources.module(swarm.folder("copied"), "hashed", Wasm.countDown(7));
        Path edited = Sources.module(swarm.folder("edited"), "hashed", Wasm.countDown(7));
        for (Path folder : List.of(here, there, edited)) {
            Files.writeString(folder.resolve("f.c"), "int from = 7;\n");
        }
        Files.writeString(edited.resolve("f.c"), "int from = 7 \n");
        Member alice = swarm.member("alice");
        Member bob = swarm.member("bob");
        alice.orb("deploy", here.toString(), "--plan", "metered").ok();
        bob.orb("deploy", there.toString(), "--plan", "metered").ok();
        alice.orb("deploy", edited.toString(), "--plan", "metered", "--name", "edited").ok();

        JsonNode first = alice.json("fn", "describe", "alice/hashed");
        assertThat(first.path("source").asText()).hasSize(64);
        assertThat(bob.json("fn", "describe", "bob/hashed").path("source"))
                .isEqualTo(first.path("source"));
        JsonNode other = alice.json("fn", "describe", "alice/edited");
        assertThat(other.path("source")).isNotEqualTo(first.path("source"));
        assertThat(other.path("id")).as("each has a key").isNotEqualTo(first.path("id"));
    }

    @Test
    @Tag("A12")
    void aDeployNeedsAPlanAndShowsIt(Swarm swarm) throws IOException {
        Path source = Sources.module(swarm.folder("planned"), "planned", Wasm.countDown(100));
        Member alice = swarm.member("alice");

        Orb.Ran none = alice.orb("deploy", source.toString());
        assertThat(none.code()).isNotZero();
        assertThat(none.err()).contains("ORB-0406", "metered", "sponsored", "both");

        Orb.Ran unknown = alice.orb("deploy", source.toString(), "--plan", "free");
        assertThat(unknown.err()).contains("ORB-0406", "metered", "sponsored", "both");

        alice.orb("deploy", source.toString(), "--plan", "both", "--allocation", "1").ok();
        assertThat(alice.json("fn", "describe", "alice/planned").path("plan").asText())
                .isEqualTo("both");
    }

    @Test
    @Tag("B8")
    @Tag("D1")
    @Tag("D2")
    void aDeployTellsItsStagesInOrderAndSeedersTellTheirs(Swarm swarm) throws IOException {
        Path source = Sources.module(swarm.folder("staged"), "staged", Wasm.countDown(5_000));
        Member alice = swarm.member("alice");

        Orb.Ran ran = alice.orb("deploy", source.toString(), "--plan", "metered").ok();

        assertThat(ran.err().lines().map(line -> line.strip().split(" ")[0]))
                .containsExactly(
                        "plan", "run", "hash", "key", "package", "send", "trial", "url", "notify");
        assertThat(ran.out()).contains("/f/alice/staged");
        swarm.awaitSeeders("alice/staged", 3);
        for (String name : List.of("bob", "carol")) {
            List<JsonNode> trail = trail(swarm.member(name), "alice/staged");
            assertThat(trail.stream().map(notice -> notice.path("kind").asText()))
                    .as(name)
                    .containsSubsequence(
                            Member.AVAILABLE,
                            "seed.ack",
                            "seed.transfer",
                            "seed.verify",
                            "seed.serving");
            assertThat(trail.stream().map(notice -> Instant.parse(notice.path("at").asText())))
                    .isSorted();
        }
        JsonNode declined = trail(swarm.member("dave"), "alice/staged").getLast();
        assertThat(declined.path("kind").asText()).isEqualTo("seed.declined");
        assertThat(declined.path("detail").asText()).isNotBlank();
        for (int i = 0; i < 10; i++) {
            Api.Raw called = swarm.member("carol").invoke("alice/staged", "");
            assertThat(called.headers().get("x-orb-served-by"))
                    .isNotEqualTo(swarm.member("dave").id());
        }
        assertThat(swarm.member("dave").json("fn", "stats").toString())
                .doesNotContain("alice/staged");
    }

    private static List<JsonNode> trail(Member node, String function) {
        Swarm.until(
                "the trail on " + node.folder(),
                () ->
                        !node.json("fn", "describe", function).path("trail").isEmpty()
                                && node.count(Member.AVAILABLE, function) > 0);
        JsonNode trail = node.json("fn", "describe", function).path("trail");
        return StreamSupport.stream(trail.spliterator(), false).toList();
    }

    @Test
    void whatUpAdvertisesForAFunctionOfOnesOwnWorks(Swarm swarm) throws Exception {
        Path folder = swarm.folder("fresh").resolve("hello");
        orb.cli.workshop.Templates.write(orb.cli.workshop.Templates.Language.JS, "hello", folder);

        Orb.Ran ran = swarm.member("alice").orb("deploy", folder.toString()).ok();

        assertThat(ran.out()).contains("/f/alice/hello");
        Swarm.until(
                "an answer",
                () -> swarm.tracker().call("alice/hello", "{\"name\":\"Ada\"}").status() == 200);
    }

    @Test
    @Tag("H4")
    void aProgramIsAFunctionWhereOwnersOfMachinesLetItAndIsMarkedAsOneThatCannotBeCompared()
            throws Exception {
        assumeTrue(Running.layers().stream().allMatch(Layer::active), "a wall is missing");
        try (Swarm swarm = Swarm.empty()) {
            Member tracker = swarm.startTracker("tracker", "--processes");
            Member alice = swarm.startNode("alice", "--processes");
            Member bob = swarm.startNode("bob");
            Path folder = Sources.program(swarm.folder("tells"), "tells", TELLS);

            assertThat(bob.orb("deploy", folder.toString(), "--plan", "sponsored").err())
                    .contains("ORB-0116", "--processes");
            alice.orb("deploy", folder.toString(), "--plan", "sponsored").ok();
            swarm.awaitSeeders("alice/tells", 1);

            Api.Raw said = tracker.call("alice/tells", "hello");
            assertThat(new String(said.body(), StandardCharsets.UTF_8))
                    .isEqualTo("POST hello by 65534\n");
            assertThat(said.headers()).containsEntry("content-type", "text/plain");
            assertThat(said.headers().get("x-orb-served-by")).contains(alice.id());

            JsonNode facts = tracker.api().get("/v1/functions/alice/tells");
            assertThat(facts.path("shape").asText()).isEqualTo("process");
            assertThat(facts.path("deterministic").asBoolean(true)).isFalse();
            assertThat(alice.json("node", "status").toString()).contains("native-programs");
            assertThat(bob.json("node", "status").toString()).doesNotContain("native-programs");
        }
    }
}
