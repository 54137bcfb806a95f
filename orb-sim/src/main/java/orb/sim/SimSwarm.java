package orb.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import orb.kernel.Address;
import orb.kernel.ByteSize;
import orb.kernel.Contact;
import orb.kernel.NodeId;
import orb.kernel.identity.KeyPair;
import orb.kernel.port.Desk;
import orb.kernel.port.Event;
import orb.ledger.Genesis;
import orb.node.Node;
import orb.node.NodeConfig;
import orb.overlay.Assurance;
import orb.overlay.Capabilities;
import orb.tracker.Tracker;
import orb.tracker.TrackerConfig;

/**
 * A whole swarm in one thread: the same node and tracker roles as in production, under simulated
 * time, network, disks and people. One seed gives one course of events.
 */
public final class SimSwarm {
    private static final String GENERATOR = "L64X128MixRandom";
    private static final Duration EPOCH = Duration.ofSeconds(5);
    private static final Capabilities SMALL = new Capabilities(2, ByteSize.mib(512), List.of());

    private final long seed;
    private final Faults faults;
    private final Trace trace;
    private final Agenda agenda = new Agenda();
    private final SimNetwork network;
    private final SimSandboxes sandboxes;
    private final RandomGenerator mishaps;
    private final Genesis genesis;
    private final SimPeer tracker;
    private final List<SimPeer> nodes = new ArrayList<>();
    private final List<Person> people = new ArrayList<>();
    private final NavigableMap<NodeId, SimPeer> byId = new TreeMap<>();
    private final NavigableMap<Address, SimPeer> byAddress = new TreeMap<>();
    private boolean diskFull;
    private boolean calm;

    private SimSwarm(long seed, int nodeCount, Faults faults, Consumer<String> reader) {
        this.seed = seed;
        this.faults = faults;
        trace = new Trace(reader);
        network = new SimNetwork(this, chance("network"));
        sandboxes = new SimSandboxes(chance("sandboxes"));
        mishaps = chance("mishaps");
        Genesis standard = Genesis.standard("simulated");
        genesis =
                new Genesis(
                        standard.name(),
                        standard.pricing(),
                        standard.plans(),
                        standard.grant(),
                        new Genesis.Gates(Duration.ofHours(1), 100, 1_000, 4),
                        EPOCH);
        tracker = tracker();
        for (int i = 0; i < nodeCount; i++) {
            nodes.add(node("node" + i, 8001 + i));
        }
        for (int i = 0; i < nodeCount; i++) {
            people.add(new Person(this, nodes.get(i), i, chance("person" + i)));
        }
    }

    /**
     * A swarm that has not started.
     *
     * @param nodes number of nodes, each with its own owner
     * @param reader reads the trace along, line by line
     */
    public static SimSwarm of(long seed, int nodes, Faults faults, Consumer<String> reader) {
        return new SimSwarm(seed, nodes, faults, reader);
    }

    private SimPeer tracker() {
        KeyPair key = KeyPair.generate(chance("tracker-key")::nextBytes);
        Address address = new Address("tracker", 8000);
        return add(
                new SimPeer(
                        this,
                        "tracker",
                        new Contact(NodeId.of(key.publicKey()), address),
                        () ->
                                Tracker.of(
                                        TrackerConfig.standard("", true, List.of(address), SMALL),
                                        key,
                                        genesis,
                                        chance("tracker-" + agenda.happened())),
                        true));
    }

    private SimPeer node(String name, int port) {
        KeyPair key = KeyPair.generate(chance(name + "-key")::nextBytes);
        Address address = new Address(name, port);
        NodeConfig config =
                NodeConfig.standard(
                        genesis,
                        new NodeConfig.Self(
                                "orb-sim", Optional.of(address), SMALL, Assurance.L0));
        return add(
                new SimPeer(
                        this,
                        name,
                        new Contact(NodeId.of(key.publicKey()), address),
                        () -> Node.of(config, key, chance(name + "-" + agenda.happened())),
                        false));
    }

    private SimPeer add(SimPeer peer) {
        byId.put(peer.id(), peer);
        byAddress.put(peer.contact.address(), peer);
        return peer;
    }

    /** A source of chance of its own for each purpose, so that one does not shift another. */
    RandomGenerator chance(String purpose) {
        return RandomGeneratorFactory.of(GENERATOR).create(seed * 31 + purpose.hashCode());
    }

    /**
     * Runs: peers start, people act, mishaps happen; then all is mended and settles.
     *
     * @param busy how long people act and things go wrong
     */
    public void run(Duration busy) {
        tracker.start();
        nodes.forEach(SimPeer::start);
        people.forEach(person -> person.begin(busy));
        planMishaps(busy);
        agenda.run(agenda.now().plus(busy));
        mend();
        agenda.run(agenda.now().plus(Duration.ofSeconds(60)));
    }

    private void planMishaps(Duration busy) {
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
        for (int i = 0; i < faults.fullDisks(); i++) {
            Duration start = moment(busy);
            agenda.after(start, () -> diskFull = true);
            agenda.after(start.plusSeconds(3), () -> diskFull = false);
        }
    }

    private void crash(SimPeer victim) {
        if (!victim.isUp()) {
            return;
        }
        victim.crash(faults.lostWrites() && mishaps.nextBoolean());
        agenda.after(
                Duration.ofMillis(200 + mishaps.nextInt(8_000)),
                () -> {
                    if (!victim.isUp()) {
                        victim.start();
                        person(victim).ifPresent(Person::returned);
                    }
                });
    }

    private SimPeer any() {
        int i = mishaps.nextInt(nodes.size() + 1);
        return i == nodes.size() ? tracker : nodes.get(i);
    }

    private Duration moment(Duration busy) {
        return Duration.ofMillis(mishaps.nextLong(busy.toMillis()));
    }

    /** Ends all mishaps, so that what must come right in the end can. */
    private void mend() {
        calm = true;
        diskFull = false;
        byId.values().forEach(network::heal);
        for (SimPeer peer : byId.values()) {
            if (!peer.isUp()) {
                peer.start();
                person(peer).ifPresent(Person::returned);
            }
        }
    }

    /** What still goes wrong; nothing after {@link #mend}. */
    Faults faults() {
        return calm ? Faults.NONE : faults;
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

    Genesis genesis() {
        return genesis;
    }

    SimPeer trackerPeer() {
        return tracker;
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
        return diskFull && peer == tracker;
    }

    Event.Discovered discovered() {
        return new Event.Discovered(List.of(tracker.contact));
    }

    Desk desk(SimPeer peer) {
        return person(peer).<Desk>map(Person::desk).orElseGet(SilentDesk::new);
    }

    /** A process ended: what it was asked will not be answered. */
    void ended(SimPeer peer) {
        person(peer).ifPresent(Person::crashed);
    }

    private Optional<Person> person(SimPeer peer) {
        return people.stream().filter(person -> person.node() == peer).findFirst();
    }
}
