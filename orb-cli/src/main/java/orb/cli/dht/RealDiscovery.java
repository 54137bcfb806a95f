package orb.cli.dht;

import java.util.Optional;
import orb.host.loop.FileDiscovery;
import orb.kernel.port.Discovery;
import orb.kernel.port.Effect;

/**
 * A role's way to other peers in the real world: the bootstrap file and, unless this peer was told
 * to do without, the hash table. Thread-safe; never blocks.
 */
public final class RealDiscovery implements Discovery {
    private final FileDiscovery file;
    private final Optional<HashTable> table;

    public RealDiscovery(FileDiscovery file, Optional<HashTable> table) {
        this.file = file;
        this.table = table;
    }

    @Override
    public void discover() {
        file.discover();
    }

    @Override
    public void meet(Effect.Meet effect) {
        table.ifPresent(there -> there.meet(effect.route()));
    }

    @Override
    public void publish(Effect.Publish effect) {
        table.ifPresent(there -> there.publish(effect));
    }

    @Override
    public void withdraw(Effect.Withdraw effect) {
        table.ifPresent(there -> there.withdraw(effect));
    }
}
