package orb.cli.swarm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import orb.cli.swarm.Ports.Listener;
import orb.host.loop.Bootstrap;
import orb.kernel.Address;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.ledger.Genesis;

/**
 * A swarm of one or several trackers and three nodes of three owners on this machine, each a
 * process of its own; its folder keeps everything between runs.
 *
 * <p>One tracker orders the ledger by itself. Several agree on the order, and each of them serves
 * every function; then more than two thirds must run for anything to be ordered.
 */
public final class LocalSwarm {
    /** The owners, of whom the first deploys the samples. */
    public static final List<String> OWNERS = List.of("alice", "bob", "carol");

    /** More would not find ports in a block. */
    public static final int TRACKERS_MAX = 7;

    private static final String TRACKER = "tracker";
    private static final String NAME = "local";
    private static final Duration EPOCH = Duration.ofSeconds(5);
    private static final Duration AGREE_MAX = Duration.ofSeconds(120);
    private static final Duration LOGIN_MAX = Duration.ofSeconds(60);

    private final Path folder;
    private final Ports ports;
    private final int trackers;
    private final List<String> more = new ArrayList<>();

    /** A swarm of one tracker, or of those that its folder has. */
    public LocalSwarm(Path folder, Ports ports) {
        this(folder, ports, Math.max(1, founded(folder)));
    }

