package orb.overlay.dht;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.overlay.Exchanges;

/**
 * One peer's part in the hash table, as a pure step: whom it knows, what it keeps, what it refuses,
 * how it finds.
 *
 * <p>An item lies at the {@link #K} peers whose ids are nearest to its key; its publisher puts it
 * there again while it lasts, and at once where fewer took it. So it outlives the loss of all of
 * them but one until then, and of all of them from then on. Nothing is believed: an item is opened
 * and its signature verified before it is kept and again before it is shown. A peer that asks more
 * than {@link #QUESTIONS_MAX} times, or puts more than {@link #PUTS_MAX} items, in {@link #WINDOW}
 * is not answered, or refused. Deterministic; not thread-safe.
 */
public final class Dht {
    /** Copies of an item, and peers in a bucket. */
    public static final int K = 8;

    /** Questions of one peer in each {@link #WINDOW}. */
    public static final int QUESTIONS_MAX = 300;

    /** Items that one peer may put in each {@link #WINDOW}. */
    public static final int PUTS_MAX = 100;

    public static final Duration WINDOW = Duration.ofSeconds(10);

    /** Own items. */
    public static final int OWN_MAX = 300;

    /** Between two puts of an item that lies where it should. */
    public static final Duration REPUBLISH = Duration.ofMinutes(2);

    /** Between two looks at what is due. */
    static final Duration TICK = Duration.ofSeconds(1);

    /** How often the own neighbourhood is looked up. */
    private static final Duration REFRESH = Duration.ofMinutes(5);

    /** Known peers that a lookup starts from: more than can be dead at once without notice. */
    private static final int START = 4 * K;

    private static final int SEARCHES_MAX = 64;
    private static final int PUBLISHING_MAX = 4;
    private static final int EXCHANGES_MAX = 1_024;
    private static final int DOUBLINGS_MAX = 6;

    private final NodeId self;
    private final Function<Bytes, Optional<RoutedPeer>> routes;
    private final Buckets buckets;
    private final Store store;
    private final Rates questions = new Rates(QUESTIONS_MAX, WINDOW);
    private final Rates puts = new Rates(PUTS_MAX, WINDOW);
    private final Exchanges<Waiting> exchanges = new Exchanges<>(EXCHANGES_MAX);
    private final NavigableMap<Key, Own> own = new TreeMap<>();
    private final Map<Long, Lookup> searches = new LinkedHashMap<>();
    private Instant now = Instant.EPOCH;
    private Instant refresh = Instant.EPOCH;
    private boolean isRefreshing;
    private int publishing;
    private List<DhtEffect> effects = new ArrayList<>();

    /** A question to a peer, and what to do with its answer. */
    private record Waiting(NodeId peer, Consumer<Optional<DhtMessage>> then) {}

    /** An item of this peer, and how it lies. */
    private static final class Own {
        Bytes item;
        Instant expires;
        Instant due;
        int tries;
        int copies;
        boolean isUnderWay;

        Own(Item item, Instant due) {
            this.item = item.bytes();
            expires = item.expires();
            this.due = due;
        }
    }

    /**
     * A part before its first event.
     *
     * @param self its Orb id
     * @param routes whom a route leads to, if it proves that; must say the same each time
     */
    public Dht(NodeId self, Function<Bytes, Optional<RoutedPeer>> routes) {
        this.self = self;
        this.routes = routes;
        buckets = new Buckets(self);
        store = new Store(self);
    }

    /** Takes one event and decides what is done. */
    public List<DhtEffect> step(Instant time, DhtEvent event) {
        now = time;
        switch (event) {
            case DhtEvent.Met(var peer) -> met(peer);
            case DhtEvent.Asked(var inbound, var from, var question) ->
                    asked(inbound, from, question);
            case DhtEvent.Answered(var exchange, var answer) -> answered(exchange, answer);
            case DhtEvent.Unanswered(var exchange) ->
                    exchanges.close(exchange).ifPresent(waiting -> silent(waiting));
            case DhtEvent.Woke() -> woke();
            case DhtEvent.Publish(var key, var item) -> publish(key, item);
            case DhtEvent.Withdraw(var key) -> own.remove(key);
            case DhtEvent.Seek(var seek, var key) -> seek(seek, key);
            case DhtEvent.Fetch(var seek, var peer) -> fetch(seek, peer);
        }
        List<DhtEffect> decided = effects;
        effects = new ArrayList<>();
        return decided;
    }

    /** Peers that it can ask. */
    public List<RoutedPeer> peers() {
        return buckets.all();
    }

    /** Items that it keeps for others. */
    public int kept() {
        return store.size();
    }

