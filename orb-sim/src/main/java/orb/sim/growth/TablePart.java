package orb.sim.growth;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.port.Discovery;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.overlay.dht.Dht;
import orb.overlay.dht.DhtEffect;
import orb.overlay.dht.DhtEvent;
import orb.overlay.dht.Introductions;
import orb.overlay.dht.Key;
import orb.overlay.dht.RoutedPeer;
import orb.overlay.dht.Search;
import orb.sim.Agenda;

/**
 * One peer's part in the hash table under simulated time: the twin of what a real peer runs over
 * discv5, with the same step, the same looks and the same reports to the role.
 */
final class TablePart implements Discovery {
    private final SwarmPeer peer;
    private final SimTable table;
    private final Agenda agenda;
    private final Dht dht;
    private final Introductions introductions = new Introductions();
    private final Map<Long, Consumer<Result<Search>>> seeks = new LinkedHashMap<>();
    private long numbers;
    private long wakes;

    TablePart(SwarmPeer peer, SimTable table, Agenda agenda) {
        this.peer = peer;
        this.table = table;
        this.agenda = agenda;
        dht = new Dht(peer.id(), table::open);
    }

    /** Tells the role where it can be asked, and looks from now on. */
    void start() {
        peer.step(new Event.Routed(peer.routed().route()));
        look();
    }

    private void look() {
        introductions.due(dht.peers()).forEach(this::tell);
        agenda.after(Introductions.LOOK, this::look);
    }

    /** Fetches a peer's own record and hands it to the role, which verifies it. */
    private void tell(NodeId known) {
        long number = ++numbers;
        seeks.put(
                number,
                result ->
                        introductions
                                .fetched(known, result)
                                .forEach(record -> peer.step(new Event.Met(record))));
        step(new DhtEvent.Fetch(number, known));
    }

    void seek(Key key, Consumer<Result<Search>> then) {
        long number = ++numbers;
        seeks.put(number, then);
        step(new DhtEvent.Seek(number, key));
    }

    /** What this peer answers at once; empty if nothing. */
    Bytes asked(RoutedPeer from, Bytes question) {
        Bytes answer = Bytes.EMPTY;
        for (DhtEffect effect :
                dht.step(agenda.now(), new DhtEvent.Asked(++numbers, from, question))) {
            if (effect instanceof DhtEffect.Answer(_, var bytes)) {
                answer = bytes;
            } else {
                perform(effect);
            }
        }
        return answer;
    }

    void step(DhtEvent event) {
        dht.step(agenda.now(), event).forEach(this::perform);
    }

    private void perform(DhtEffect effect) {
        switch (effect) {
            case DhtEffect.Ask ask -> table.ask(peer, ask);
            case DhtEffect.Answer _ -> throw new IllegalStateException("nobody asked");
            case DhtEffect.Sought(var number, var result) ->
                    Optional.ofNullable(seeks.remove(number))
                            .ifPresent(then -> then.accept(result));
            case DhtEffect.WakeAfter(var delay) -> {
                long wake = ++wakes;
                agenda.after(
                        delay,
                        () -> {
                            if (wake == wakes) {
                                step(new DhtEvent.Woke());
                            }
                        });
            }
        }
    }

    /** Peers that it can ask. */
    int known() {
        return dht.peers().size();
    }

    /** Items that it keeps for others. */
    int kept() {
        return dht.kept();
    }

    @Override
    public void discover() {
        peer.discover();
    }

    @Override
    public void meet(Effect.Meet effect) {
        table.open(effect.route()).ifPresent(met -> step(new DhtEvent.Met(met)));
    }

    @Override
    public void publish(Effect.Publish effect) {
        step(new DhtEvent.Publish(new Key(effect.key()), effect.item()));
    }

    @Override
    public void withdraw(Effect.Withdraw effect) {
        step(new DhtEvent.Withdraw(new Key(effect.key())));
    }

    @Override
    public void find(Effect.Find effect) {
        seek(new Key(effect.key()), result -> peer.step(Search.found(effect.key(), result)));
    }
}