    /**
     * A swarm of so many trackers, 1..{@link #TRACKERS_MAX}.
     *
     * @throws RefusedException with BAD_ARGUMENT if the folder has a swarm of another number
     */
    public LocalSwarm(Path folder, Ports ports, int trackers) {
        int before = founded(folder);
        if (trackers < 1 || trackers > TRACKERS_MAX) {
            throw new RefusedException(
                    ErrorCode.BAD_ARGUMENT,
                    "a swarm here has 1.." + TRACKERS_MAX + " trackers, not " + trackers);
        }
        if (before > 0 && before != trackers) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.BAD_ARGUMENT,
                            folder + " holds a swarm of " + before + " trackers, not " + trackers,
                            "leave --trackers out, or move that folder away for a new swarm"));
        }
        this.folder = folder;
        this.ports = ports;
        this.trackers = trackers;
    }

    /** Has its peers started with a word more. */
    public void startWith(String word) {
        more.add(word);
    }

    /** How many trackers the swarm in a folder has; 0 if there is none. */
    private static int founded(Path folder) {
        int count = 0;
        while (Files.isDirectory(folder.resolve(trackerName(count)))) {
            count++;
        }
        return count;
    }

    private static String trackerName(int number) {
        return number == 0 ? TRACKER : TRACKER + (number + 1);
    }

    public Path folder() {
        return folder;
    }

    /** The first tracker. */
    public Peer tracker() {
        return tracker(0);
    }

    private Peer tracker(int number) {
        return new Peer(trackerName(number), folder.resolve(trackerName(number)));
    }

    List<Peer> trackers() {
        return IntStream.range(0, trackers).mapToObj(this::tracker).toList();
    }

    public Peer node(String owner) {
        return new Peer(owner, folder.resolve(owner));
    }

    public List<Peer> peers() {
        List<Peer> peers = new ArrayList<>();
        peers.addAll(trackers());
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
     * Starts what does not run yet: the trackers, and once they order entries the nodes; returns
     * when every owner is logged in.
     */
    public void start(Consumer<String> progress) throws IOException {
        if (trackers > 1 && !Files.exists(Founding.roster(folder))) {
            progress.accept("founding a swarm of " + trackers + " trackers");
            found();
        }
        List<Start> down = new ArrayList<>();
        for (int i = 0; i < trackers; i++) {
            int number = i;
            if (tracker(i).control().isEmpty()) {
                down.add(() -> startTracker(number));
            }
        }
        if (!down.isEmpty()) {
            progress.accept("starting the tracker" + (trackers == 1 ? "" : "s"));
            together(down);
        }
        if (trackers > 1) {
            progress.accept("waiting for the trackers to agree");
            Wait.orRefuse("trackers that order entries", AGREE_MAX, this::isOrdering);
        }
        progress.accept("starting the nodes of " + String.join(", ", OWNERS));
        List<Start> nodes = new ArrayList<>();
        for (String owner : OWNERS) {
            if (node(owner).control().isEmpty()) {
                nodes.add(() -> startNode(owner));
            }
        }
        together(nodes);
        for (String owner : OWNERS) {
            Peer node = node(owner);
            Wait.orRefuse("the login of " + owner, LOGIN_MAX, () -> isLoggedIn(node));
        }
    }

    private static boolean isLoggedIn(Peer node) throws IOException {
        return node.api().get("/v1/whoami").path("loggedIn").asBoolean();
    }

    /** Every tracker registers itself with its first two entries. */
    private boolean isOrdering() throws IOException {
        for (Peer tracker : trackers()) {
            if (tracker.api().get("/v1/status").path("entries").asLong() < 2L * trackers) {
                return false;
            }
        }
        return true;
    }

    private void found() throws IOException {
        List<Founding.Seat> seats = new ArrayList<>();
        for (int i = 0; i < trackers; i++) {
            Path data = tracker(i).folder();
            Files.createDirectories(data);
            seats.add(
                    new Founding.Seat(
                            data,
                            address(Listener.LINK, place(i)),
                            address(Listener.GOSSIP, i),
                            address(Listener.LOG, i)));
        }
        new Founding(folder, Genesis.standard(NAME, EPOCH)).found(seats);
    }

    private Address address(Listener listener, int place) throws IOException {
        return new Address("127.0.0.1", ports.known(listener, place));
    }

    /** The first tracker, the nodes, the other trackers. */
    private static int place(int tracker) {
        return tracker == 0 ? 0 : OWNERS.size() + tracker;
    }

    private interface Start {
        void start() throws IOException;
    }

    /** Starts them at the same time; if one fails, everything is stopped. */
    private void together(List<Start> starts) throws IOException {
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (Start each : starts) {
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    each.start();
                                } catch (IOException | RuntimeException e) {
                                    failures.add(e);
                                }
                            }));
        }
        for (Thread thread : threads) {
            join(thread);
        }
        if (!failures.isEmpty()) {
            stop();
            if (failures.getFirst() instanceof RefusedException refused) {
                throw refused;
            }
            throw new IOException("starting a peer", failures.getFirst());
        }
    }

    private List<String> words(String kind) {
        List<String> all = new ArrayList<>(List.of(kind, "start", "--dev"));
        all.addAll(more);
        return all;
    }

    private void startTracker(int number) throws IOException {
        Peer tracker = tracker(number);
        List<String> words = words("tracker");
        words.addAll(List.of("--data", tracker.folder().toString()));
        words.addAll(List.of("--port", "" + linkPort(number)));
        words.addAll(List.of("--http-port", "" + ports.of(Listener.HTTP, place(number))));
        words.addAll(List.of("--api-port", "" + ports.of(Listener.API, place(number))));
        if (trackers == 1) {
            words.addAll(List.of("--swarm", NAME, "--epoch", "" + EPOCH.toSeconds()));
        } else {
            words.addAll(List.of("--bootstrap", Founding.bootstrap(folder).toString()));
            words.addAll(List.of("--roster", Founding.roster(folder).toString()));
        }
        tracker.start(words);
    }

    /** Of several trackers the bootstrap file says where each listens. */
    private int linkPort(int number) {
        return trackers == 1
                ? ports.of(Listener.LINK, 0)
                : Bootstrap.read(Founding.bootstrap(folder))
                        .orThrow()
                        .trackers()
                        .get(number)
                        .address()
                        .port();
    }

    void startNode(String owner) throws IOException {
        Peer node = node(owner);
        Files.createDirectories(node.folder());
        int place = 1 + OWNERS.indexOf(owner);
        Path bootstrap =
                trackers == 1
                        ? tracker().folder().resolve("bootstrap")
                        : Founding.bootstrap(folder);
        List<String> words = words("node");
        words.addAll(List.of("--data", node.folder().toString()));
        words.addAll(List.of("--bootstrap", bootstrap.toString()));
        words.addAll(List.of("--api-port", "" + ports.of(Listener.API, place)));
        words.addAll(List.of("--gateway-port", "" + ports.of(Listener.HTTP, place)));
        words.addAll(List.of("--listen", "127.0.0.1:" + ports.known(Listener.LINK, place)));
        words.addAll(List.of("--login", owner));
        words.addAll(List.of("--passphrase-file", passphraseFile(node).toString()));
        node.start(words);
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

    /** Stops the nodes, all at once, then the trackers, which have heard their goodbyes by then. */
    void stop(Map<Peer, ProcessHandle> running) throws IOException {
        Map<Peer, ProcessHandle> nodes = new LinkedHashMap<>(running);
        Map<Peer, ProcessHandle> last = new LinkedHashMap<>(running);
        nodes.keySet().removeAll(trackers());
        last.keySet().retainAll(trackers());
        end(nodes);
        end(last);
    }

    private static void end(Map<Peer, ProcessHandle> running) throws IOException {
        running.values().forEach(ProcessHandle::destroy);
        for (Map.Entry<Peer, ProcessHandle> each : running.entrySet()) {
            each.getKey().awaitEnd(each.getValue());
        }
    }

    /** Stops everything and removes the folder, for a swarm that does not stay. */
    public void erase() {
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
