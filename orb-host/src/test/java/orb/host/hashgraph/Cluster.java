package orb.host.hashgraph;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import orb.host.store.LogTail;
import orb.kernel.Address;
import orb.kernel.Bytes;

/** Some trackers' engines on loopback, each in a process of its own. */
final class Cluster implements AutoCloseable {
    /** What a swarm's genesis says is nothing to the engine. */
    static final Bytes GENESIS = Bytes.utf8("genesis");

    private final List<Engine> engines = new ArrayList<>();

    /** Makes the folders and the roster; nothing runs yet. */
    Cluster(Path home, int trackers) throws IOException {
        List<TrackerKeys> keys = new ArrayList<>();
        List<Integer> ports = freePorts(2 * trackers);
        for (int i = 0; i < trackers; i++) {
            keys.add(keys(home.resolve("t" + i), ports.get(2 * i), ports.get(2 * i + 1)));
        }
        Roster roster = Roster.of(GENESIS, LogTail.START, keys).orThrow();
        Path file = home.resolve("roster");
        Files.write(file, roster.encoded().array());
        for (int i = 0; i < trackers; i++) {
            engines.add(new Engine(home.resolve("t" + i), file));
        }
    }

    /** The keys of a tracker with this folder, which it makes. */
    static TrackerKeys keys(Path home, int gossip, int log) {
        return Ceremony.keys(home, new Address("127.0.0.1", gossip), new Address("127.0.0.1", log))
                .orThrow();
    }

    static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            ports.add(sockets.getLast().getLocalPort());
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }

    Engine engine(int number) {
        return engines.get(number);
    }

    List<Engine> engines() {
        return engines;
    }

    /** Starts those that do not run and waits until all order. */
    void start() throws IOException {
        for (Engine engine : engines) {
            if (!engine.isRunning()) {
                engine.start();
            }
        }
        engines.forEach(Engine::awaitActive);
    }

    @Override
    public void close() {
        engines.forEach(Engine::kill);
    }
}
