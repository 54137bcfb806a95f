package orb.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.message.Incident;
import orb.kernel.port.Clock;
import orb.kernel.port.Discovery;
import orb.kernel.port.Disk;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Machine;
import orb.kernel.port.Ordering;
import orb.kernel.port.Table;
import orb.kernel.port.World;
import orb.overlay.dht.Item;
import orb.overlay.dht.Key;

/**
 * One peer of a simulated swarm: a role, its disk, and whether its process lives.
 *
 * <p>Every process has a number; what was planned for an earlier process of the same peer, a timer
 * or a sandbox that ran when it crashed, finds another number and is dropped, as it would be.
 */
final class SimPeer {
    /** As long as a bad disk takes: what happens in it can be lost in a crash. */
    private static final Duration SYNC = Duration.ofMillis(30);

    final String name;
    final Contact contact;
    final SimDisk disk = new SimDisk();
    private final SimSwarm swarm;
    private final Supplier<Machine> factory;
    private final boolean ordering;
    private final Duration skew;
    private Optional<Machine> role = Optional.empty();
    private Optional<World> world = Optional.empty();
    private int process;
    private boolean syncPlanned;
    private boolean logSyncPlanned;
    private final NavigableMap<String, Long> timers = new TreeMap<>();
    private long timerNumbers;

    SimPeer(
            SimSwarm swarm,
            String name,
            Contact contact,
            Supplier<Machine> factory,
            boolean ordering) {
        this.swarm = swarm;
        this.name = name;
        this.contact = contact;
        this.factory = factory;
        this.ordering = ordering;
        skew = swarm.skew(name);
    }

    NodeId id() {
        return contact.id();
    }

    boolean isUp() {
        return role.isPresent();
    }

    Machine role() {
        return role.orElseThrow(() -> new IllegalStateException(name + " is down"));
    }

    /** The time by this peer's own clock. */
    private Instant now() {
        return swarm.agenda().now().plus(skew);
    }

    /** Number of the present process; a planned happening compares it. */
    int process() {
        return process;
    }

    /** Starts a process: replays the log, hands over what the disk kept. */
    void start() {
        process++;
        Machine started = factory.get();
        role = Optional.of(started);
        world =
                Optional.of(
                        new World(
                                swarm.network().of(this),
                                new SimDiskPort(),
                                new SimOrderingPort(),
                                swarm.sandboxes().of(this),
                                new SimClock(),
                                new SimDiscovery(),
                                swarm.desk(this)));
        long index = 0;
        for (SimDisk.LoggedEntry logged : disk.log()) {
            step(new Event.Ordered(index++, logged.at(), logged.entry()));
        }
        step(new Event.Started(disk.kept()));
        step(new Event.Routed(id().digest().bytes()));
        if (ordering) {
            swarm.started(this);
        }
    }

    /** Ends the process at once; what was not synced stays on the disk. */
    void crash() {
        crash(SimDisk.Crash.KEEPS);
    }

    /** Ends the process at once. */
    void crash(SimDisk.Crash how) {
        swarm.trace().add(swarm.agenda().now(), name, "crashes");
        role = Optional.empty();
        world = Optional.empty();
        process++;
        timers.clear();
        syncPlanned = false;
        logSyncPlanned = false;
        disk.crash(how, swarm.mishaps());
        swarm.network().ended(this);
        swarm.ended(this);
    }

    /** Gives the role an event now and performs what it wants. */
    void step(Event event) {
        Machine machine = role();
        World ports = world.orElseThrow();
        swarm.trace().add(swarm.agenda().now(), name, event);
        List<Effect> effects = machine.step(now(), event);
        effects.forEach(swarm.trace()::explain);
        swarm.stepped(this, event, effects);
        effects.forEach(ports::perform);
    }

    /** Gives an event to this same process after a while; to no later one. */
    void later(Duration delay, Event event) {
        int planned = process;
        swarm.agenda()
                .after(
                        delay,
                        () -> {
                            if (planned == process && isUp()) {
                                step(event);
                            }
                        });
    }

    /** The bootstrap file, and those who would hold what a peer publishes. */
    private final class SimDiscovery implements Discovery {
        @Override
        public void discover() {
            later(Duration.ofMillis(1), swarm.discovered());
        }

        @Override
        public void meet(Effect.Meet effect) {
            // who is in the table's network follows from who is up
        }

        /** What holders would refuse is a fault of the role. */
        @Override
        public void publish(Effect.Publish effect) {
            Key key = new Key(effect.key());
            Item.open(key, effect.item(), SimPeer.this.now()).orThrow();
            swarm.table().put(effect.key(), id(), effect.item());
        }

        @Override
        public void withdraw(Effect.Withdraw effect) {
            swarm.table().remove(effect.key(), id());
        }

        @Override
        public void find(Effect.Find effect) {
            later(
                    swarm.table().time(),
                    new Event.Found(effect.key(), swarm.table().at(effect.key())));
        }
    }

