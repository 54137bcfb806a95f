package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import orb.cli.client.Api;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Functions of two owners on the same nodes: neither finds a trace of the other. */
@ExtendWith(SharedSwarm.class)
@Timeout(300)
class TenantsProcessTest {
    private static final String KEEPS =
            """
            let calls = 0;
            export default {
              async fetch(request) {
                calls++;
                globalThis.kept = await request.text();
                Object.prototype.leftBehind = globalThis.kept;
                Array.prototype.map = () => 'taken over';
                if (globalThis.kept === 'loop') { for (;;) {} }
                return { calls };
              },
            };
            """;
    private static final String LOOKS =
            """
            let calls = 0;
            export default {
              fetch() {
                const begun = Date.now();
                const ticks = performance.now();
                let sum = 0;
                for (let i = 0; i < 5000; i++) { sum += i; }
                return {
                  calls: ++calls,
                  kept: String(globalThis.kept),
                  leftBehind: String({}.leftBehind),
                  mapped: [1, 2].map((n) => n + 1),
                  names: Object.getOwnPropertyNames(globalThis).sort().join(),
                  host: ['process', 'Deno', 'require', 'std', 'os']
                      .filter((name) => name in globalThis),
                  now: begun,
                  passed: Date.now() - begun + performance.now() - ticks,
                };
              },
            };
            """;

    /** What a function said, and which node ran it. */
    private record Said(JsonNode answer, String node) {}

    private static Said call(Member caller, String function, String body) throws IOException {
        Api.Raw raw = caller.call(function, body);
        String text = new String(raw.body(), StandardCharsets.UTF_8);
        assertThat(raw.status()).as(text).isEqualTo(200);
        String node = raw.headers().getOrDefault("x-orb-served-by", "");
        return new Said(Orb.parse(text), node);
    }

    private static void deploy(Swarm swarm, String owner, String name, String text)
            throws IOException {
        swarm.member(owner)
                .orb(
                        "deploy",
                        Sources.script(swarm.folder(name), name, text).toString(),
                        "--plan",
                        "sponsored")
                .ok();
        swarm.awaitSeeders(owner + "/" + name, 2);
    }

    @Test
    @Tag("I5")
    @Tag("K3")
    void functionsOfTwoOwnersOnOneNodeNeitherSeeNorStarveEachOther(Swarm swarm) throws Exception {
        deploy(swarm, "alice", "keeps", KEEPS);
        deploy(swarm, "bob", "looks", LOOKS);
        Member tracker = swarm.tracker();
        Said alone = call(tracker, "bob/looks", "");

        Set<String> keepers = new HashSet<>();
        List<Said> seen = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Said kept = call(tracker, "alice/keeps", "a-secret-of-alice");
            assertThat(kept.answer()).isEqualTo(Orb.parse("{\"calls\":1}"));
            keepers.add(kept.node());
            seen.add(call(tracker, "bob/looks", ""));
        }
        assertThat(seen.stream().map(Said::node).filter(keepers::contains))
                .as("calls that ran where alice's function had run")
                .isNotEmpty();

        try (ExecutorService one = Executors.newSingleThreadExecutor()) {
            Future<Api.Raw> looping = one.submit(() -> tracker.call("alice/keeps", "loop"));
            seen.add(call(tracker, "bob/looks", ""));
            assertThat(looping.get().status()).as("a neighbour that loops").isBetween(500, 504);
            seen.add(call(tracker, "bob/looks", ""));
        }

        assertThat(seen).allSatisfy(each -> assertThat(each.answer()).isEqualTo(alone.answer()));
        Map<String, String> found = Map.of("kept", "undefined", "leftBehind", "undefined");
        found.forEach((name, value) ->
                assertThat(alone.answer().path(name).asText()).as(name).isEqualTo(value));
        assertThat(alone.answer().path("mapped")).isEqualTo(Orb.parse("[2,3]"));
        assertThat(alone.answer().path("host")).isEmpty();
        assertThat(alone.answer().path("passed").asDouble())
                .as("no clock tells how busy the machine is")
                .isZero();
    }
}
