package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import orb.cli.client.Api;
import orb.host.store.DataFolder;
import orb.host.store.SqliteDisk;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.kernel.port.Table;
import orb.overlay.Peer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What peers hold together, with real processes and discv5 between them. */
@Timeout(300)
class HashTableProcessTest {
    private static final String SERVED = "alice/served";
    private static final int DIRECT = 5;

    @Test
    @Tag("C1")
    @Tag("G2")
    void aNodeFindsPeersAndSeedersWithNoTrackerAndNoListAndShowsTheWay() throws IOException {
        try (Swarm swarm = Swarm.empty()) {
            Member tracker = swarm.startTracker("tracker");
            Member alice = swarm.startNode("alice", "--in-process");
            Member bob = swarm.startNode("bob", "--in-process");
            Path source = Sources.module(swarm.folder("served"), "served", Wasm.countDown(100));
            alice.orb("deploy", source.toString(), "--plan", "metered").ok();
            swarm.awaitSeeders(SERVED, 2);
            Swarm.until("bob to find alice", () -> found(bob, "node:" + alice.id()));
            Swarm.until("the tracker to find bob", () -> found(tracker, "node:" + bob.id()));
            Swarm.until("two seeders", () -> seeders(bob).size() == 2);

            String genesis = genesis(swarm.bootstrap());
            tracker.kill();
            Files.delete(swarm.bootstrap());
            bob.kill(); // what it knew in memory is gone with it
            Member again = restartWithoutTracker(swarm, genesis);

            Swarm.until("bob to find alice again", () -> found(again, "node:" + alice.id()));
            JsonNode answer = again.json("dht", "get", "node:" + alice.id());
            JsonNode record = answer.path("records").path(0);
            assertThat(record.path("id").asText()).isEqualTo(alice.id());
            assertThat(record.path("signature").asText()).isEqualTo("verified");
            assertThat(record.path("cpus").asInt())
                    .isEqualTo(Runtime.getRuntime().availableProcessors());
            assertThat(record.path("bytes").asInt()).isBetween(100, 1_000);
            assertThat(answer.path("hops").asInt(-1)).isBetween(0, 1); // 0: it lies here by now
            assertThat(answer.path("path"))
                    .anySatisfy(hop -> {
                        assertThat(hop.path("peer").asText()).isEqualTo(alice.id());
                        assertThat(hop.path("answer").asText()).isEqualTo("items");
                    });
            Swarm.until("alice's seed", () -> seeders(again).contains(alice.id()));
            assertThat(again.orb("dht", "get", "fn:" + SERVED).ok().out())
                    .contains(alice.id())
                    .contains("hops");
        }
    }

