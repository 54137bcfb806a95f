package orb.sim.growth;

import static orb.kernel.Require.require;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import orb.kernel.Result;
import orb.kernel.identity.VerifiedOnce;
import orb.overlay.dht.Item;
import orb.overlay.dht.Key;
import orb.overlay.dht.Search;

/**
 * Runs one swarm and measures it: all peers join, the swarm settles, what everyone sends is counted
 * for a while, and then records are looked up.
 *
 * <p>Lookups come last, so that they are not in the counts: in a small swarm they would be most of
 * them. Memory is measured before them, after a collection.
 */
final class Course {
    private static final Duration LOOKING_UP = Duration.ofSeconds(5);
    private static final Duration LOOKUP_MOST = Duration.ofSeconds(60);

    /** Some signatures of every peer. */
    private static final int REMEMBERED_MAX = 500_000;

    private static final Duration SLICE = Duration.ofSeconds(1);

    private final Size size;
    private final Lengths lengths;
    private final Consumer<String> progress;
    private final Swarm swarm;
    private final long heapBefore;
    private final Instant started;
    private final List<Sought> sought = new ArrayList<>();

    /**
     * How long each part of a run is, in simulated time.
     *
     * @param joining from the first start to the last one, 2 s or more
     * @param settling until counting begins
     * @param counting what is sent
     * @param lookups how many records are looked up
     */
    record Lengths(Duration joining, Duration settling, Duration counting, int lookups) {
        static final Lengths STANDARD =
                new Lengths(
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(60),
                        1_000);

        Lengths {
            require(joining.toSeconds() >= 2, "peers join in 2 s or more, not %s", joining);
            require(!settling.isNegative(), "settling takes no negative time: %s", settling);
            require(counting.toSeconds() >= 1, "counting takes 1 s or more, not %s", counting);
            require(
                    lookups >= 1 && lookups <= 100_000,
                    "1..100000 lookups are made, not %d",
                    lookups);
        }

        Lengths withCounting(Duration other) {
            return new Lengths(joining, settling, other, lookups);
        }

        Lengths withLookups(int other) {
            return new Lengths(joining, settling, counting, other);
        }
    }

    /** One lookup that has ended. */
    private record Sought(boolean isFound, Search search, double millis) {}

    private Course(Size size, Lengths lengths, Consumer<String> progress) {
        this.size = size;
        this.lengths = lengths;
        this.progress = progress;
        heapBefore = heap();
        started = Instant.now();
        swarm = new Swarm(size);
    }

    /**
     * Runs a swarm of that size.
     *
     * @param progress is told now and then how far it is
     */
    static Figures run(Size size, Lengths lengths, Consumer<String> progress) {
        AtomicReference<Figures> figures = new AtomicReference<>();
        VerifiedOnce.during(
                REMEMBERED_MAX, () -> figures.set(new Course(size, lengths, progress).run()));
        return Objects.requireNonNull(figures.get());
    }

    private Figures run() {
        swarm.start(lengths.joining);
        pass("joining", lengths.joining);
        pass("settling", lengths.settling);
        List<Traffic.Sent> nodesBefore = sent(swarm.nodes());
        List<Traffic.Sent> trackersBefore = sent(swarm.trackers());
        pass("counting", lengths.counting);
        Figures.Load nodes = load(swarm.nodes(), nodesBefore);
        Figures.Load trackers = load(swarm.trackers(), trackersBefore);
        Figures.Places places = places();
        long perPeer = (heap() - heapBefore) / (size.nodes() + size.trackers());
        planLookups();
        pass("looking up", LOOKING_UP);
        Instant latest = swarm.agenda().now().plus(LOOKUP_MOST);
        while (sought.size() < lengths.lookups && swarm.agenda().now().isBefore(latest)) {
            swarm.agenda().run(swarm.agenda().now().plus(SLICE));
        }
        Duration wall = Duration.between(started, Instant.now());
        return new Figures(
                size, lookups(), nodes, trackers, places, new Figures.Cost(perPeer, wall));
    }