    private void met(RoutedPeer peer) {
        if (!buckets.met(peer)) {
            return;
        }
        if (buckets.size() == 1) {
            refresh = Instant.EPOCH; // the first peer leads to the others
        }
        own.values().stream()
                .filter(each -> each.copies < K) // it does not lie where it should
                .forEach(each -> each.due = earlier(each.due, now.plus(TICK)));
        effects.add(new DhtEffect.WakeAfter(TICK));
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private void asked(long inbound, RoutedPeer from, Bytes question) {
        Bytes answer = Bytes.EMPTY;
        if (questions.admits(from.id(), now)) {
            met(from);
            answer =
                    switch (DhtMessage.decode(question)) {
                        case Result.Ok<DhtMessage>(DhtMessage.Find find) ->
                                found(from.id(), find).encoded();
                        case Result.Ok<DhtMessage>(DhtMessage.Put put) ->
                                new DhtMessage.Stored(keep(from.id(), put)).encoded();
                        case Result.Ok<DhtMessage> _, Result.Refused<DhtMessage> _ -> Bytes.EMPTY;
                    };
        }
        effects.add(new DhtEffect.Answer(inbound, answer));
    }

    private DhtMessage.Found found(NodeId reader, DhtMessage.Find find) {
        List<Bytes> items = find.items() ? itemsFor(reader, find.key()) : List.of();
        List<Bytes> nearest =
                buckets.nearest(find.key(), K + 1).stream()
                        .filter(peer -> !peer.id().equals(reader))
                        .limit(K)
                        .map(RoutedPeer::route)
                        .toList();
        int total = items.size() + nearest.size();
        DhtMessage.Found fits = new DhtMessage.Found(List.of(), List.of(), find.skip() < total);
        for (int end = find.skip() + 1; end <= total; end++) {
            int from = Math.min(find.skip(), items.size());
            int to = Math.min(end, items.size());
            int fromRoute = Math.max(0, find.skip() - items.size());
            int toRoute = Math.max(0, end - items.size());
            if (to - from > DhtMessage.ITEMS_MAX || toRoute - fromRoute > DhtMessage.ROUTES_MAX) {
                break;
            }
            DhtMessage.Found larger =
                    new DhtMessage.Found(
                            items.subList(from, to),
                            nearest.subList(fromRoute, toRoute),
                            end < total);
            if (larger.encoded().length() > DhtMessage.LENGTH_MAX) {
                break;
            }
            fits = larger;
        }
        return fits;
    }

    /** What is kept here for others, and what this peer itself publishes there. */
    private List<Bytes> itemsFor(NodeId reader, Key key) {
        List<Bytes> items = new ArrayList<>();
        Optional.ofNullable(own.get(key)).ifPresent(mine -> items.add(mine.item));
        store.at(key, reader, now).forEach(item -> items.add(item.bytes()));
        return items;
    }

    private Optional<ErrorCode> keep(NodeId from, DhtMessage.Put put) {
        if (!puts.admits(from, now)) {
            return Optional.of(ErrorCode.BUSY);
        }
        if (buckets.nearerThanSelf(put.key()) >= 2 * K) { // views differ, but not by so much
            return Optional.of(ErrorCode.NOT_NEAR);
        }
        Result<Item> kept =
                Item.open(put.key(), put.item(), now).then(item -> store.put(item, now));
        return kept instanceof Result.Refused<Item>(var refusal)
                ? Optional.of(refusal.code())
                : Optional.empty();
    }

    private void answered(long exchange, Bytes answer) {
        Optional<Waiting> open = exchanges.close(exchange);
        if (open.isEmpty()) {
            return;
        }
        Waiting waiting = open.get();
        if (DhtMessage.decode(answer) instanceof Result.Ok<DhtMessage>(var message)) {
            buckets.answered(waiting.peer);
            waiting.then.accept(Optional.of(message));
        } else {
            silent(waiting);
        }
    }

    private void silent(Waiting waiting) {
        buckets.failed(waiting.peer);
        waiting.then.accept(Optional.empty());
    }

    private void ask(RoutedPeer peer, DhtMessage question, Consumer<Optional<DhtMessage>> then) {
        OptionalLong exchange = exchanges.open(new Waiting(peer.id(), then));
        if (exchange.isPresent()) {
            effects.add(new DhtEffect.Ask(exchange.getAsLong(), peer, question.encoded()));
        } else {
            then.accept(Optional.empty());
        }
    }

    private void seek(long seek, Key key) {
        if (searches.size() >= SEARCHES_MAX) {
            effects.add(
                    new DhtEffect.Sought(
                            seek,
                            Result.refused(
                                    ErrorCode.BUSY, searches.size() + " searches are under way")));
            return;
        }
        Lookup lookup = new Lookup(key, true, buckets.nearest(key, START));
        searches.put(seek, lookup);
        store.at(key, self, now).forEach(lookup::has);
        Own mine = own.get(key);
        if (mine != null && Item.open(key, mine.item, now) instanceof Result.Ok<Item>(var item)) {
            lookup.has(item);
        }
        advance(
                lookup,
                () -> {
                    searches.remove(seek);
                    effects.add(new DhtEffect.Sought(seek, Result.ok(lookup.result())));
                });
    }

    /** Asks a known peer, and nobody else, for what it publishes of itself. */
    private void fetch(long seek, NodeId peer) {
        Lookup lookup = new Lookup(Key.of(peer), true, buckets.find(peer).stream().toList());
        Runnable end = () -> effects.add(new DhtEffect.Sought(seek, Result.ok(lookup.result())));
        List<Lookup.Ask> asks = lookup.next();
        if (asks.isEmpty()) {
            end.run(); // it lost its place meanwhile
        }
        asks.forEach(each -> ask(lookup, each, end));
    }

    /** Asks what is due; {@code end} runs once when nothing is left to ask. */
    private void advance(Lookup lookup, Runnable end) {
        if (lookup.isOver()) {
            end.run();
            return;
        }
        lookup.next().forEach(each -> ask(lookup, each, () -> advance(lookup, end)));
    }

    private void ask(Lookup lookup, Lookup.Ask next, Runnable then) {
        NodeId peer = next.peer().id();
        ask(
                next.peer(),
                next.question(),
                answer -> {
                    if (answer.orElse(null) instanceof DhtMessage.Found found) {
                        List<RoutedPeer> named = named(found);
                        lookup.answered(
                                peer,
                                found.items(),
                                named,
                                new Lookup.Page(found.count(), found.more()),
                                now);
                        named.forEach(this::met);
                    } else {
                        lookup.silent(peer);
                    }
                    then.run();
                });
    }

    /** Peers whose routes hold; the others are passed over. */
    private List<RoutedPeer> named(DhtMessage.Found found) {
        List<RoutedPeer> peers = new ArrayList<>();
        for (Bytes route : found.routes()) {
            routes.apply(route).filter(peer -> !peer.id().equals(self)).ifPresent(peers::add);
        }
        return peers;
    }

    /** What others would refuse is not published. */
    private void publish(Key key, Bytes bytes) {
        if (Item.open(key, bytes, now) instanceof Result.Ok<Item>(var item)) {
            Own known = own.get(key);
            if (known != null) {
                known.item = item.bytes();
                known.expires = item.expires();
                known.due = earlier(known.due, now);
            } else if (own.size() < OWN_MAX) {
                own.put(key, new Own(item, now));
            }
        }
        woke();
    }

    private void woke() {
        store.sweep(now);
        own.values().removeIf(mine -> !now.isBefore(mine.expires) && !mine.isUnderWay);
        if (buckets.size() > 0 && !isRefreshing && !now.isBefore(refresh)) {
            isRefreshing = true;
            Lookup lookup = new Lookup(Key.of(self), false, buckets.nearest(Key.of(self), START));
            advance(
                    lookup,
                    () -> {
                        isRefreshing = false;
                        refresh = now.plus(REFRESH);
                    });
        }
        for (Map.Entry<Key, Own> each : List.copyOf(own.entrySet())) {
            Own mine = each.getValue();
            if (publishing < PUBLISHING_MAX
                    && !mine.isUnderWay
                    && buckets.size() > 0
                    && !now.isBefore(mine.due)) {
                place(each.getKey(), mine);
            }
        }
        effects.add(new DhtEffect.WakeAfter(TICK));
    }

    /** Puts an own item at the nearest peers. */
    private void place(Key key, Own mine) {
        publishing++;
        mine.isUnderWay = true;
        Lookup lookup = new Lookup(key, false, buckets.nearest(key, START));
        advance(lookup, () -> put(mine, key, lookup.holders()));
    }

    private void put(Own mine, Key key, List<RoutedPeer> holders) {
        Bytes item = mine.item;
        int[] left = {holders.size()};
        int[] stored = {0};
        if (holders.isEmpty()) {
            placed(mine, item, 0);
        }
        for (RoutedPeer holder : holders) {
            ask(
                    holder,
                    new DhtMessage.Put(key, item),
                    answer -> {
                        if (answer.orElse(null) instanceof DhtMessage.Stored(var refused)
                                && refused.isEmpty()) {
                            stored[0]++;
                        }
                        if (--left[0] == 0) {
                            placed(mine, item, stored[0]);
                        }
                    });
        }
    }

    private void placed(Own mine, Bytes item, int copies) {
        publishing--;
        mine.isUnderWay = false;
        mine.copies = copies;
        boolean enough = copies >= Math.min(K, buckets.size());
        mine.tries = enough ? 0 : Math.min(mine.tries + 1, DOUBLINGS_MAX);
        Duration again = enough ? REPUBLISH : TICK.multipliedBy(1L << mine.tries);
        mine.due = mine.item.equals(item) ? now.plus(again) : now; // replaced meanwhile
    }
}