    @Test
    @Tag("G2")
    void aNodeCallsAHostWithEveryTrackerDownWhichIsPaidWhenOneIsBack() throws IOException {
        try (Swarm swarm = Swarm.empty()) {
            Member tracker = swarm.startTracker("tracker");
            String here =
                    "127.0.0.1:" + Swarm.freePort(); // a host that nobody can dial is not asked
            Member alice = swarm.startNode("alice", "--in-process", "--listen", here);
            Member bob = swarm.startNode("bob", "--in-process");
            Path source = Sources.module(swarm.folder("served"), "served", Wasm.countDown(100));
            alice.orb("deploy", source.toString(), "--plan", "metered").ok();
            swarm.awaitSeeders(SERVED, 1);
            Swarm.until("bob's call", () -> bob.invoke(SERVED, "").status() == 200);
            Swarm.until("a seeder", () -> seeders(bob).contains(alice.id()));

            tracker.kill();
            Swarm.until("bob to be alone", () -> bob.invoke(SERVED, "x").status() == 200);
            for (int i = 1; i < DIRECT; i++) {
                Api.Raw answer = bob.invoke(SERVED, "x");
                assertThat(answer.status())
                        .as(
                                "%s",
                                new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
                        .isEqualTo(200);
                assertThat(answer.header("x-orb-served-by")).isEqualTo(alice.id());
            }
            assertThat(bob.json("peers", "--connections").toString()).contains(alice.id());

            swarm.startTracker("tracker");
            Swarm.until("every call to be paid", 120, () -> settled(swarm) >= 1 + DIRECT);
            assertThat(bob.invoke(SERVED, "x").status()).isEqualTo(200);
        }
    }

    private static long settled(Swarm swarm) throws IOException {
        return swarm.tracker().api().get("/v1/functions/" + SERVED).path("calls").asLong();
    }

    /** The line that says which swarm it is, and names nobody. */
    private static String genesis(Path bootstrap) throws IOException {
        return Files.readAllLines(bootstrap).stream()
                .filter(line -> line.startsWith("genesis"))
                .findFirst()
                .orElseThrow();
    }

    /** Bob again, from what it keeps: no file names any peer. */
    private static Member restartWithoutTracker(Swarm swarm, String genesis) throws IOException {
        Path nobody = Files.writeString(swarm.home().resolve("nobody"), genesis + "\n");
        return swarm.member("bob")
                .start(
                        swarm.home(),
                        "node",
                        "start",
                        "--in-process",
                        "--listen",
                        "127.0.0.1:" + Swarm.freePort(),
                        "--bootstrap",
                        nobody.toString());
    }

    private static boolean found(Member member, String key) {
        return member.orb("dht", "get", key, "-o", "json").code() == 0;
    }

    private static List<String> seeders(Member member) {
        return member.json("dht", "get", "fn:" + SERVED).path("records").findValuesAsText("id");
    }

    @Test
    @Tag("C4")
    void bothSidesKeepEachOtherAndReconnectWithNoBootstrapFile() throws IOException {
        try (Swarm swarm = Swarm.empty()) {
            Member tracker = swarm.startTracker("tracker");
            Member bob = swarm.startNode("bob", "--in-process");
            String node = bob.id();
            String hub = tracker.id();
            Swarm.until("bob to be live", () -> swarm.stateOf(node).equals("alive"));
            Swarm.until("bob to know it", () -> !bob.json("peers").isEmpty());
            String genesis = genesis(swarm.bootstrap());
            bob.stop();
            tracker.stop();

            Peer atTracker = kept(tracker, node);
            assertThat(atTracker.record()).isPresent();
            assertThat(atTracker.observed()).isPresent();
            Peer atNode = kept(bob, hub);
            assertThat(atNode.record()).isPresent();
            assertThat(atNode.contact().orElseThrow().id().toString()).isEqualTo(hub);

            swarm.startTracker("tracker");
            Files.delete(swarm.bootstrap());
            restartWithoutTracker(swarm, genesis);
            Swarm.until("bob to be live again", () -> swarm.stateOf(node).equals("alive"));
        }
    }

    /** What a stopped member keeps of a peer. */
    private static Peer kept(Member member, String id) {
        try (DataFolder folder = DataFolder.open(member.folder()).orThrow();
                SqliteDisk disk = SqliteDisk.open(folder, _ -> {}, _ -> {}).orThrow()) {
            Bytes row = disk.kept().get(Table.PEERS).get(NodeId.parse(id).digest().bytes());
            return Peer.decode(row).orThrow();
        }
    }

    @Test
    @Tag("C1")
    void aKeyThatNobodyHasAndAPeerWithoutAPartAreSaidWithTheirCodes() throws IOException {
        try (Swarm swarm = Swarm.empty()) {
            swarm.startTracker("tracker", "--no-discovery");
            Member alice = swarm.startNode("alice", "--in-process");
            Orb.Ran nothing = alice.orb("dht", "get", "fn:alice/nothing");
            assertThat(nothing.code()).isEqualTo(13);
            assertThat(nothing.err()).contains("ORB-0313");
            Orb.Ran off = swarm.tracker().orb("dht", "get", "fn:alice/nothing");
            assertThat(off.code()).isEqualTo(13);
            assertThat(off.err()).contains("ORB-0314");
            assertThat(alice.orb("dht", "get", "alice").err()).contains("node:ID");
        }
    }
}
