package orb.cli.world;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.cli.api.DhtApi;
import orb.cli.api.EventsApi;
import orb.cli.api.LogApi;
import orb.cli.api.PagesApi;
import orb.cli.api.TrackerApi;
import orb.cli.client.ControlFile;
import orb.cli.dht.HashTable;
import orb.cli.dht.Place;
import orb.host.capability.Granting;
import orb.host.hashgraph.GossipKeys;
import orb.host.hashgraph.HashgraphOrdering;
import orb.host.hashgraph.Roster;
import orb.host.loop.Bootstrap;
import orb.host.loop.SecretChance;
import orb.host.store.LocalOrdering;
import orb.host.wallet.AccessTokens;
import orb.host.web.ControlServer;
import orb.host.web.Route;
import orb.kernel.Address;
import orb.kernel.Contact;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.port.Machine;
import orb.kernel.port.Ordering;
import orb.ledger.Genesis;
import orb.tracker.Tracker;
import orb.tracker.TrackerConfig;

/** A tracker as a process: the role, its world, its API and its function endpoints. */
public final class TrackerProcess implements AutoCloseable {
    private static final int BODY_MAX = 1 << 20;
    private static final String BOOTSTRAP = "bootstrap";

    private final RealWorld<Machine> world;
    private final ControlFile control;

    private TrackerProcess(RealWorld<Machine> world, ControlFile control) {
        this.world = world;
        this.control = control;
    }

    /**
     * Starts a tracker; a new data folder founds a new swarm.
     *
     * @throws RefusedException with what stands in the way: no reachable domain, a taken port, a
     *     locked or damaged data folder
     */
    public static TrackerProcess start(TrackerSettings settings) throws IOException {
        return start(settings, (role, _) -> role);
    }

    /** As {@link #start(TrackerSettings)} with a role that was tampered with, for tests. */
    public static TrackerProcess start(TrackerSettings settings, Tampering tampering)
            throws IOException {
        if (!settings.dev()) {
            Domains.refuse(settings.domain(), InetAddress::getAllByName)
                    .ifPresent(refusal -> {
                        throw new RefusedException(refusal);
                    });
        }
        RealWorld<Machine> world = new RealWorld<>(settings.folder());
        try {
            return start(settings, world, tampering);
        } catch (IOException | RuntimeException e) {
            world.close();
            throw e;
        }
    }

    /** Puts another role in the place of a tracker's. */
    public interface Tampering {
        /** The role that runs, for the true one and the machine's key. */
        Machine with(Tracker role, KeyPair key);
    }

    private static TrackerProcess start(
            TrackerSettings settings, RealWorld<Machine> world, Tampering tampering)
            throws IOException {
        Optional<Bootstrap> bootstrap =
                settings.bootstrap().map(file -> Bootstrap.read(file).orThrow());
        Genesis genesis =
                SwarmFiles.genesis(
                        settings.folder(),
                        settings.roster()
                                .map(Roster::genesis)
                                .or(() -> bootstrap.flatMap(Bootstrap::genesis)),
                        Genesis.standard(settings.swarm(), settings.epoch()));
        String bind = settings.dev() ? "127.0.0.1" : "0.0.0.0";
        InetSocketAddress bound =
                world.transport().listen(new InetSocketAddress(bind, settings.port())).orThrow();
        Address address =
                new Address(settings.dev() ? "127.0.0.1" : settings.domain(), bound.getPort());
        NodeId id = NodeId.of(world.key().publicKey());
        SwarmFiles.writeBootstrap(
                settings.folder().resolve(BOOTSTRAP),
                genesis,
                SwarmFiles.contacts(new Contact(id, address), bootstrap));
        int http = settings.httpPort() == 0 ? freePort() : settings.httpPort();
        String base = "http://" + (settings.dev() ? "127.0.0.1" : settings.domain()) + ":" + http;
        Running running =
                Running.of(
                        Runtime.getRuntime().availableProcessors(),
                        settings.isolation(),
                        OwnerLimits.NONE,
                        Granting::trial);
        Tracker role =
                Tracker.of(
                        TrackerConfig.standard(
                                        settings.domain(),
                                        settings.dev(),
                                        List.of(address),
                                        Measured.capabilities(running.features()))
                                .at(base)
                                .among(roster(settings)),
                        world.key(),
                        genesis,
                        new SecretChance(new SecureRandom()));
        Ordering ordering = ordering(settings, world);
        Optional<Place> place = place(settings, address);
        Optional<HashTable> table = world.table(genesis.network(), place);
        Machine runs = tampering.with(role, world.key());
        world.start(runs, ordering, settings.folder().resolve(BOOTSTRAP), running, table);
        LogApi log = new LogApi(new DeskAsker(world.desk()), ordering::read);
        TrackerGateway.start(world, new InetSocketAddress(bind, http), log);
        List<Route> more = new ArrayList<>(log.routes());
        more.addAll(new DhtApi(table).routes());
        return serve(settings, world, new Contact(id, address), base, more);
    }

