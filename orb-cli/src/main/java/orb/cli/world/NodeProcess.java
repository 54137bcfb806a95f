package orb.cli.world;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.cli.api.DeployApi;
import orb.cli.api.DhtApi;
import orb.cli.api.EventsApi;
import orb.cli.api.InvokeApi;
import orb.cli.api.NodeApi;
import orb.cli.api.NodeMetricsApi;
import orb.cli.api.PagesApi;
import orb.cli.api.SecretsApi;
import orb.cli.api.WalletApi;
import orb.cli.client.ControlFile;
import orb.cli.client.Folders;
import orb.cli.dht.HashTable;
import orb.cli.dht.Place;
import orb.host.capability.Egress;
import orb.host.capability.Granting;
import orb.host.loop.Bootstrap;
import orb.host.loop.SecretChance;
import orb.host.usage.UseWatch;
import orb.host.wallet.AccessTokens;
import orb.host.walls.NodeGroup;
import orb.host.web.ControlServer;
import orb.host.web.Route;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.ledger.Genesis;
import orb.node.Node;
import orb.node.NodeCommand;
import orb.node.NodeConfig;
import orb.node.NodeReply;
import orb.node.admission.SeedPolicy;
import orb.overlay.Assurance;
import orb.overlay.Capabilities;

/** A node as a process: the role, its world, its API and its gateway. */
public final class NodeProcess implements AutoCloseable {
    private static final int BODY_MAX = 40 << 20;

    /** Between two looks at what is used. */
    private static final Duration WATCH = Duration.ofSeconds(2);

    private final RealWorld<Node> world;
    private final WalletApi wallet;
    private final ControlFile control;

    private NodeProcess(RealWorld<Node> world, WalletApi wallet, ControlFile control) {
        this.world = world;
        this.wallet = wallet;
        this.control = control;
    }

    /**
     * Starts a node; it joins the swarm on its own.
     *
     * @throws RefusedException with what stands in the way: a taken port, a locked or damaged data
     *     folder, a bootstrap file without a genesis
     */
    public static NodeProcess start(NodeSettings settings) throws IOException {
        Genesis genesis = genesis(settings.bootstrap());
        RealWorld<Node> world = new RealWorld<>(settings.folder());
        Optional<NodeGroup> group = settings.limits().join();
        group.ifPresent(world::part);
        try {
            if (settings.isolation() == Isolation.WORKERS_AND_PROGRAMS) {
                settings.limits().requireShared(group.isPresent());
            }
            return start(settings, genesis, world);
        } catch (IOException | RuntimeException e) {
            world.close();
            throw e;
        }
    }

    private static NodeProcess start(NodeSettings settings, Genesis genesis, RealWorld<Node> world)
            throws IOException {
        settings.listen()
                .ifPresent(address ->
                        world.transport()
                                .listen(new InetSocketAddress(address.host(), address.port()))
                                .orThrow());
        Granting granting =
                world.part(Granting.open(world.folder(), settings.egress(), new SecureRandom()));
        OwnerLimits limits = settings.limits();
        Running running =
                Running.of(settings.capacity(), settings.isolation(), limits, granting::line);
        limits.requireKept(running.boundsProcessors());
        NodeConfig config = config(settings, genesis, running);
        Node role = Node.of(config, world.key(), new SecretChance(new SecureRandom()));
        Optional<HashTable> table = world.table(genesis.network(), place(settings));
        world.start(role, new NoOrdering(), settings.bootstrap(), running, table);
        UseWatch watch =
                world.part(
                        new UseWatch(running::use, running::compilingUse, world.mailbox(), WATCH));
        DeskAsker asker = new DeskAsker(world.desk());
        WalletApi wallet = new WalletApi(asker, world.folder().wallet(), new SecureRandom());
        EventsApi events = new EventsApi();
        world.part(world.desk().follow(events::tell));
        String token = AccessTokens.make(new SecureRandom());
        ControlServer server =
                world.serve(
                        settings.apiPort(),
                        BODY_MAX,
                        token,
                        routes(asker, genesis, new Parts(wallet, events, watch, granting, table)));
        String api = "http://127.0.0.1:" + server.port();
        int gateway = NodeGateway.start(world, settings.gatewayPort(), api);
        ControlFile control =
                new ControlFile(
                        "node",
                        ProcessHandle.current().pid(),
                        NodeId.of(world.key().publicKey()).toString(),
                        api,
                        "http://127.0.0.1:" + gateway,
                        settings.listen().map(Object::toString).orElse(""),
                        token);
        return new NodeProcess(world, wallet, control).announced(settings.folder());
    }

