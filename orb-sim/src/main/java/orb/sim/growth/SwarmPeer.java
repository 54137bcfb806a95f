package orb.sim.growth;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.NodeId;
import orb.kernel.port.Clock;
import orb.kernel.port.Desk;
import orb.kernel.port.Disk;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Machine;
import orb.kernel.port.Ordering;
import orb.kernel.port.Runner;
import orb.kernel.port.Table;
import orb.kernel.port.World;
import orb.overlay.dht.RoutedPeer;

/**
 * One peer of a growing swarm: a node or tracker role, its part in the hash table, and its ports.
 *
 * <p>It starts once and stays, so its disk keeps nothing; it has no functions, so nothing runs.
 */
final class SwarmPeer {
    private final Swarm swarm;
    private final Contact contact;
    private final Machine role;
    private final int region;
    private final RoutedPeer routed;
    private final TablePart table;
    private final World world;
    private final Map<NodeId, SwarmPeer> links = new LinkedHashMap<>();
    private final Map<String, Long> timers = new TreeMap<>();
    private final Traffic traffic = new Traffic();
    private boolean isStarted;
    private long timerNumbers;
    private int ordered;

    SwarmPeer(Swarm swarm, Contact contact, Machine role, boolean isTracker) {
        this.swarm = swarm;
        this.contact = contact;
        this.role = role;
        region = swarm.regions().draw();
        routed = new RoutedPeer(contact.id(), SimRoute.of(contact.id()), "");
        table = new TablePart(this, swarm.table(), swarm.agenda());
        Ordering ordering = isTracker ? new Trackers() : new Nobody();
        world =
                new World(
                        swarm.links().of(this),
                        new Forgetful(),
                        ordering,
                        new NothingToRun(),
                        new Timers(),
                        table,
                        new Unattended());
    }

    NodeId id() {
        return contact.id();
    }

    Contact contact() {
        return contact;
    }

    int region() {
        return region;
    }

    RoutedPeer routed() {
        return routed;
    }

    TablePart table() {
        return table;
    }

    /** Peers at the other ends of its links. */
    Map<NodeId, SwarmPeer> links() {
        return links;
    }

    Traffic traffic() {
        return traffic;
    }

    boolean isStarted() {
        return isStarted;
    }

    void start() {
        isStarted = true;
        step(new Event.Started(new TreeMap<>()));
        table.start();
    }

    /** Gives the role an event now and performs what it wants. */
    void step(Event event) {
        role.step(swarm.agenda().now(), event).forEach(world::perform);
    }

    void later(Duration delay, Event event) {
        swarm.agenda().after(delay, () -> step(event));
    }

    void discover() {
        later(Duration.ofMillis(1), new Event.Discovered(swarm.bootstrap()));
    }

    /** How many entries of the log it has been given. */
    int ordered() {
        return ordered;
    }

    void order(Event.Ordered entry) {
        ordered++;
        step(entry);
    }

    private final class Timers implements Clock {
        @Override
        public Instant now() {
            return swarm.agenda().now();
        }

        @Override
        public void wakeAfter(Effect.WakeAfter effect) {
            long number = ++timerNumbers;
            timers.put(effect.timer(), number);
            swarm.agenda()
                    .after(
                            effect.delay(),
                            () -> {
                                if (timers.remove(effect.timer(), number)) {
                                    step(new Event.Woke(effect.timer()));
                                }
                            });
        }
    }

    /** A disk that nobody will read. */
    private static final class Forgetful implements Disk {
        @Override
        public void save(Effect.Save effect) {
            // read at a restart alone, and nobody restarts
        }

        @Override
        public void erase(Effect.Erase effect) {
            // as above
        }

        @Override
        public void storeBlob(Effect.StoreBlob effect) {
            throw new IllegalStateException("there are no functions: " + effect);
        }

        @Override
        public void loadBlob(Effect.LoadBlob effect) {
            throw new IllegalStateException("there are no functions: " + effect);
        }

        @Override
        public NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept() {
            return new TreeMap<>();
        }
    }

    private final class Trackers implements Ordering {
        @Override
        public void propose(Effect.Propose effect) {
            swarm.order().propose(effect.entry());
        }

        @Override
        public void replay(Consumer<Event.Ordered> reader) {
            // an empty log
        }

        @Override
        public List<Event.Ordered> read(long from, int countMax) {
            throw new IllegalStateException("in a simulated world nobody asks for files");
        }
    }

    private static final class Nobody implements Ordering {
        @Override
        public void propose(Effect.Propose effect) {
            throw new IllegalStateException("a node proposed an entry: " + effect);
        }

        @Override
        public void replay(Consumer<Event.Ordered> reader) {
            // nodes have no log
        }

        @Override
        public List<Event.Ordered> read(long from, int countMax) {
            return List.of();
        }
    }

    private static final class NothingToRun implements Runner {
        @Override
        public void prepare(Effect.Prepare effect) {
            throw new IllegalStateException("there are no functions: " + effect);
        }

        @Override
        public void run(Effect.Run effect) {
            throw new IllegalStateException("there are no functions: " + effect);
        }
    }

    /** Nobody commands and nobody follows. */
    private static final class Unattended implements Desk {
        @Override
        public void returned(Effect.Return effect) {
            throw new IllegalStateException("nobody asked: " + effect);
        }

        @Override
        public void progress(Effect.Progress effect) {
            throw new IllegalStateException("nobody asked: " + effect);
        }

        @Override
        public void tell(Effect.Tell effect) {
            // nobody follows
        }
    }
}