    private final class SimClock implements Clock {
        @Override
        public Instant now() {
            return SimPeer.this.now();
        }

        @Override
        public void wakeAfter(Effect.WakeAfter effect) {
            long number = ++timerNumbers;
            timers.put(effect.timer(), number);
            int planned = process;
            swarm.agenda()
                    .after(
                            effect.delay(),
                            () -> {
                                if (planned == process && timers.remove(effect.timer(), number)) {
                                    step(new Event.Woke(effect.timer()));
                                }
                            });
        }
    }

    private final class SimDiskPort implements Disk {
        @Override
        public void save(Effect.Save effect) {
            disk.save(effect);
            planSync();
        }

        @Override
        public void erase(Effect.Erase effect) {
            disk.erase(effect);
            planSync();
        }

        @Override
        public void storeBlob(Effect.StoreBlob effect) {
            disk.store(effect.digest(), effect.content());
            later(SYNC, new Event.BlobStored(effect.digest(), Optional.empty()));
        }

        @Override
        public void loadBlob(Effect.LoadBlob effect) {
            later(
                    Duration.ofMillis(1),
                    new Event.BlobLoaded(effect.digest(), load(effect.digest())));
        }

        @Override
        public NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept() {
            return disk.kept();
        }
    }

    /** A blob, checked; the role is told of one that a flipped bit has damaged. */
    Optional<Bytes> load(Digest digest) {
        Optional<Bytes> found = disk.load(digest);
        if (found.isPresent() && !Digest.of(found.get()).equals(digest)) {
            later(
                    Duration.ZERO,
                    new Event.Noticed(
                            Incident.Kind.ARTEFACT_CHANGED, digest, "a bit of it has flipped"));
            return Optional.empty();
        }
        return found;
    }

    private void planSync() {
        if (!syncPlanned) {
            syncPlanned = true;
            int planned = process;
            swarm.agenda()
                    .after(
                            SYNC,
                            () -> {
                                if (planned == process) {
                                    syncPlanned = false;
                                    disk.sync();
                                }
                            });
        }
    }

    private final class SimOrderingPort implements Ordering {
        @Override
        public void propose(Effect.Propose effect) {
            if (!ordering) {
                throw new IllegalStateException(name + " is a node and proposed an entry");
            }
            if (swarm.isDiskFull(SimPeer.this)) {
                later(
                        Duration.ofMillis(1),
                        new Event.OrderingFailed(
                                Digest.of(effect.entry()),
                                new Refusal(ErrorCode.DISK_FULL, "the disk is full")));
                return;
            }
            if (swarm.ordering().isPresent()) {
                swarm.ordering().get().propose(SimPeer.this, effect.entry());
            } else {
                place(new SimDisk.LoggedEntry(SimPeer.this.now(), effect.entry()));
            }
        }

        @Override
        public void replay(Consumer<Event.Ordered> reader) {
            throw new IllegalStateException("a simulated peer reads its log when it starts");
        }

        @Override
        public List<Event.Ordered> read(long from, int countMax) {
            throw new IllegalStateException("in a simulated world nobody asks for files");
        }
    }

    /** An entry has its place in this tracker's log; its role hears of it once it is durable. */
    void place(SimDisk.LoggedEntry entry) {
        disk.append(entry);
        if (!logSyncPlanned) {
            logSyncPlanned = true;
            int planned = process;
            swarm.agenda().after(SYNC, () -> syncLog(planned));
        }
    }

    private void syncLog(int planned) {
        if (planned != process) {
            return;
        }
        logSyncPlanned = false;
        long index = disk.log().size();
        for (SimDisk.LoggedEntry logged : disk.syncLog()) {
            step(new Event.Ordered(index++, logged.at(), logged.entry()));
        }
    }

    /**
     * What lies in the hash table of a simulated swarm. Its holders are many, so an item outlives
     * who put it there; now and then a lookup finds nothing. How lookups go is simulated elsewhere
     * ({@link orb.sim.growth}).
     */
    static final class Items {
        private static final int TIME_MILLIS_MOST = 120;
        private static final int EMPTY_PERCENT = 5;

        private final NavigableMap<Digest, NavigableMap<NodeId, Bytes>> items = new TreeMap<>();
        private final RandomGenerator chance;

        Items(RandomGenerator chance) {
            this.chance = chance;
        }

        void put(Digest key, NodeId publisher, Bytes item) {
            items.computeIfAbsent(key, _ -> new TreeMap<>()).put(publisher, item);
        }

        void remove(Digest key, NodeId publisher) {
            items.getOrDefault(key, new TreeMap<>()).remove(publisher);
        }

        List<Bytes> at(Digest key) {
            return chance.nextInt(100) < EMPTY_PERCENT
                    ? List.of()
                    : List.copyOf(items.getOrDefault(key, new TreeMap<>()).values());
        }

        /** How long a lookup takes. */
        Duration time() {
            return Duration.ofMillis(1 + chance.nextInt(TIME_MILLIS_MOST));
        }
    }
}