    private void pass(String what, Duration time) {
        Duration left = time;
        while (left.isPositive()) {
            Duration slice = left.compareTo(SLICE) < 0 ? left : SLICE;
            left = left.minus(slice);
            swarm.agenda().run(swarm.agenda().now().plus(slice));
            progress.accept(what + ", " + left.toSeconds() + " simulated seconds of it left");
        }
    }

    private static List<Traffic.Sent> sent(List<SwarmPeer> peers) {
        return peers.stream().map(peer -> peer.traffic().sent()).toList();
    }

    private Figures.Load load(List<SwarmPeer> peers, List<Traffic.Sent> before) {
        List<Traffic.Sent> sent = new ArrayList<>();
        for (int i = 0; i < peers.size(); i++) {
            sent.add(peers.get(i).traffic().sent().since(before.get(i)));
        }
        return new Figures.Load(
                aSecond(sent, Traffic.Sent::messages),
                aSecond(sent, Traffic.Sent::bytes),
                aSecond(sent, Traffic.Sent::tableMessages).mean(),
                aSecond(sent, Traffic.Sent::tableBytes).mean());
    }

    private Spread aSecond(List<Traffic.Sent> sent, ToDoubleFunction<Traffic.Sent> what) {
        double seconds = lengths.counting.toMillis() / 1_000.0;
        return Spread.of(sent.stream().map(each -> what.applyAsDouble(each) / seconds).toList());
    }

    private Figures.Places places() {
        List<SwarmPeer> all = new ArrayList<>(swarm.trackers());
        all.addAll(swarm.nodes());
        long alone =
                swarm.nodes().stream()
                        .filter(node ->
                                swarm.trackers().stream()
                                        .noneMatch(
                                                tracker -> node.links().containsKey(tracker.id())))
                        .count();
        return new Figures.Places(
                Spread.of(all.stream().map(peer -> peer.table().known()).toList()),
                Spread.of(all.stream().map(peer -> peer.table().kept()).toList()),
                Spread.of(SimLinks.counts(swarm.nodes())),
                Spread.of(SimLinks.counts(swarm.trackers())),
                alone);
    }

    private void planLookups() {
        RandomGenerator chance = swarm.chance("lookups");
        List<SwarmPeer> nodes = swarm.nodes();
        for (int i = 0; i < lengths.lookups; i++) {
            SwarmPeer asker = nodes.get(chance.nextInt(nodes.size()));
            int other = chance.nextInt(nodes.size() - 1);
            SwarmPeer wanted = nodes.get(nodes.get(other) == asker ? nodes.size() - 1 : other);
            Duration when = LOOKING_UP.multipliedBy(i).dividedBy(lengths.lookups);
            swarm.agenda().after(when, () -> lookUp(asker, wanted));
        }
    }

    private void lookUp(SwarmPeer asker, SwarmPeer wanted) {
        Instant begun = swarm.agenda().now();
        asker.table()
                .seek(
                        Key.of(wanted.id()),
                        result -> {
                            Duration time = Duration.between(begun, swarm.agenda().now());
                            if (result instanceof Result.Ok<Search>(var search)) {
                                boolean isFound =
                                        search.items().stream()
                                                .map(Item::publisher)
                                                .anyMatch(wanted.id()::equals);
                                sought.add(new Sought(isFound, search, time.toNanos() / 1e6));
                            }
                        });
    }

    private Figures.Lookups lookups() {
        List<Sought> found = sought.stream().filter(Sought::isFound).toList();
        return new Figures.Lookups(
                lengths.lookups,
                found.size(),
                Spread.of(found.stream().flatMap(each -> each.search.hops().stream()).toList()),
                Spread.of(sought.stream().map(each -> each.search.path().size()).toList()),
                Spread.of(sought.stream().map(Sought::millis).toList()));
    }

    /** Heap in use by what can still be reached. */
    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
