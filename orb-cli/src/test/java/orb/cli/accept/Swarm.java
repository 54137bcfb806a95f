package orb.cli.accept;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** A swarm of processes in a temporary folder, with nothing left of it after {@link #close}. */
final class Swarm implements AutoCloseable {
    /** First ports that swarms were given, which may not listen on them yet. */
    private static final Set<Integer> BLOCKS = ConcurrentHashMap.newKeySet();

    private final Path home;
    private final Map<String, Member> members = new LinkedHashMap<>();

    private Swarm(Path home) {
        this.home = home;
    }

    static Swarm empty() throws IOException {
        return new Swarm(Files.createTempDirectory("orb-accept"));
    }

    Path home() {
        return home;
    }

    /** A folder for files of a test. */
    Path folder(String name) throws IOException {
        return Files.createDirectories(home.resolve("work").resolve(name));
    }

    /** What runs or ran under this name. */
    Member member(String name) {
        return members.computeIfAbsent(name, each -> new Member(home.resolve(each)));
    }

    /** Names a member that somebody else started, so that it is ended with the others. */
    Member adopt(String name, Path folder) {
        Member member = new Member(folder);
        members.put(name, member);
        return member;
    }

    Member tracker() {
        return member("tracker");
    }

    /** Starts a tracker on loopback on any free ports, or goes on with its old ones. */
    Member startTracker(String name, String... words) throws IOException {
        Path ports = home.resolve(name + ".ports");
        if (Files.notExists(ports)) {
            Files.write(ports, List.of("" + freePort(), "" + freePort(), "" + freePort()));
        }
        List<String> each = Files.readAllLines(ports);
        List<String> all = new ArrayList<>(List.of("tracker", "start", "--dev"));
        all.addAll(List.of("--port", each.get(0), "--http-port", each.get(1)));
        all.addAll(List.of("--api-port", each.get(2), "--swarm", "accept", "--epoch", "2"));
        all.addAll(List.of(words));
        return member(name).start(home, all.toArray(String[]::new));
    }

    /** Starts a node whose owner is called as it is. */
    Member startNode(String name, String... words) throws IOException {
        return startNodeWith(bootstrap(), name, words);
    }

    /** Starts a node that knows these trackers. */
    Member startNodeWith(Path bootstrap, String name, String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of("node", "start"));
        Path secret = home.resolve(name + ".passphrase");
        Files.writeString(secret, name + " has a passphrase\n");
        all.addAll(List.of("--bootstrap", bootstrap.toString(), "--login", name));
        all.addAll(List.of("--passphrase-file", secret.toString()));
        all.addAll(List.of(words));
        Member node = member(name).start(home, all.toArray(String[]::new));
        until("the login of " + name, () -> node.json("whoami").path("loggedIn").asBoolean());
        return node;
    }

    Path bootstrap() {
        return tracker().folder().resolve("bootstrap");
    }

    /** Waits until so many nodes serve the function. */
    void awaitSeeders(String function, int seeders) {
        String path = "/v1/functions/" + function;
        until(
                seeders + " seeders of " + function,
                () -> tracker().api().get(path).path("seeders").asInt() >= seeders);
    }

    /** The node's state as the tracker sees it, empty if it does not know it. */
    String stateOf(String id) throws IOException {
        for (JsonNode node : tracker().api().get("/v1/nodes")) {
            if (node.path("id").asText().equals(id)) {
                return node.path("state").asText();
            }
        }
        return "";
    }

    static void until(String what, Callable<Boolean> holds) {
        until(what, Orb.WAIT_SECONDS, holds);
    }

    static void until(String what, int seconds, Callable<Boolean> holds) {
        await(what)
                .atMost(seconds, SECONDS)
                .pollInterval(java.time.Duration.ofMillis(100))
                .ignoreExceptions()
                .until(holds);
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The first of a block of ports that are free now, below those that the system hands out. */
    static int freeBlock() {
        for (int i = 0; i < 100; i++) {
            int first = 12_000 + ThreadLocalRandom.current().nextInt(150) * 100;
            if (isFree(first) && BLOCKS.add(first)) {
                return first;
            }
        }
        throw new AssertionError("no free block of ports");
    }

    /** Whether nobody listens on the ports that a swarm takes of the block. */
    static boolean isFree(int first) {
        return isFree(first, 4) && isFree(first + 40, 4) && isFree(first + 50, 4);
    }

    private static boolean isFree(int first, int count) {
        for (int port = first; port < first + count; port++) {
            try (ServerSocket socket =
                    new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                if (!socket.isBound()) {
                    return false;
                }
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }

    /** Ends every member as a crash would. */
    void endMembers() throws IOException {
        List<Member> all = new ArrayList<>(members.values());
        for (Member member : all.reversed()) {
            member.kill();
        }
    }

    /** Ends every member and removes the folder. */
    @Override
    public void close() throws IOException {
        endMembers();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(home)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
