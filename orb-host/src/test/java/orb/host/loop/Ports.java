package orb.host.loop;

import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.port.Clock;
import orb.kernel.port.Desk;
import orb.kernel.port.Discovery;
import orb.kernel.port.Disk;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Ordering;
import orb.kernel.port.Runner;
import orb.kernel.port.Table;
import orb.kernel.port.Transport;
import orb.kernel.port.World;

/** A world whose ports hand every effect to one reader. */
final class Ports implements Transport, Disk, Ordering, Runner, Clock, Desk, Discovery {
    private final Consumer<Effect> reader;

    private Ports(Consumer<Effect> reader) {
        this.reader = reader;
    }

    static World to(Consumer<Effect> reader) {
        Ports ports = new Ports(reader);
        return new World(ports, ports, ports, ports, ports, ports, ports);
    }

    @Override
    public void discover() {
        reader.accept(new Effect.Discover());
    }

    @Override
    public void meet(Effect.Meet effect) {
        reader.accept(effect);
    }

    @Override
    public void publish(Effect.Publish effect) {
        reader.accept(effect);
    }

    @Override
    public void withdraw(Effect.Withdraw effect) {
        reader.accept(effect);
    }

    @Override
    public void find(Effect.Find effect) {
        reader.accept(effect);
    }

    @Override
    public Instant now() {
        return Instant.EPOCH;
    }

    @Override
    public List<Event.Ordered> read(long from, int countMax) {
        throw new IllegalStateException("this world has no log");
    }

    @Override
    public void wakeAfter(Effect.WakeAfter effect) {
        reader.accept(effect);
    }

    @Override
    public void dial(Effect.Dial effect) {
        reader.accept(effect);
    }

    @Override
    public void hangUp(Effect.HangUp effect) {
        reader.accept(effect);
    }

    @Override
    public void ask(Effect.Ask effect) {
        reader.accept(effect);
    }

    @Override
    public void answer(Effect.Answer effect) {
        reader.accept(effect);
    }

    @Override
    public void save(Effect.Save effect) {
        reader.accept(effect);
    }

    @Override
    public void erase(Effect.Erase effect) {
        reader.accept(effect);
    }

    @Override
    public void storeBlob(Effect.StoreBlob effect) {
        reader.accept(effect);
    }

    @Override
    public void loadBlob(Effect.LoadBlob effect) {
        reader.accept(effect);
    }

    @Override
    public NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept() {
        return new TreeMap<>();
    }

    @Override
    public void propose(Effect.Propose effect) {
        reader.accept(effect);
    }

    @Override
    public void replay(Consumer<Event.Ordered> to) {}

    @Override
    public void prepare(Effect.Prepare effect) {
        reader.accept(effect);
    }

    @Override
    public void run(Effect.Run effect) {
        reader.accept(effect);
    }

    @Override
    public void returned(Effect.Return effect) {
        reader.accept(effect);
    }

    @Override
    public void progress(Effect.Progress effect) {
        reader.accept(effect);
    }

    @Override
    public void tell(Effect.Tell effect) {
        reader.accept(effect);
    }
}
