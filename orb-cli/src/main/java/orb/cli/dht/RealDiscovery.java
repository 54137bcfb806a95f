package orb.cli.dht;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import orb.host.loop.FileDiscovery;
import orb.kernel.Result;
import orb.kernel.port.Discovery;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.overlay.dht.Item;
import orb.overlay.dht.Key;
import orb.overlay.dht.Search;

/**
 * A role's way to other peers in the real world: the bootstrap file and, unless this peer was told
 * to do without, the hash table. Thread-safe; never blocks.
 */
public final class RealDiscovery implements Discovery {
    private final FileDiscovery file;
    private final Optional<HashTable> table;
    private final Consumer<Event> reports;

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
    public void seek(Effect.Seek effect) {
        if (table.isEmpty()) {
            reports.accept(
                    new Event.Sought(
                            effect.seek(), List.of(), List.of("there is no hash table here")));
            return;
        }
        CompletableFuture<Void> _ =
                table.get()
                        .seek(new Key(effect.key()))
                        .thenAccept(result -> report(effect, result));
    }

    private void report(Effect.Seek effect, Result<Search> result) {
        switch (result) {
            case Result.Ok<Search>(var search) ->
                    reports.accept(
                            new Event.Sought(
                                    effect.seek(),
                                    search.items().stream().map(Item::bytes).toList(),
                                    HashTable.lines(search)));
            case Result.Refused<Search>(var refusal) ->
                    reports.accept(
                            new Event.Sought(
                                    effect.seek(), List.of(), List.of(refusal.toString())));
        }
    }
}
