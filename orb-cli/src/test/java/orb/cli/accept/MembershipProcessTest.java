package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Joining, being known, leaving and logging in, with real processes. */
@ExtendWith(SharedSwarm.class)
@Timeout(300)
class MembershipProcessTest {
    private static final String ADDED = "alice/noticed";

    @Test
    @Tag("A1")
    @Tag("A4")
    @Tag("B9")
    void aNodeKeepsItsIdIsTrackedLiveAndDeadAndHearsOnItsReturnWhatItMissed(Swarm swarm)
            throws IOException {
        Member erin = swarm.startNode("erin");
        String id = erin.id();
        Swarm.until("erin to be live", () -> swarm.stateOf(id).equals("alive"));
        assertThat(ids(swarm.member("alice").json("node", "list")))
                .contains(id, swarm.member("dave").id())
                .doesNotHaveDuplicates();

        erin.kill();
        Swarm.until("erin to be dead", () -> swarm.stateOf(id).equals("dead"));

        Path source = Sources.module(swarm.folder("noticed"), "noticed", Wasm.countDown(1_000));
        Member alice = swarm.member("alice");
        alice.orb("deploy", source.toString(), "--plan", "metered").ok();
        for (String name : List.of("alice", "bob", "carol", "dave")) {
            Member live = swarm.member(name);
            Swarm.until(name + " to hear of it", () -> live.count(Member.AVAILABLE, ADDED) > 0);
        }

        Member returned = swarm.startNode("erin");
        assertThat(returned.id()).as("the id after a restart").isEqualTo(id);
        Swarm.until("erin to hear of it", () -> returned.count(Member.AVAILABLE, ADDED) > 0);
        for (String name : List.of("alice", "bob", "carol", "dave", "erin")) {
            assertThat(swarm.member(name).count(Member.AVAILABLE, ADDED)).as(name).isEqualTo(1);
        }

        returned.stop();
        Swarm.until("erin to have left", () -> swarm.stateOf(id).equals("left"));
    }

    private static List<String> ids(JsonNode nodes) {
        return StreamSupport.stream(nodes.spliterator(), false)
                .map(node -> node.path("id").asText())
                .toList();
    }

    @Test
    @Tag("A2")
    void logInNeedsThePassphraseAndADeployNeedsALogin(Swarm swarm) throws IOException {
        Member dave = swarm.member("dave");
        Path wrong = Files.writeString(swarm.home().resolve("wrong"), "not it\n");
        Path right = swarm.home().resolve("dave.passphrase");
        dave.orb("logout").ok();

        Path source = Sources.module(swarm.folder("early"), "early", Wasm.countDown(10));
        Orb.Ran early = dave.orb("deploy", source.toString(), "--plan", "metered");
        assertThat(early.code()).isNotZero();
        assertThat(early.err()).contains("ORB-0503");

        Orb.Ran refused =
                dave.orb("login", "--name", "dave", "--passphrase-file", wrong.toString());
        assertThat(refused.code()).isNotZero();
        assertThat(refused.err()).contains("ORB-0501");
        assertThat(dave.json("whoami").path("loggedIn").asBoolean()).isFalse();

        dave.orb("login", "--name", "dave", "--passphrase-file", right.toString()).ok();
        assertThat(dave.json("whoami").path("name").asText()).isEqualTo("dave");
        assertThat(dave.json("whoami").path("loggedIn").asBoolean()).isTrue();
    }

    @Test
    @Tag("B5")
    void nodesOpenDirectLinksToThePeersThatTheyAreGiven(Swarm swarm) {
        Member bob = swarm.member("bob");
        String alice = swarm.member("alice").id();
        Swarm.until(
                "a direct link between bob and alice",
                () ->
                        StreamSupport.stream(
                                        bob.json("peers", "--connections").spliterator(), false)
                                .anyMatch(peer ->
                                        peer.path("id").asText().equals(alice)
                                                && peer.path("role").asText().equals("node")));
        assertThat(bob.orb("peers", "--connections").ok().out())
                .contains("LINK")
                .contains(alice)
                .contains(swarm.tracker().id());
    }

    @Test
    @Tag("B6")
    void allSeeTheSamePeersSoonAfterSomeCameAndWent(Swarm swarm) throws IOException {
        Member frank = swarm.startNode("frank");
        Member gina = swarm.startNode("gina");
        Set<String> all = new TreeSet<>(Set.of(frank.id(), gina.id(), swarm.tracker().id()));
        List<String> settled = List.of("alice", "bob", "carol", "dave");
        settled.forEach(name -> all.add(swarm.member(name).id()));
        awaitSight(swarm, all, List.of("alice", "bob", "carol", "dave", "frank", "gina"));
        for (JsonNode peer : frank.json("peers", "--live")) {
            assertThat(peer.path("source").asText()).isIn("bootstrap", "tracker", "dht", "peer");
        }

        String killed = frank.id();
        String left = gina.id();
        frank.kill();
        gina.stop();
        all.removeAll(List.of(killed, left));
        awaitSight(swarm, all, settled);
    }

