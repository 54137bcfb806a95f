package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import orb.cli.client.Api;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Finding functions and calling them: by URL, through any node, with curl. */
@ExtendWith(SharedSwarm.class)
@Timeout(300)
class CallProcessTest {
    private static final String TWO_AND_THREE = "{\"a\":2,\"b\":3}";

    /** Runs curl, which is on every machine of a caller, and returns what it prints. */
    private static String curl(Swarm swarm, String... words) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "needs the package curl");
        List<String> command = new ArrayList<>(List.of("/usr/bin/curl", "-s", "--max-time", "60"));
        command.addAll(Arrays.asList(words));
        Path out = Files.createTempFile(swarm.home(), "curl", "");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear(); // a machine that knows nothing of Orb
        Process process = builder.redirectOutput(out.toFile()).start();
        assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
        return Files.readString(out);
    }

    @Test
    @Tag("A13")
    void curlDeploysThroughTheApiOfANode(Swarm swarm) throws Exception {
        Member bob = swarm.member("bob");
        Path wasm = Orb.example("add").resolve("add.wasm");
        String answer =
                curl(
                        swarm,
                        "-H",
                        "Authorization: Bearer " + bob.control().token(),
                        "-F",
                        "artefact=@" + wasm,
                        "-F",
                        "name=posted",
                        "-F",
                        "plan=sponsored",
                        "-F",
                        "allocation=1",
                        "-F",
                        "sample=" + TWO_AND_THREE,
                        bob.control().api() + "/v1/functions");

        JsonNode deployed = Orb.parse(answer);
        assertThat(deployed.path("url").asText()).endsWith("/f/bob/posted");
        assertThat(bob.json("fn", "describe", "bob/posted").path("artefact"))
                .as("what the command deploys is the same")
                .isEqualTo(bob.json("fn", "describe", "alice/add").path("artefact"));
        assertThat(curl(swarm, "-d", TWO_AND_THREE, deployed.path("url").asText()))
                .isEqualTo("{\"sum\":5}");
        assertThat(curl(swarm, bob.control().api() + "/openapi.yaml"))
                .contains("openapi: 3.1")
                .contains("/v1/functions");
    }

    @Test
    @Tag("A14")
    void theStatisticsCountEveryCall(Swarm swarm) throws IOException {
        Member alice = swarm.member("alice");
        Path source = Sources.module(swarm.folder("counted"), "counted", Wasm.countDown(1_000));
        alice.orb("deploy", source.toString(), "--plan", "metered").ok();
        for (int i = 0; i < 100; i++) {
            assertThat(alice.call("alice/counted", "abc").status()).isEqualTo(200);
        }

        JsonNode row =
                StreamSupport.stream(alice.api().get("/v1/stats").spliterator(), false)
                        .filter(each -> each.path("function").asText().equals("alice/counted"))
                        .findFirst()
                        .orElseThrow();
        assertThat(row.path("calls").asInt()).isEqualTo(100);
        assertThat(row.path("errors").asInt()).isZero();
        assertThat(row.path("bytesIn").asInt()).isEqualTo(300);
        assertThat(row.path("cpuMillis").asDouble()).isPositive();
        assertThat(row.path("p50Millis").asDouble())
                .isPositive()
                .isLessThanOrEqualTo(row.path("p99Millis").asDouble());
    }

    @Test
    @Tag("A15")
    void theUrlThatADeployPrintsAnswersAMachineThatIsNoNode(Swarm swarm) throws Exception {
        Path folder = swarm.folder("printed");
        Files.copy(Orb.example("add").resolve("add.wasm"), folder.resolve("f.wasm"));
        Path source =
                Sources.module(folder, "printed", Files.readAllBytes(folder.resolve("f.wasm")));
        Orb.Ran ran =
                swarm.member("alice")
                        .orb("deploy", source.toString(), "--plan", "sponsored", "-o", "json")
                        .ok();

        assertThat(curl(swarm, ran.json().path("url").asText(), "-d", TWO_AND_THREE))
                .isEqualTo("{\"sum\":5}");
    }

    @Test
    @Tag("A17")
    void aNodeFindsSubscribesAndCallsWhatItNeitherOwnsNorHosts(Swarm swarm) throws IOException {
        Member dave = swarm.member("dave");
        JsonNode found = dave.json("fn", "search", "add");
        assertThat(found.toString()).contains("\"alice/add\"");

        JsonNode terms = dave.json("fn", "subscribe", "alice/add");
        assertThat(terms.path("plan").asText()).isEqualTo("sponsored");
        assertThat(terms.path("baseMicro").asLong()).isEqualTo(100);

        Orb.Ran answer = dave.orb("fn", "invoke", "alice/add", "-d", TWO_AND_THREE).ok();
        assertThat(answer.out().strip()).isEqualTo("{\"sum\":5}");
        Api.Raw raw = dave.invoke("alice/add", TWO_AND_THREE);
        assertThat(List.of("alice", "bob", "carol").stream().map(n -> swarm.member(n).id()))
                .contains(raw.headers().get("x-orb-served-by"));
        JsonNode dave0 = dave.json("whoami");
        assertThat(dave0.path("seeds")).isEmpty();
        assertThat(dave0.path("owns").toString()).doesNotContain("add");
        assertThat(dave0.path("calls").toString()).contains("alice/add");
    }

    @Test
    void theSameAnswerComesThroughEveryNodesGatewayAndTheTracker(Swarm swarm) throws IOException {
        for (String name : List.of("tracker", "alice", "bob", "carol", "dave")) {
            Api.Raw raw = swarm.member(name).call("alice/add", TWO_AND_THREE);

            assertThat(raw.status()).as(name).isEqualTo(200);
            assertThat(new String(raw.body(), StandardCharsets.UTF_8)).isEqualTo("{\"sum\":5}");
            assertThat(raw.headers()).containsKeys("x-orb-served-by", "x-orb-call");
        }
    }

    @Test
    @Tag("H2")
    void aFunctionThatTurnsHostileIsStoppedWhileItsNeighbourAnswers(Swarm swarm)
            throws IOException {
        String text =
                """
                const deep = (n) => deep(n + 1) + 1;
                export default {
                  async fetch(request) {
                    const { mode } = await request.json();
                    if (mode === 'loop') { for (;;) {} }
                    if (mode === 'memory') {
                      const all = [];
                      for (;;) { all.push(new Uint8Array(1 << 20).fill(7)); }
                    }
                    if (mode === 'deep') { return { n: deep(0) }; }
                    return { ok: true };
                  },
                };
                """;
        Path source = Sources.script(swarm.folder("hostile"), "hostile", text);
        Member alice = swarm.member("alice");
        alice.orb("deploy", source.toString(), "--plan", "sponsored").ok();
        for (String mode : List.of("loop", "memory", "deep")) {
            Api.Raw raw = swarm.tracker().call("alice/hostile", "{\"mode\":\"" + mode + "\"}");

            JsonNode why = Orb.parse(new String(raw.body(), StandardCharsets.UTF_8));
            assertThat(raw.status()).as(mode + " " + why).isBetween(500, 504);
            assertThat(why.path("code").asText()).as(mode + " " + why).startsWith("ORB-02");
            assertThat(why.path("what").asText()).isNotBlank();
            assertThat(swarm.tracker().call("alice/add", TWO_AND_THREE).status()).isEqualTo(200);
        }
        assertThat(swarm.tracker().call("alice/hostile", "{}").status()).isEqualTo(200);
    }

    @Test
    @Tag("H1")
    void aNodeShowsItsLinkAndLimitsRunsATaskOnceAndServesAnotherForAsLongAsItIsAsked(Swarm swarm)
            throws IOException {
        Member bob = swarm.member("bob");
        JsonNode status = bob.json("agent", "status");
        assertThat(status.fieldNames())
                .toIterable()
                .containsExactlyElementsOf(() -> bob.json("node", "status").fieldNames());
        assertThat(status.path("tracker").asText()).isEqualTo(swarm.tracker().id());
        assertThat(status.path("connected").asBoolean()).isTrue();
        assertThat(status.path("capacity").asInt()).isPositive();
        assertThat(status.path("running").asInt()).isZero();
        assertThat(status.path("limits").path("runningMax")).isEqualTo(status.path("capacity"));
        assertThat(status.path("limits").path("seedMemoryMax").asLong()).isPositive();
        assertThat(status.path("seeds").toString()).contains("alice/add");

        Path wasm = Orb.example("add").resolve("add.wasm");
        Orb.Ran once = Orb.run("run", wasm.toString(), "-d", TWO_AND_THREE, "-o", "json").ok();
        assertThat(once.json().path("body").asText()).isEqualTo("{\"sum\":5}");
        for (int i = 0; i < 20; i++) {
            assertThat(bob.call("alice/add", TWO_AND_THREE).status()).isEqualTo(200);
        }
        assertThatARunningTaskIsShown(swarm, bob);
    }

    private static void assertThatARunningTaskIsShown(Swarm swarm, Member bob) throws IOException {
        Path source = Sources.module(swarm.folder("long"), "long", Wasm.countDown(30_000_000));
        bob.orb("deploy", source.toString(), "--plan", "sponsored", "--allocation", "5").ok();
        try (ExecutorService caller = Executors.newSingleThreadExecutor()) {
            Future<Integer> calls =
                    caller.submit(() -> {
                        for (int i = 0; i < 20 && !Thread.currentThread().isInterrupted(); i++) {
                            bob.call("bob/long", "");
                        }
                        return 0;
                    });
            Swarm.until(
                    "a task at the agent",
                    () -> {
                        JsonNode task = bob.json("agent", "status").path("tasks").path(0);
                        return task.path("function").asText().equals("bob/long")
                                && task.path("limits").path("fuel").asLong() == 200_000_000;
                    });
            calls.cancel(true);
        }
        Swarm.until("its end", () -> bob.json("agent", "status").path("running").asInt() == 0);
    }
}
