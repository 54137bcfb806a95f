package orb.cli.accept.nat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import orb.cli.accept.Orb;
import orb.cli.client.ControlFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A tracker on a public network, and nodes in private ones behind two routers with NAT. */
@Timeout(400)
class NatProcessTest {
    private static final String PORT = "7440";
    private static final String HTTP_PORT = "7480";

    private final Map<String, Process> processes = new LinkedHashMap<>();
    private Path home;
    private Namespaces network;

    @BeforeEach
    void start() throws Exception {
        home = Files.createTempDirectory("orb-accept");
        network = Namespaces.make();
        begin(
                "public",
                "tracker",
                "tracker",
                "start",
                "--domain",
                Namespaces.DOMAIN,
                "--port",
                PORT,
                "--http-port",
                HTTP_PORT,
                "--swarm",
                "nat",
                "--epoch",
                "2");
        node("private1", "alice");
        node("private2", "bob");
    }

    @AfterEach
    void end() throws Exception {
        for (Process process : processes.values()) {
            process.destroyForcibly().waitFor();
        }
        if (network != null) {
            network.close();
        }
        List<Path> files = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(home)) {
            walk.forEach(files::add);
        }
        for (Path file : files.reversed()) {
            Files.delete(file);
        }
    }

    @Test
    @Tag("C3")
    void nodesThatNobodyCanReachSeedAndServeThroughTheirTracker() throws Exception {
        Path add = Orb.example("add");
        orb("private1", "alice", "deploy", "" + add, "--plan", "sponsored", "--allocation", "5");
        orb("private1", "alice", "seed", "alice/add", "--stop");
        until("bob alone to seed it", () -> hosts("alice/add") == 1);

        // from the public network by its URL, and by another node behind another router
        String url = "http://" + Namespaces.DOMAIN + ":" + HTTP_PORT + "/f/alice/add";
        String sum = network.in("public", "curl", "-sS", "-d", "{\"a\":2,\"b\":3}", url);
        assertThat(sum).contains("5");
        JsonNode called =
                orb(
                                "private1",
                                "alice",
                                "invoke",
                                "alice/add",
                                "-d",
                                "{\"a\":2,\"b\":3}",
                                "-o",
                                "json")
                        .json();
        assertThat(called.path("served-by").asText()).isEqualTo(id("bob"));

        // neither can be dialled: they say no address, and nothing comes in through a router
        for (JsonNode node : orb("public", "tracker", "swarm", "ls", "-o", "json").json()) {
            assertThat(node.path("address").asText()).isEmpty();
        }
        assertThat(listensOutside("private2")).isFalse();
        JsonNode bob = peer("alice", id("bob"));
        assertThat(bob.path("link").asText()).isEqualTo("relay");
        assertThat(peer("alice", id("tracker")).path("link").asText()).isEqualTo("dialled");

        network.cut(2, true);
        until("bob to be missed", () -> hosts("alice/add") == 0);
        network.cut(2, false);
        until("bob to be back", () -> hosts("alice/add") == 1);
        assertThat(network.in("public", "curl", "-sS", "-d", "{\"a\":4,\"b\":5}", url))
                .contains("9");
    }

    private long hosts(String function) throws Exception {
        return orb("public", "tracker", "fn", "describe", function, "-o", "json")
                .json()
                .path("seeders")
                .asLong();
    }

    private JsonNode peer(String node, String id) throws Exception {
        JsonNode all = orb("private1", node, "peers", "--connections", "-o", "json").json();
        return StreamSupport.stream(all.spliterator(), false)
                .filter(peer -> peer.path("id").asText().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError(id + " is not among " + all));
    }

    /** Whether a socket there takes connections from another machine. */
    private boolean listensOutside(String place) throws Exception {
        return network.in(place, "ss", "-Hltn")
                .lines()
                .map(line -> line.split("\\s+")[3])
                .anyMatch(local -> !local.startsWith("127.") && !local.contains("[::ffff:127."));
    }

    private String id(String name) throws IOException {
        return ControlFile.read(home.resolve(name)).orElseThrow().id();
    }

    private void node(String place, String name) throws Exception {
        Path secret = home.resolve(name + ".passphrase");
        Files.writeString(secret, name + " has a passphrase\n");
        begin(
                place,
                name,
                "node",
                "start",
                "--bootstrap",
                home.resolve("tracker/bootstrap") + "",
                "--login",
                name,
                "--passphrase-file",
                "" + secret);
        until(
                name + "'s login",
                () -> orb(place, name, "whoami", "-o", "json").json().path("loggedIn").asBoolean());
    }

    /** Starts a tracker or node in a namespace and waits until it can be asked. */
    private void begin(String place, String name, String... words) throws Exception {
        Path folder = Files.createDirectories(home.resolve(name));
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("--data", "" + folder));
        Process process =
                in(place, all)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("log").toFile())
                        .start();
        processes.put(name, process);
        until(
                name,
                () -> {
                    if (!process.isAlive()) {
                        throw new AssertionError(Files.readString(folder.resolve("log")));
                    }
                    return ControlFile.read(folder).isPresent();
                });
    }

    /** Runs a verb beside the node that it asks: a node's API is on loopback alone. */
    private Orb.Ran orb(String place, String name, String... words) throws Exception {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("--node", "" + home.resolve(name)));
        Path out = Files.createTempFile(home, "out", "");
        Path err = Files.createTempFile(home, "err", "");
        Process process =
                in(place, all).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(all + " did not end");
        }
        return new Orb.Ran(process.exitValue(), Files.readString(out), Files.readString(err)).ok();
    }

    private ProcessBuilder in(String place, List<String> words) {
        ProcessBuilder builder = Orb.process(home, words);
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", network.name(place)));
        command.addAll(builder.command());
        return builder.command(command);
    }

    private static void until(String what, Callable<Boolean> holds) {
        await(what)
                .atMost(120, TimeUnit.SECONDS)
                .pollInterval(500, TimeUnit.MILLISECONDS)
                .until(holds);
    }
}
