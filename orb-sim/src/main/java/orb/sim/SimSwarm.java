package orb.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import orb.kernel.Address;
import orb.kernel.Contact;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.port.Desk;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Machine;
import orb.ledger.Genesis;
import orb.node.Node;
import orb.node.NodeConfig;
import orb.tracker.Tracker;

/**
 * A whole swarm in one thread: the same node and tracker roles as in production, under simulated
 * time, network, disks and people. One seed gives one course of events.
 */
public final class SimSwarm {
    /** Once all is mended, links stand again after so long. */
    private static final Duration RECOVERY = Duration.ofSeconds(15);

    /** The longest that anything waits for an answer, and some more. */
    private static final Duration WAIT_MOST = Duration.ofSeconds(150);

    /** What a process takes to end once it is told to. */
    private static final Duration STOPPED = Duration.ofMillis(50);

    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Scenario scenario;
    private final UnaryOperator<Machine> saboteur;
    private final Trace trace;
    private final Agenda agenda = new Agenda();
    private final SimNetwork network;
    private final SimSandboxes sandboxes;
    private final SimPeer.Items table;
    private final RandomGenerator mishaps;
    private final Settings settings;
    private final Genesis genesis;
    private final Optional<SimOrdering> ordering;
    private final List<SimPeer> trackers = new ArrayList<>();
    private final List<SimPeer> nodes = new ArrayList<>();
    private final List<Person> people = new ArrayList<>();
    private final List<Watcher> watchers = new ArrayList<>();
    private final Visitor visitor;
    private final NavigableMap<NodeId, SimPeer> byId = new TreeMap<>();
    private final NavigableMap<Address, SimPeer> byAddress = new TreeMap<>();
    private boolean diskFull;
    private boolean calm;

    private SimSwarm(
            Scenario scenario, Optional<Consumer<String>> reader, UnaryOperator<Machine> saboteur) {
        this.scenario = scenario;
        this.saboteur = saboteur;
        trace = new Trace(reader);
        network = new SimNetwork(this, chance("network"));
        sandboxes = new SimSandboxes(chance("sandboxes"));
        table = new SimPeer.Items(chance("table"));
        mishaps = chance("mishaps");
        settings = new Settings(scenario);
        genesis = settings.genesis();
        ordering =
                scenario.trackers() == 1
                        ? Optional.empty()
                        : Optional.of(new SimOrdering(this, chance("ordering")));
        for (int i = 0; i < scenario.trackers(); i++) {
            trackers.add(tracker(trackerName(i)));
        }
        for (int i = 0; i < scenario.nodes(); i++) {
            nodes.add(node("node" + i, 8001 + i));
        }
        visitor = new Visitor(this, chance("visitor"));
        for (int i = 0; i < scenario.nodes(); i++) {
            people.add(new Person(this, nodes.get(i), i, chance("person" + i)));
        }
    }

    /**
     * A swarm that has not started.
     *
     * @param reader reads the trace along, line by line
     */
    public static SimSwarm of(Scenario scenario, Optional<Consumer<String>> reader) {
        return new SimSwarm(scenario, reader, UnaryOperator.identity());
    }

    /** A swarm whose roles somebody has tampered with, for showing that it is noticed. */
    static SimSwarm sabotaged(Scenario scenario, UnaryOperator<Machine> saboteur) {
        return new SimSwarm(scenario, Optional.empty(), saboteur);
    }

    /** The key of a peer of this name; the same each time. */
    KeyPair key(String name) {
        return KeyPair.generate(chance(name + "-key")::nextBytes);
    }

    private static String trackerName(int number) {
        return number == 0 ? "tracker" : "tracker" + number;
    }

    /** Keys of all trackers. */
    List<PublicKey> roster() {
        return IntStream.range(0, scenario.trackers())
                .mapToObj(i -> key(trackerName(i)).publicKey())
                .toList();
    }

    private SimPeer tracker(String name) {
        KeyPair key = key(name);
        Address address = new Address(name, 8000);
        return add(
                new SimPeer(
                        this,
                        name,
                        new Contact(NodeId.of(key.publicKey()), address),
                        () -> {
                            RandomGenerator chance = chance(name + "-" + agenda.happened());
                            Tracker role =
                                    Tracker.of(
                                            settings.tracker(address).among(roster()),
                                            key,
                                            genesis,
                                            chance);
                            return saboteur.apply(role);
                        },
                        true));
    }

