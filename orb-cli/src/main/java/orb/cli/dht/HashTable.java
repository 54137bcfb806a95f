package orb.cli.dht;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import orb.host.discovery.Discv5;
import orb.host.discovery.Routes;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.overlay.dht.Dht;
import orb.overlay.dht.DhtEffect;
import orb.overlay.dht.DhtEvent;
import orb.overlay.dht.Introductions;
import orb.overlay.dht.Key;
import orb.overlay.dht.RoutedPeer;
import orb.overlay.dht.Search;
import org.jspecify.annotations.Nullable;

/**
 * A real peer's part in the hash table: one thread owns the step ({@link Dht}), and discv5 carries
 * what it asks and answers.
 *
 * <p>It tells the role whom the network met, with that peer's own record, and where this peer
 * itself can be asked. At most {@link #WAITING_MAX} questions of others wait; more get no answer.
 * Thread-safe.
 */
public final class HashTable implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HashTable.class.getName());
    private static final int WAITING_MAX = 1_000;

    private final InstantSource clock;
    private final Consumer<Event> reports;
    private final Dht dht;
    private final ScheduledThreadPoolExecutor thread;
    private final AtomicInteger waiting = new AtomicInteger();
    private final Map<Long, Consumer<Bytes>> replies = new LinkedHashMap<>();
    private final Map<Long, Consumer<Result<Search>>> seeks = new LinkedHashMap<>();
    private final Introductions introductions = new Introductions();
    private volatile @Nullable Discv5 network;
    private @Nullable ScheduledFuture<?> wake;
    private @Nullable ScheduledFuture<?> looking;
    private Bytes route = Bytes.EMPTY;
    private long numbers;

    private HashTable(NodeId self, Routes routes, InstantSource clock, Consumer<Event> reports) {
        this.clock = clock;
        this.reports = reports;
        dht = new Dht(self, bytes -> routes.open(bytes).map(HashTable::peer));
        thread =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> Thread.ofPlatform().name("orb-dht").daemon(true).unstarted(task));
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /**
     * Joins the network.
     *
     * @param reports takes {@link Event.Routed}, {@link Event.Met} and {@link Event.Found}
     * @return refused with {@code ORB-0305} if the port is taken
     */
    public static Result<HashTable> start(Discv5.Settings settings, Consumer<Event> reports) {
        return start(settings, InstantSource.system(), reports);
    }

    /** As {@link #start(Discv5.Settings, Consumer)} by another clock. */
    static Result<HashTable> start(
            Discv5.Settings settings, InstantSource clock, Consumer<Event> reports) {
        NodeId self = NodeId.of(settings.key().publicKey());
        Routes routes =
                new Routes(settings.network(), settings.bind().getAddress().isLoopbackAddress());
        HashTable table = new HashTable(self, routes, clock, reports);
        return Discv5.start(settings, table::asked)
                .map(network -> {
                    table.begin(network);
                    return table;
                });
    }

    private void begin(Discv5 started) {
        thread.execute(() -> network = started);
        looking =
                thread.scheduleWithFixedDelay(
                        () -> guarded(this::look),
                        0,
                        Introductions.LOOK.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private static RoutedPeer peer(Routes.Proved proved) {
        return new RoutedPeer(proved.id(), proved.route(), proved.subnet());
    }

    /** Takes up a route that was learned over a link. */
    public void meet(Bytes learned) {
        run(() -> {
            if (network != null) {
                network.learn(learned);
                network.open(learned).ifPresent(proved -> step(new DhtEvent.Met(peer(proved))));
            }
        });
    }

    public void publish(Effect.Publish effect) {
        run(() -> step(new DhtEvent.Publish(new Key(effect.key()), effect.item())));
    }

    public void withdraw(Effect.Withdraw effect) {
        run(() -> step(new DhtEvent.Withdraw(new Key(effect.key()))));
    }

    /** Searches for the role, which hears of it once every question of the search has ended. */
    public void find(Effect.Find effect) {
        seek(new Key(effect.key()), result -> reports.accept(Search.found(effect.key(), result)));
    }

    /** Searches; ends within a minute. */
    public CompletableFuture<Result<Search>> seek(Key key) {
        CompletableFuture<Result<Search>> result = new CompletableFuture<>();
        seek(key, result::complete);
        return result.completeOnTimeout(
                Result.refused(
                        new Refusal(ErrorCode.TIMED_OUT, "the search took too long", "try again")),
                1,
                TimeUnit.MINUTES);
    }

    private void seek(Key key, Consumer<Result<Search>> then) {
        run(() -> {
            long number = ++numbers;
            seeks.put(number, then);
            step(new DhtEvent.Seek(number, key));
        });
    }

    private void asked(Routes.Proved from, Bytes question, Consumer<Bytes> reply) {
        if (waiting.incrementAndGet() > WAITING_MAX) {
            waiting.decrementAndGet();
            reply.accept(Bytes.EMPTY);
            return;
        }
        run(() -> {
            waiting.decrementAndGet();
            long number = ++numbers;
            replies.put(number, reply);
            step(new DhtEvent.Asked(number, peer(from), question));
        });
    }

    private void run(Runnable task) {
        try {
            thread.execute(() -> guarded(task));
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "the hash table has ended", e);
        }
    }

    /** A fault here must not end the thread; the rest of the peer does without this part. */
    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "in the hash table", e);
        }
    }

    private void step(DhtEvent event) {
        for (DhtEffect effect : dht.step(clock.instant(), event)) {
            switch (effect) {
                case DhtEffect.Ask(var exchange, var peer, var question) ->
                        ask(exchange, peer, question);
                case DhtEffect.Answer(var inbound, var answer) ->
                        Optional.ofNullable(replies.remove(inbound))
                                .ifPresent(reply -> reply.accept(answer));
                case DhtEffect.WakeAfter(var delay) -> wakeAfter(delay);
                case DhtEffect.Sought(var seek, var result) ->
                        Optional.ofNullable(seeks.remove(seek))
                                .ifPresent(then -> then.accept(result));
            }
        }
    }

    private void ask(long exchange, RoutedPeer peer, Bytes question) {
        if (network == null) {
            run(() -> step(new DhtEvent.Unanswered(exchange)));
            return;
        }
        network.ask(
                peer.route(),
                question,
                answer ->
                        run(() ->
                                step(
                                        answer.<DhtEvent>map(bytes ->
                                                        new DhtEvent.Answered(exchange, bytes))
                                                .orElseGet(
                                                        () -> new DhtEvent.Unanswered(exchange)))));
    }

    private void wakeAfter(Duration delay) {
        if (wake != null) {
            wake.cancel(false);
        }
        wake =
                thread.schedule(
                        () -> guarded(() -> step(new DhtEvent.Woke())),
                        delay.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /** Looks whom discv5 knows, and whether this peer has moved. */
    private void look() {
        if (network == null) {
            return;
        }
        Optional<Bytes> now = network.route();
        if (now.isPresent() && !now.get().equals(route)) {
            route = now.get();
            reports.accept(new Event.Routed(route));
        }
        network.live().forEach(proved -> step(new DhtEvent.Met(peer(proved))));
        introductions.due(dht.peers()).forEach(this::tell);
    }

    /** Fetches a peer's own record and hands it to the role, which verifies it. */
    private void tell(NodeId peer) {
        long number = ++numbers;
        seeks.put(
                number,
                result ->
                        introductions
                                .fetched(peer, result)
                                .forEach(record -> reports.accept(new Event.Met(record))));
        step(new DhtEvent.Fetch(number, peer));
    }

    /** Lines for people: who was asked and what came. */
    public static List<String> lines(Search search) {
        return search.path().stream()
                .map(hop ->
                        String.format(
                                "hop %d: %s, %d bits shared: %s",
                                hop.hops(),
                                hop.peer().brief(),
                                hop.sharedBits(),
                                hop.answer() == Search.Kind.SILENT
                                        ? hop.answer().label()
                                        : hop.count() + " " + hop.answer().label()))
                .toList();
    }

    /** Its own port, UDP; 0 before it stands. */
    public int port() {
        Discv5 here = network;
        return here == null ? 0 : here.port();
    }

    @Override
    public void close() {
        Discv5 here = network;
        if (looking != null) {
            looking.cancel(false);
        }
        thread.shutdownNow();
        if (here != null) {
            here.close();
        }
    }
}