    /** Others find the API only once everything stands. */
    private NodeProcess announced(Path folder) throws IOException {
        world.part(() -> ControlFile.remove(folder));
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "orb-end"));
        return this;
    }

    private static NodeConfig config(NodeSettings settings, Genesis genesis, Running running) {
        Capabilities capabilities = Measured.capabilities(running.features());
        NodeConfig config =
                NodeConfig.standard(
                        genesis,
                        new NodeConfig.Self(
                                "orb/0.1.0", settings.listen(), capabilities, Assurance.L0));
        if (settings.seedsNever()) {
            config = config.with(new SeedPolicy.Never());
        }
        if (settings.egress() == Egress.NONE) {
            config = config.with(new SeedPolicy.NoEgress(config.policy()));
        }
        NodeConfig.Places places = config.places();
        int capacity = settings.capacity() > 0 ? settings.capacity() : places.capacity();
        return config.with(
                new NodeConfig.Places(
                        capacity,
                        places.queueMax(),
                        places.waitMax(),
                        settings.limits().whenIdle()));
    }

    private static Genesis genesis(Path bootstrap) {
        return Bootstrap.read(bootstrap)
                .orThrow()
                .genesis()
                .map(bytes -> Genesis.decode(bytes).orThrow())
                .orElseThrow(() ->
                        new RefusedException(
                                new Refusal(
                                        ErrorCode.NO_BOOTSTRAP,
                                        bootstrap + " names no genesis",
                                        "take the bootstrap file that the tracker wrote")));
    }

    private static List<Route> routes(DeskAsker asker, Genesis genesis, Parts parts) {
        WalletApi wallet = parts.wallet;
        EventsApi events = parts.events;
        Granting granting = parts.granting;
        List<Route> routes = new ArrayList<>(new NodeApi(asker, genesis).routes());
        routes.addAll(new NodeMetricsApi(asker, parts.watch::look).routes());
        routes.addAll(wallet.routes());
        routes.addAll(new DeployApi(asker, wallet, plan -> requirePlan(genesis, plan)).routes());
        routes.addAll(new InvokeApi(asker).routes());
        routes.addAll(new SecretsApi(asker, granting).routes());
        routes.addAll(new DhtApi(parts.table).routes());
        routes.addAll(events.routes());
        routes.addAll(PagesApi.routes());
        return routes;
    }

    private record Parts(
            WalletApi wallet,
            EventsApi events,
            UseWatch watch,
            Granting granting,
            Optional<HashTable> table) {}

    private static Optional<Place> place(NodeSettings settings) throws IOException {
        return settings.discoveryPort().isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Place.ofNode(
                                settings.listen(),
                                Bootstrap.read(settings.bootstrap()).orThrow().trackers(),
                                settings.discoveryPort().get()));
    }

    private static void requirePlan(Genesis genesis, String plan) {
        if (genesis.plan(plan).isEmpty()) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.NO_PLAN,
                            plan.isEmpty() ? "no plan was chosen" : "there is no plan " + plan,
                            "choose one of "
                                    + String.join(
                                            ", ",
                                            genesis.plans().stream().map(p -> p.name()).toList())));
        }
    }

    public ControlFile control() {
        return control;
    }

    /**
     * Writes the control file, and makes this the node that verbs talk to by default if none is
     * running; a node whose folder lies elsewhere, as in a test, never becomes that.
     */
    public void remember(Folders folders) throws IOException {
        Path folder = world.folder().path();
        control.write(folder);
        Optional<Path> current = folders.currentFolder();
        boolean taken = current.isPresent() && ControlFile.read(current.get()).isPresent();
        if (folder.startsWith(folders.data()) && !taken) {
            folders.remember(folder);
        }
    }

    /** Logs the holder of this node's wallet in; waits for a tracker if none is linked yet. */
    public NodeReply.LoggedIn logIn(String name, char[] passphrase) {
        for (int attempt = 0; ; attempt++) {
            try {
                return wallet.logIn(name, passphrase.clone());
            } catch (RefusedException e) {
                if (e.refusal().code() != ErrorCode.NOT_CONNECTED || attempt == 100) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException(ErrorCode.TIMED_OUT, "interrupted");
        }
    }

    /** Waits until the process is asked to end. */
    public void awaitEnd() {
        if (!world.awaitEnd()) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.INTERNAL,
                            "the node stopped because an invariant was broken",
                            "the log says which; please report it"));
        }
    }

    /** Says goodbye to the peers and ends; once, and the same again does nothing. */
    @Override
    public synchronized void close() {
        world.farewell(new NodeCommand.Leave());
        world.close();
    }
}
