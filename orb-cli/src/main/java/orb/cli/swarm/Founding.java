package orb.cli.swarm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import orb.cli.world.SwarmFiles;
import orb.host.hashgraph.Ceremony;
import orb.host.hashgraph.Roster;
import orb.host.hashgraph.TrackerKeys;
import orb.host.store.LogTail;
import orb.kernel.Address;
import orb.kernel.Contact;
import orb.ledger.Genesis;

/**
 * What the owners of several trackers do together before their swarm begins, done on one machine:
 * each tracker makes its keys, their public parts make the roster, and the bootstrap file names
 * them all with the genesis that they agreed on. See docs/protocol/ordering.md.
 */
final class Founding {
    private final Path folder;
    private final Genesis genesis;

    /** Where one tracker keeps its data and listens. */
    record Seat(Path data, Address nodes, Address gossip, Address log) {}

    /**
     * @param folder gets the roster and the bootstrap file
     * @param genesis what the swarm starts from
     */
    Founding(Path folder, Genesis genesis) {
        this.folder = folder;
        this.genesis = genesis;
    }

    static Path roster(Path folder) {
        return folder.resolve("roster");
    }

    static Path bootstrap(Path folder) {
        return folder.resolve("bootstrap");
    }

    /** Makes the keys of trackers that have none, and both files. */
    void found(List<Seat> seats) throws IOException {
        List<TrackerKeys> keys = new ArrayList<>();
        List<Contact> contacts = new ArrayList<>();
        for (Seat seat : seats) {
            TrackerKeys made = Ceremony.keys(seat.data, seat.gossip, seat.log).orThrow();
            keys.add(made);
            contacts.add(new Contact(made.id(), seat.nodes));
        }
        Roster roster = Roster.of(genesis.encoded(), LogTail.START, keys).orThrow();
        SwarmFiles.writeBootstrap(bootstrap(folder), genesis, contacts);
        Files.write(roster(folder), roster.encoded().array());
    }
}