    /** Keys of the trackers whose cosignatures count; none for one that orders alone. */
    private static List<PublicKey> roster(TrackerSettings settings) {
        return settings.roster().stream()
                .flatMap(roster -> roster.seats().stream())
                .map(seat -> seat.keys().key())
                .toList();
    }

    /** By default the number of the port where nodes dial. */
    private static Optional<Place> place(TrackerSettings settings, Address address)
            throws IOException {
        return settings.discoveryPort().isEmpty()
                ? Optional.empty()
                : Optional.of(Place.at(address.host(), settings.discoveryPort().get()));
    }

    /** Alone, or together with the trackers of the roster. */
    private static Ordering ordering(TrackerSettings settings, RealWorld<Machine> world) {
        if (settings.roster().isEmpty()) {
            return world.part(
                    LocalOrdering.open(world.folder(), InstantSource.system(), world.mailbox())
                            .orThrow());
        }
        NodeId self = NodeId.of(world.key().publicKey());
        GossipKeys keys =
                GossipKeys.openOrCreate(world.folder(), self, new SecureRandom()).orThrow();
        return world.part(
                HashgraphOrdering.open(
                                HashgraphOrdering.Settings.standard(
                                        world.folder(), settings.roster().get(), self, keys),
                                world.mailbox(),
                                RealWorld::warn)
                        .orThrow());
    }

    private static TrackerProcess serve(
            TrackerSettings settings,
            RealWorld<Machine> world,
            Contact self,
            String base,
            List<Route> more)
            throws IOException {
        DeskAsker asker = new DeskAsker(world.desk());
        EventsApi events = new EventsApi();
        world.part(world.desk().follow(events::tell));
        List<Route> routes = new ArrayList<>(new TrackerApi(asker).routes());
        routes.addAll(more);
        routes.addAll(events.routes());
        routes.addAll(PagesApi.routes());
        String token = AccessTokens.make(new SecureRandom());
        ControlServer server = world.serve(settings.apiPort(), BODY_MAX, token, routes);
        String api = "http://127.0.0.1:" + server.port();
        ControlFile control =
                new ControlFile(
                        "tracker",
                        ProcessHandle.current().pid(),
                        self.id().toString(),
                        api,
                        base,
                        self.address().toString(),
                        token);
        control.write(settings.folder());
        world.part(() -> ControlFile.remove(settings.folder()));
        TrackerProcess tracker = new TrackerProcess(world, control);
        Runtime.getRuntime().addShutdownHook(new Thread(tracker::close, "orb-end"));
        return tracker;
    }

    /** The endpoints' port is part of every URL, so it has to be known before the role is made. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public ControlFile control() {
        return control;
    }

    /** The file to hand to nodes. */
    public Path bootstrap() {
        return world.folder().path().resolve(BOOTSTRAP);
    }

    /** Waits until the process is asked to end. */
    public void awaitEnd() {
        if (!world.awaitEnd()) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.INTERNAL,
                            "the tracker stopped because an invariant was broken",
                            "the log says which; please report it"));
        }
    }

    @Override
    public void close() {
        world.close();
    }
}
