package orb.cli.swarm;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/**
 * A swarm of one tracker and three nodes of three owners on this machine, each a process of its
 * own; its folder keeps everything between runs.
 */
public final class LocalSwarm {
    /** The owners, of whom the first deploys the samples. */
    public static final List<String> OWNERS = List.of("alice", "bob", "carol");

    private static final String TRACKER = "tracker";
    private static final Duration LOGIN_MAX = Duration.ofSeconds(60);

    private final Path folder;
    private final Ports ports;

    /**
     * Where a swarm listens.
     *
     * @param tracker where nodes dial the tracker
     * @param http the tracker's function endpoints
     * @param api the tracker's API; nodes take the ones after it, two each, and then one each
     */
    public record Ports(int tracker, int http, int api) {
        /** The ports of {@code orb up}. */
        public static final Ports STANDARD = from(7440);

        /** A block of ports: 54 from this one on, of which a swarm takes twelve. */
        public static Ports from(int first) {
            return new Ports(first, first + 40, first + 50);
        }

        /** Any ports that are free now, for a swarm that does not stay. */
        public static Ports free() throws IOException {
            try (ServerSocket a = free0();
                    ServerSocket b = free0();
                    ServerSocket c = free0()) {
                return new Ports(a.getLocalPort(), b.getLocalPort(), c.getLocalPort());
            }
        }

        private static ServerSocket free0() throws IOException {
            return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        }

        /** Whether the nodes have ports of this block too, rather than any free ones. */
        boolean isBlock() {
            return equals(from(tracker));
        }
    }

    public LocalSwarm(Path folder, Ports ports) {
        this.folder = folder;
        this.ports = ports;
    }

    public Path folder() {
        return folder;
    }

    Peer tracker() {
        return new Peer(TRACKER, folder.resolve(TRACKER));
    }

    Peer node(String owner) {
        return new Peer(owner, folder.resolve(owner));
    }

    List<Peer> peers() {
        List<Peer> peers = new ArrayList<>();
        peers.add(tracker());
        OWNERS.forEach(owner -> peers.add(node(owner)));
        return peers;
    }

    /** Whether all of its processes run. */
    boolean isRunning() throws IOException {
        for (Peer peer : peers()) {
            if (peer.control().isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Starts what does not run yet, the tracker first, then the nodes together; returns when every
     * owner is logged in.
     */
    void start(java.util.function.Consumer<String> progress) throws IOException {
        if (tracker().control().isEmpty()) {
            progress.accept("starting the tracker");
            startTracker();
        }
        List<Thread> starting = new ArrayList<>();
        List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        progress.accept("starting the nodes of " + String.join(", ", OWNERS));
        for (String owner : OWNERS) {
            if (node(owner).control().isEmpty()) {
                starting.add(
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        startNode(owner);
                                    } catch (IOException | RuntimeException e) {
                                        failures.add(e);
                                    }
                                }));
            }
        }
        for (Thread thread : starting) {
            join(thread);
        }
        if (!failures.isEmpty()) {
            stop();
            if (failures.getFirst() instanceof RefusedException refused) {
                throw refused;
            }
            throw new IOException("starting a node", failures.getFirst());
        }
        for (String owner : OWNERS) {
            Peer node = node(owner);
            Wait.orRefuse("the login of " + owner, LOGIN_MAX, () -> isLoggedIn(node));
        }
    }

    private static boolean isLoggedIn(Peer node) throws IOException {
        return node.api().get("/v1/whoami").path("loggedIn").asBoolean();
    }

    private void startTracker() throws IOException {
        tracker()
                .start(
                        List.of(
                                "tracker",
                                "start",
                                "--dev",
                                "--data",
                                tracker().folder().toString(),
                                "--port",
                                "" + ports.tracker(),
                                "--http-port",
                                "" + ports.http(),
                                "--api-port",
                                "" + ports.api(),
                                "--swarm",
                                "local",
                                "--epoch",
                                "5"));
    }

    void startNode(String owner) throws IOException {
        Peer node = node(owner);
        Files.createDirectories(node.folder());
        int place = OWNERS.indexOf(owner);
        boolean fixed = ports.isBlock();
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "node",
                                "start",
                                "--data",
                                node.folder().toString(),
                                "--bootstrap",
                                tracker().folder().resolve("bootstrap").toString(),
                                "--api-port",
                                fixed ? "" + (ports.api() + 1 + place) : "0",
                                "--gateway-port",
                                fixed ? "" + (ports.http() + 1 + place) : "0",
                                "--listen",
                                "127.0.0.1:" + (fixed ? ports.tracker() + 1 + place : freePort()),
                                "--login",
                                owner,
                                "--passphrase-file",
                                passphraseFile(node).toString()));
        node.start(words);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = Ports.free0()) {
            return socket.getLocalPort();
        }
    }

    /** A passphrase that nobody typed, kept beside the wallet: fit for a swarm to play with. */
    private static Path passphraseFile(Peer node) throws IOException {
        Path file = node.folder().resolve("passphrase");
        if (!Files.exists(file)) {
            byte[] secret = new byte[16];
            new SecureRandom().nextBytes(secret);
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, HexFormat.of().formatHex(secret) + "\n");
        }
        return file;
    }

    /** What runs now. */
    Map<Peer, ProcessHandle> running() throws IOException {
        Map<Peer, ProcessHandle> running = new LinkedHashMap<>();
        for (Peer peer : peers()) {
            peer.process().ifPresent(process -> running.put(peer, process));
        }
        return running;
    }

    /** Stops what runs. */
    public void stop() throws IOException {
        stop(running());
    }

    /** Stops the nodes, all at once, then the tracker, which has heard their goodbyes by then. */
    void stop(Map<Peer, ProcessHandle> running) throws IOException {
        Map<Peer, ProcessHandle> nodes = new LinkedHashMap<>(running);
        Optional<ProcessHandle> last = Optional.ofNullable(nodes.remove(tracker()));
        nodes.values().forEach(ProcessHandle::destroy);
        for (Map.Entry<Peer, ProcessHandle> node : nodes.entrySet()) {
            node.getKey().awaitEnd(node.getValue());
        }
        if (last.isPresent()) {
            last.get().destroy();
            tracker().awaitEnd(last.get());
        }
    }

    /** Stops everything and removes the folder, for a swarm that does not stay. */
    void erase() {
        try {
            stop();
            List<Path> files;
            try (Stream<Path> walk = Files.walk(folder)) {
                files = walk.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("orb: cleaning up " + folder + ": " + e.getMessage());
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException(
                    new Refusal(ErrorCode.TIMED_OUT, "interrupted while the swarm started"));
        }
    }
}
