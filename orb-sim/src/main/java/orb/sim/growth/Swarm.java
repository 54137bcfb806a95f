package orb.sim.growth;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import orb.kernel.Address;
import orb.kernel.ByteSize;
import orb.kernel.Contact;
import orb.kernel.NodeId;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.ledger.Genesis;
import orb.node.Node;
import orb.node.NodeConfig;
import orb.overlay.Assurance;
import orb.overlay.Bandwidth;
import orb.overlay.Capabilities;
import orb.sim.Agenda;
import orb.tracker.Tracker;
import orb.tracker.TrackerConfig;

/**
 * A swarm in one thread, told what real peers are told at their start: the same roles, the same
 * hash table, standard settings. Nothing goes wrong in it and nobody calls, so what is seen is what
 * it costs to be there. One size with its seed gives one course of events.
 */
final class Swarm {
    private static final String GENERATOR = "L64X128MixRandom";
    private static final int PORT = 7_000;
    private static final Capabilities MACHINE =
            new Capabilities(4, ByteSize.mib(4_096), Bandwidth.UNKNOWN, List.of("aes"));

    private final Size size;
    private final Agenda agenda = new Agenda();
    private final Regions regions;
    private final SimLinks links;
    private final SimTable table;
    private final SimOrder order;
    private final Genesis genesis = Genesis.standard("growth");
    private final List<SwarmPeer> trackers = new ArrayList<>();
    private final List<SwarmPeer> nodes = new ArrayList<>();
    private final List<Contact> bootstrap = new ArrayList<>();

    Swarm(Size size) {
        this.size = size;
        regions = new Regions(chance("regions"));
        links = new SimLinks(agenda, regions);
        table = new SimTable(agenda, regions);
        order = new SimOrder(agenda, chance("order"));
        RandomGenerator keys = chance("keys");
        List<KeyPair> trackerKeys =
                Stream.generate(() -> KeyPair.generate(keys::nextBytes))
                        .limit(size.trackers())
                        .toList();
        List<PublicKey> roster = trackerKeys.stream().map(KeyPair::publicKey).toList();
        for (int i = 0; i < size.trackers(); i++) {
            add(tracker(trackerKeys.get(i), i, roster));
        }
        for (int i = 0; i < size.nodes(); i++) {
            add(node(KeyPair.generate(keys::nextBytes), i));
        }
    }

    private SwarmPeer tracker(KeyPair key, int number, List<PublicKey> roster) {
        Address address = new Address("203.0.113." + (1 + number), PORT);
        TrackerConfig config =
                TrackerConfig.standard("", true, List.of(address), MACHINE).among(roster);
        Tracker role = Tracker.of(config, key, genesis, chance("tracker" + number));
        Contact contact = new Contact(NodeId.of(key.publicKey()), address);
        SwarmPeer peer = new SwarmPeer(this, contact, role, true);
        trackers.add(peer);
        bootstrap.add(contact);
        order.add(peer);
        return peer;
    }

    private SwarmPeer node(KeyPair key, int number) {
        Address address =
                new Address(
                        "10." + (number >> 16) + "." + (number >> 8 & 255) + "." + (number & 255),
                        PORT);
        NodeConfig config =
                NodeConfig.standard(
                        genesis,
                        new NodeConfig.Self(
                                "orb/0.1.0", Optional.of(address), MACHINE, Assurance.L0));
        Node role = Node.of(config, key, chance("node" + number));
        SwarmPeer peer =
                new SwarmPeer(this, new Contact(NodeId.of(key.publicKey()), address), role, false);
        nodes.add(peer);
        return peer;
    }

    private void add(SwarmPeer peer) {
        links.add(peer);
        table.add(peer);
    }

    /** Plans every start: the trackers' in the first second, the nodes' by chance until the end. */
    void start(Duration joining) {
        RandomGenerator chance = chance("start");
        for (SwarmPeer tracker : trackers) {
            agenda.after(Duration.ofMillis(chance.nextLong(1_000)), tracker::start);
        }
        for (SwarmPeer node : nodes) {
            long millis = 1_000 + chance.nextLong(joining.toMillis() - 1_000);
            agenda.after(Duration.ofMillis(millis), node::start);
        }
    }

    /** A source of chance of its own for each purpose, so that one does not shift another. */
    RandomGenerator chance(String purpose) {
        long spread = size.seed() * 0x9e3779b97f4a7c15L; // so that seeds do not meet each other
        return RandomGeneratorFactory.of(GENERATOR).create(spread + purpose.hashCode());
    }

    Agenda agenda() {
        return agenda;
    }

    Regions regions() {
        return regions;
    }

    SimLinks links() {
        return links;
    }

    SimTable table() {
        return table;
    }

    SimOrder order() {
        return order;
    }

    /** The list that every peer starts from: all trackers, in one order. */
    List<Contact> bootstrap() {
        return List.copyOf(bootstrap);
    }

    List<SwarmPeer> trackers() {
        return List.copyOf(trackers);
    }

    List<SwarmPeer> nodes() {
        return List.copyOf(nodes);
    }
}