    private SimPeer node(String name, int port) {
        KeyPair key = key(name);
        Address address = new Address(name, port);
        NodeConfig config = settings.node(genesis, address);
        return add(
                new SimPeer(
                        this,
                        name,
                        new Contact(NodeId.of(key.publicKey()), address),
                        () -> {
                            RandomGenerator chance = chance(name + "-" + agenda.happened());
                            return saboteur.apply(Node.of(config, key, chance));
                        },
                        false));
    }

    private SimPeer add(SimPeer peer) {
        byId.put(peer.id(), peer);
        byAddress.put(peer.contact.address(), peer);
        return peer;
    }

    /** How far a peer's clock is wrong. */
    Duration skew(String name) {
        int most = scenario.faults().skewMillis();
        return Duration.ofMillis(chance(name + "-clock").nextInt(-most, most + 1));
    }

    private RandomGenerator chance(String purpose) {
        return scenario.chance(purpose);
    }

    /** Lets somebody see all that happens from now on. */
    void watch(Watcher watcher) {
        watchers.add(watcher);
    }

    /**
     * Runs all of it: peers start, people act, mishaps happen; then all is mended, everybody waits
     * for the answers that are due, and shows that all works again.
     */
    public void run() {
        start();
        planMishaps(scenario.busy());
        pass(scenario.busy());
        mend();
        pass(RECOVERY);
        awaitAnswers();
        people.forEach(person -> person.tryAgain(deployed()));
        awaitAnswers();
        pass(Settings.EPOCH.multipliedBy(3));
    }

    /** Starts every peer, and the people begin. */
    void start() {
        trackers.forEach(SimPeer::start);
        nodes.forEach(SimPeer::start);
        people.forEach(person -> person.begin(scenario.busy()));
        visitor.begin(scenario.busy());
    }

    /** Lets simulated time pass. */
    void pass(Duration time) {
        agenda.run(agenda.now().plus(time));
    }

    private void awaitAnswers() {
        Instant latest = agenda.now().plus(WAIT_MOST);
        while (agenda.now().isBefore(latest)
                && (visitor.isWaiting() || people.stream().anyMatch(Person::isWaiting))) {
            pass(LOOK);
        }
    }

    private void planMishaps(Duration busy) {
        Faults faults = scenario.faults();
        for (int i = 0; i < faults.crashes(); i++) {
            SimPeer victim = any();
            agenda.after(moment(busy), () -> crash(victim));
        }
        for (int i = 0; i < faults.partitions(); i++) {
            SimPeer victim = any();
            Duration length = Duration.ofMillis(500 + mishaps.nextInt(15_000));
            Duration start = moment(busy);
            agenda.after(start, () -> network.cut(victim));
            agenda.after(start.plus(length), () -> network.heal(victim));
        }
        for (int i = 0; i < faults.outages(); i++) {
            agenda.after(moment(busy), this::outage);
        }
        for (int i = 0; i < faults.rot(); i++) {
            SimPeer victim = any();
            agenda.after(moment(busy), () -> rot(victim));
        }
        for (int i = 0; i < faults.fullDisks(); i++) {
            Duration start = moment(busy);
            agenda.after(start, () -> diskFull = true);
            agenda.after(start.plusSeconds(3), () -> diskFull = false);
        }
    }

    private void outage() {
        trackers.forEach(this::crash);
    }

    private void crash(SimPeer victim) {
        if (!victim.isUp()) {
            return;
        }
        if (!isTracker(victim) && mishaps.nextInt(3) == 0) {
            stop(victim);
        } else {
            victim.crash(writes());
        }
        agenda.after(Duration.ofMillis(200 + mishaps.nextInt(8_000)), () -> revive(victim));
    }

    /** A bit flips on a disk, in something of which another peer has a good copy. */
    private void rot(SimPeer victim) {
        victim.disk.rot(
                blob ->
                        byId.values().stream()
                                .anyMatch(peer -> peer != victim && peer.disk.isIntact(blob)),
                mishaps);
    }

    private SimDisk.Crash writes() {
        boolean loses = scenario.faults().lostWrites() && mishaps.nextBoolean();
        boolean tears = scenario.faults().tornWrites() && mishaps.nextBoolean();
        if (tears) {
            return SimDisk.Crash.TEARS;
        }
        return loses ? SimDisk.Crash.LOSES : SimDisk.Crash.KEEPS;
    }