    private static void awaitSight(Swarm swarm, Set<String> all, List<String> nodes) {
        Swarm.until(
                "the tracker to see all",
                () -> {
                    Set<String> seen = new TreeSet<>(Set.of(swarm.tracker().id()));
                    for (JsonNode node : swarm.tracker().json("tracker", "peers")) {
                        if (node.path("live").asBoolean()) {
                            seen.add(node.path("id").asText());
                        }
                    }
                    return seen.equals(all);
                });
        for (String name : nodes) {
            Member node = swarm.member(name);
            Swarm.until(
                    name + " to see all",
                    () -> {
                        Set<String> seen = new TreeSet<>(ids(node.json("peers", "--live")));
                        seen.add(node.id());
                        return seen.equals(all);
                    });
        }
    }

    @Test
    @Tag("C5")
    void whatAMachineHasIsMeasuredAndShownToAll(Swarm swarm) throws IOException {
        String bob = swarm.member("bob").id();
        Member alice = swarm.member("alice");
        Swarm.until(
                "bob's way to be measured",
                () -> {
                    JsonNode node = find(alice.json("swarm", "ls"), bob);
                    return node.path("upBytesPerSecond").asLong() > 0
                            && node.path("downBytesPerSecond").asLong() > 0;
                });
        JsonNode node = find(alice.json("swarm", "ls"), bob);
        assertThat(node.path("cpus").asInt()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(node.path("memoryBytes").asLong()).isPositive();
        boolean hasAes = Files.readString(Path.of("/proc/cpuinfo")).contains(" aes ");
        List<String> features = new ArrayList<>();
        node.path("features").forEach(feature -> features.add(feature.asText()));
        assertThat(features.contains("aes")).isEqualTo(hasAes);
        assertThat(alice.orb("swarm", "ls", "-o", "wide").ok().out())
                .contains("CPUS", "MEMORY", "UP", "DOWN", "FEATURES", "ASSURANCE")
                .contains(bob);
    }

    private static JsonNode find(JsonNode nodes, String id) {
        for (JsonNode node : nodes) {
            if (node.path("id").asText().equals(id)) {
                return node;
            }
        }
        throw new AssertionError(id + " is not among " + nodes);
    }

    @Test
    @Tag("G1")
    void aNodesStagesAreShownAsItComesAndGoes(Swarm swarm) throws Exception {
        Path shown = swarm.folder("watch").resolve("shown");
        Process watch =
                Orb.process(
                                swarm.home(),
                                List.of("--node", "" + swarm.tracker().folder(), "swarm", "watch"))
                        .redirectOutput(shown.toFile())
                        .start();
        try {
            Swarm.until("the watch", () -> Files.readString(shown).contains("ready"));
            Member henry = swarm.startNode("henry");
            String id = henry.id();
            Swarm.until("henry ready", () -> changes(shown, id).contains("attested -> ready"));
            henry.kill();
            Swarm.until("henry lost", () -> changes(shown, id).contains("ready -> lost"));
            assertThat(changes(shown, id))
                    .containsExactly(
                            "discovered",
                            "discovered -> attested",
                            "attested -> ready",
                            "ready -> lost");
        } finally {
            watch.destroyForcibly().waitFor();
        }
    }

    private static List<String> changes(Path shown, String id) throws IOException {
        return Files.readAllLines(shown).stream()
                .filter(line -> line.contains(id))
                .map(line -> line.substring(line.lastIndexOf("  ") + 2))
                .toList();
    }

    @Test
    void statusNamesTheTrackerTheFunctionsAndTheCapacity(Swarm swarm) {
        JsonNode status = swarm.member("bob").json("node", "status");

        assertThat(status.path("tracker").asText()).isEqualTo(swarm.tracker().id());
        assertThat(status.path("connected").asBoolean()).isTrue();
        assertThat(status.path("capacity").asInt()).isPositive();
        assertThat(status.path("seeds").toString()).contains("alice/add");
    }

    @Test
    @Tag("B2")
    void aTrackerOnLoopbackSaysSoInItsRecord(Swarm swarm) throws IOException {
        assertThat(swarm.tracker().json("tracker", "status").path("dev").asBoolean()).isTrue();
        assertThat(swarm.tracker().log()).contains("[dev]");
    }

    @Test
    void aSecondUpFindsTheSwarmRunning(Swarm swarm) throws Exception {
        String api = swarm.tracker().control().api();
        String ports = "" + (Integer.parseInt(api.substring(api.lastIndexOf(':') + 1)) - 50);

        Orb.Ran again = Orb.script(swarm.home(), "up", "--detach", "--ports", ports).ok();

        assertThat(again.err()).contains("runs already");
        assertThat(again.out()).contains("/f/alice/add -d");
    }
}
