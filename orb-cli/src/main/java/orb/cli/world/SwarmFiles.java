package orb.cli.world;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.host.loop.Bootstrap;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.ledger.Genesis;

/** The files that make peers a swarm: its genesis, and the bootstrap file that names trackers. */
public final class SwarmFiles {
    private static final String GENESIS = "genesis";

    private SwarmFiles() {}

    /**
     * The genesis that a tracker's folder keeps; in a new folder the one that the tracker was
     * given, or else a new one.
     *
     * @param said canonical bytes, as a roster or a bootstrap file has them
     * @throws RefusedException with WRONG_NETWORK if the folder has another
     */
    static Genesis genesis(Path folder, Optional<Bytes> said, Genesis founded) throws IOException {
        Path file = folder.resolve(GENESIS);
        Optional<Genesis> given = said.map(bytes -> Genesis.decode(bytes).orThrow());
        if (!Files.exists(file)) {
            Genesis chosen = given.orElse(founded);
            Files.write(file, chosen.encoded().array());
            return chosen;
        }
        Genesis kept = Genesis.decode(Bytes.wrap(Files.readAllBytes(file))).orThrow();
        if (given.isPresent() && !given.get().network().equals(kept.network())) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.WRONG_NETWORK,
                            folder
                                    + " belongs to swarm "
                                    + kept.network()
                                    + ", the roster or bootstrap file to "
                                    + given.get().network(),
                            "use a new data folder, or the files of that swarm"));
        }
        return kept;
    }

    /** A tracker's own contact, and those of the others that the bootstrap file names. */
    static List<Contact> contacts(Contact self, Optional<Bootstrap> bootstrap) {
        List<Contact> contacts = new ArrayList<>(List.of(self));
        bootstrap.stream()
                .flatMap(file -> file.trackers().stream())
                .filter(contact -> !contact.id().equals(self.id()))
                .forEach(contacts::add);
        return contacts;
    }

    /** Writes the file to hand to nodes and trackers; a reader sees the old one or the new one. */
    public static void writeBootstrap(Path file, Genesis genesis, List<Contact> trackers)
            throws IOException {
        StringBuilder text = new StringBuilder(4_096);
        text.append("# Hand this file to nodes: orb node start --bootstrap FILE\n");
        text.append("network ").append(genesis.network().hex()).append('\n');
        text.append("genesis ").append(genesis.encoded().hex()).append('\n');
        trackers.forEach(contact -> text.append("tracker ").append(contact).append('\n'));
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, text);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