    /** The chance that mishaps come from. */
    RandomGenerator mishaps() {
        return mishaps;
    }

    /** Ends a node's process in an orderly way, as a signal does: what it says leaves it first. */
    void stop(SimPeer node) {
        int process = node.process();
        person(node).leave();
        agenda.after(
                STOPPED,
                () -> {
                    if (node.process() == process) {
                        node.crash();
                    }
                });
    }

    private static void revive(SimPeer victim) {
        if (!victim.isUp()) {
            victim.start();
        }
    }

    private SimPeer any() {
        int i = mishaps.nextInt(nodes.size() + trackers.size());
        return i < nodes.size() ? nodes.get(i) : trackers.get(i - nodes.size());
    }

    private Duration moment(Duration busy) {
        return Duration.ofMillis(mishaps.nextLong(busy.toMillis()));
    }

    /** Ends all mishaps, so that what must come right in the end can. */
    void mend() {
        calm = true;
        diskFull = false;
        byId.values().forEach(network::heal);
        byId.values().forEach(SimSwarm::revive);
    }

    /** What still goes wrong; nothing after {@link #mend}. */
    Faults faults() {
        return calm ? Faults.NONE : scenario.faults();
    }

    Settings settings() {
        return settings;
    }

    Scenario scenario() {
        return scenario;
    }

    Agenda agenda() {
        return agenda;
    }

    Trace trace() {
        return trace;
    }

    SimNetwork network() {
        return network;
    }

    SimSandboxes sandboxes() {
        return sandboxes;
    }

    SimPeer.Items table() {
        return table;
    }

    Genesis genesis() {
        return genesis;
    }

    List<SimPeer> trackers() {
        return List.copyOf(trackers);
    }

    /** The first tracker. */
    SimPeer trackerPeer() {
        return trackers.getFirst();
    }

    /** How several trackers agree; empty if there is but one. */
    Optional<SimOrdering> ordering() {
        return ordering;
    }

    /** The entries that have their place, in order. */
    List<SimDisk.LoggedEntry> log() {
        return ordering.map(SimOrdering::agreed).orElseGet(() -> trackerPeer().disk.log());
    }

    /** A tracker's process has started. */
    void started(SimPeer tracker) {
        ordering.ifPresent(order -> order.started(tracker));
    }

    List<SimPeer> nodes() {
        return List.copyOf(nodes);
    }

    List<Person> people() {
        return List.copyOf(people);
    }

    SimPeer peer(NodeId id) {
        return Optional.ofNullable(byId.get(id))
                .orElseThrow(() -> new IllegalStateException("no peer " + id));
    }

    Optional<SimPeer> peerAt(Address address) {
        return Optional.ofNullable(byAddress.get(address));
    }

    boolean isDiskFull(SimPeer peer) {
        return diskFull && isTracker(peer);
    }

    Event.Discovered discovered() {
        return new Event.Discovered(trackers.stream().map(peer -> peer.contact).toList());
    }

    /** Functions that people call, whether they are deployed yet or not. */
    List<FunctionName> functions() {
        return IntStream.range(0, Math.min(Person.DEPLOYERS, people.size()))
                .mapToObj(Person::function)
                .toList();
    }

    private List<FunctionName> deployed() {
        return IntStream.range(0, people.size())
                .filter(i -> people.get(i).hasDeployed())
                .mapToObj(Person::function)
                .toList();
    }

    Visitor visitor() {
        return visitor;
    }

    Desk desk(SimPeer peer) {
        return isTracker(peer) ? visitor.desk() : person(peer).desk();
    }

    /** A role took an event. */
    void stepped(SimPeer peer, Event event, List<Effect> effects) {
        watchers.forEach(watcher -> watcher.stepped(peer.id(), event, effects));
    }

    /** A process ended: what it was asked will not be answered. */
    void ended(SimPeer peer) {
        watchers.forEach(watcher -> watcher.crashed(peer.id()));
        if (isTracker(peer)) {
            visitor.crashed(peer);
        } else {
            person(peer).crashed();
        }
    }

    private boolean isTracker(SimPeer peer) {
        return trackers.contains(peer);
    }

    private Person person(SimPeer peer) {
        return people.stream().filter(person -> person.node() == peer).findFirst().orElseThrow();
    }
}
