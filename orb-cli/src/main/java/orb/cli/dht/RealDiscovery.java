package orb.cli.dht;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import orb.host.loop.FileDiscovery;
import orb.kernel.port.Discovery;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;

/**
 * A role's way to other peers in the real world: the bootstrap file and, unless this peer was told
 * to do without, the hash table. Thread-safe; never blocks.
 */
public final class RealDiscovery implements Discovery {
    private final FileDiscovery file;
    private final Optional<HashTable> table;
    private final Consumer<Event> reports;

    /**
     * The two ways.
     *
     * @param reports takes {@link Event.Found} where there is no table
     */
    public RealDiscovery(FileDiscovery file, Optional<HashTable> table, Consumer<Event> reports) {
        this.file = file;
        this.table = table;
        this.reports = reports;
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

    @Override
    public void find(Effect.Find effect) {
        table.ifPresentOrElse(
                there -> there.find(effect),
                () -> reports.accept(new Event.Found(effect.key(), List.of())));
    }
}
