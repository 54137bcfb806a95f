package orb.cli.world;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import orb.cli.dht.HashTable;
import orb.cli.dht.Place;
import orb.cli.dht.RealDiscovery;
import orb.host.loop.CommandDesk;
import orb.host.loop.FileDiscovery;
import orb.host.loop.Loop;
import orb.host.loop.Mailbox;
import orb.host.loop.RealClock;
import orb.host.net.NetThreads;
import orb.host.net.NettyTransport;
import orb.host.net.TransportLimits;
import orb.host.store.BlobFolder;
import orb.host.store.DataFolder;
import orb.host.store.SqliteDisk;
import orb.host.wallet.AccessTokens;
import orb.host.wallet.MachineKey;
import orb.host.web.ControlServer;
import orb.host.web.Route;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Refusal;
import orb.kernel.identity.KeyPair;
import orb.kernel.port.Command;
import orb.kernel.port.Event;
import orb.kernel.port.Machine;
import orb.kernel.port.Ordering;
import orb.kernel.port.Runner;
import orb.kernel.port.World;

/**
 * The ports of one peer on this machine, wired by hand, and the loop that owns its role.
 *
 * @param <M> the role
 */
final class RealWorld<M extends Machine> implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RealWorld.class.getName());
    private static final int MAILBOX_MAX = 20_000;
    private static final Duration COMMAND_MAX = Duration.ofMinutes(5);
    private static final Duration FAREWELL_MAX = Duration.ofSeconds(1);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Mailbox mailbox = new Mailbox(MAILBOX_MAX);
    private final DataFolder folder;
    private final KeyPair key;
    private final NetThreads threads;
    private final NettyTransport transport;
    private final SqliteDisk disk;
    private final CommandDesk desk;
    private volatile boolean broken;

    /** Opens what the data folder keeps and makes the transport; nothing runs yet. */
    RealWorld(Path path) {
        folder = part(DataFolder.open(path).orThrow());
        key = MachineKey.openOrCreate(folder.machineKey(), new SecureRandom()).orThrow();
        disk = part(SqliteDisk.open(folder, mailbox::post, RealWorld::warn).orThrow());
        threads = part(new NetThreads(Math.max(1, Runtime.getRuntime().availableProcessors() / 2)));
        transport = part(new NettyTransport(key, threads, TransportLimits.DEFAULT, mailbox::post));
        desk = part(new CommandDesk(mailbox, COMMAND_MAX));
    }

    DataFolder folder() {
        return folder;
    }

    KeyPair key() {
        return key;
    }

    NettyTransport transport() {
        return transport;
    }

    NetThreads threads() {
        return threads;
    }

    CommandDesk desk() {
        return desk;
    }

    Consumer<Event> mailbox() {
        return mailbox::post;
    }

    /** Has something closed when this world ends, before what was there already. */
    <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    /** Serves the control plane on loopback; the token opens what is not open to everyone. */
    ControlServer serve(int port, int bodyMax, String token, List<Route> routes) {
        return part(
                ControlServer.start(
                        new ControlServer.Settings(
                                "127.0.0.1", port, AccessTokens.digest(token), bodyMax),
                        routes));
    }

    /**
     * Starts the role: replays the log, hands over what was kept, and lets time begin.
     *
     * @param ordering made by the caller, since nodes have none
     * @param running where it runs functions
     * @param table its part in the hash table, if it has one
     */
    Loop<M> start(
            M role, Ordering ordering, Path bootstrap, Running running, Optional<HashTable> table) {
        part(new IdleCollector());
        byte[] seed = key.seedForStorage();
        Running.Lent lent =
                new Running.Lent(
                        blobs(),
                        folder.path().resolve("code"),
                        Digest.of(Bytes.wrap(seed)).bytes());
        Arrays.fill(seed, (byte) 0);
        Runner runner = running.start(lent, mailbox::post, this::part);
        RealClock clock = part(new RealClock(mailbox::post));
        RealDiscovery discovery =
                new RealDiscovery(
                        new FileDiscovery(bootstrap, mailbox::post, RealWorld::warn),
                        table,
                        mailbox::post);
        World world = new World(transport, disk, ordering, runner, clock, discovery, desk);
        ordering.replay(mailbox::post);
        mailbox.post(new Event.Started(disk.kept()));
        Loop<M> loop = part(new Loop<>("orb-role", mailbox, role, world, this::broke));
        loop.start();
        return loop;
    }

    /** Opens this peer's part in the hash table. */
    Optional<HashTable> table(Digest network, Optional<Place> place) {
        return place.map(where ->
                part(HashTable.start(where.settings(network, key), mailbox::post).orThrow()));
    }

    private Function<Digest, Optional<Bytes>> blobs() {
        Path blobs = folder.path().resolve("blobs");
        try {
            return new BlobFolder(
                            blobs,
                            (digest, refusal) -> {
                                warn(refusal);
                                SqliteDisk.noticed(digest, refusal).ifPresent(mailbox::post);
                            })
                    ::load;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException("opening " + blobs, e);
        }
    }

    /** Gives the role its last command, and a moment to carry it out. */
    void farewell(Command last) {
        try {
            desk.command(last).get(FAREWELL_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.WARNING, "ending without a goodbye: " + e);
        }
    }

    /** Waits until the process is asked to end or the role has broken; true for the former. */
    boolean awaitEnd() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !broken;
    }

    /** Ends the waiting. */
    void end() {
        ended.countDown();
    }

    private void broke(Throwable cause) {
        LOG.log(Level.ERROR, "an invariant is broken; this peer stops rather than go on", cause);
        broken = true;
        ended.countDown();
    }

    static void warn(Refusal refusal) {
        LOG.log(Level.WARNING, refusal.toString());
    }

    @Override
    public synchronized void close() { // by the shutdown hook and by who waits for the end
        ended.countDown();
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, "closing", e);
            }
        }
    }
}
