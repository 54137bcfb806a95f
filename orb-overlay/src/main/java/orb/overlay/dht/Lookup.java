package orb.overlay.dht;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.kernel.Result;

/**
 * One iterative search ("Kademlia", section 2.3): asks the nearest peers that it knows, {@link
 * #AT_ONCE} at a time, and those that they name, until the {@link Dht#K} nearest that answer have
 * been asked. Every peer is asked, so one that hides a record or holds an old one changes nothing
 * while one of the others is honest. At most {@link #ASKED_MAX} questions. Not thread-safe.
 */
final class Lookup {
    /** Questions under way at once ("alpha"). */
    static final int AT_ONCE = 3;

    /** Questions of one lookup. */
    static final int ASKED_MAX = 64;

    /** Answers that one peer is asked to give, each going on after the one before. */
    private static final int PAGES_MAX = 4;

    private static final int CANDIDATES_MAX = 128;

    private final Key key;
    private final boolean wantsItems;
    private final NavigableMap<NodeId, Candidate> candidates;
    private final NavigableMap<NodeId, Item> found = new TreeMap<>();
    private final List<Search.Hop> path = new ArrayList<>();
    private Optional<Integer> hops = Optional.empty();
    private int underWay;
    private int asked;

    private enum State {
        NEW,
        ASKED,
        ANSWERED,
        SILENT
    }

    private static final class Candidate {
        RoutedPeer peer;
        final int depth;
        State state = State.NEW;
        boolean hasMore;
        int pages;
        int had;

        Candidate(RoutedPeer peer, int depth) {
            this.peer = peer;
            this.depth = depth;
        }
    }

    /** A question to be asked. */
    record Ask(RoutedPeer peer, DhtMessage.Find question) {}

    Lookup(Key key, boolean wantsItems, List<RoutedPeer> start) {
        this.key = key;
        this.wantsItems = wantsItems;
        candidates = new TreeMap<>(key.nearestFirst());
        start.forEach(peer -> candidates.put(peer.id(), new Candidate(peer, 1)));
    }

    /** What lay at the asker itself. */
    void has(Item item) {
        keep(item, 0);
    }

    /** Questions to ask now; none if there is nothing to ask before an answer comes, or at all. */
    List<Ask> next() {
        List<Ask> asks = new ArrayList<>();
        while (underWay < AT_ONCE && asked < ASKED_MAX) {
            Optional<Candidate> due = due();
            if (due.isEmpty()) {
                break;
            }
            Candidate candidate = due.get();
            candidate.state = State.ASKED;
            candidate.pages++;
            underWay++;
            asked++;
            asks.add(
                    new Ask(
                            candidate.peer,
                            new DhtMessage.Find(
                                    key,
                                    wantsItems,
                                    Math.min(candidate.had, DhtMessage.SKIP_MAX))));
        }
        return asks;
    }

    /** The nearest that was not asked yet; else one of the nearest that has more to say. */
    private Optional<Candidate> due() {
        List<Candidate> nearest = nearest();
        Optional<Candidate> fresh =
                nearest.stream().filter(each -> each.state == State.NEW).findFirst();
        return fresh.or(() ->
                underWay > 0
                        ? Optional.empty()
                        : nearest.stream()
                                .limit(AT_ONCE)
                                .filter(each -> each.state == State.ANSWERED)
                                .filter(each -> each.hasMore && each.pages < PAGES_MAX)
                                .findFirst());
    }

    private List<Candidate> nearest() {
        return candidates.values().stream()
                .filter(each -> each.state != State.SILENT)
                .limit(Dht.K)
                .toList();
    }

    boolean isOver() {
        return underWay == 0 && (asked >= ASKED_MAX || due().isEmpty());
    }

    /** A peer answered with these items, verified here, and these peers, whose routes hold. */
    void answered(NodeId peer, List<Bytes> items, List<RoutedPeer> peers, Page page, Instant now) {
        Candidate candidate = candidates.get(peer);
        if (candidate == null || candidate.state != State.ASKED) {
            return;
        }
        underWay--;
        candidate.state = State.ANSWERED;
        candidate.hasMore = page.more && page.count > 0;
        candidate.had += page.count;
        int good = 0;
        for (Bytes bytes : items) {
            Optional<Item> item = opened(bytes, now);
            if (item.isPresent()) {
                keep(item.get(), candidate.depth);
                good++;
            }
        }
        for (RoutedPeer named : peers) {
            candidates.putIfAbsent(named.id(), new Candidate(named, candidate.depth + 1));
        }
        while (candidates.size() > CANDIDATES_MAX) {
            candidates.pollLastEntry();
        }
        Search.Kind kind =
                good > 0
                        ? Search.Kind.ITEMS
                        : items.isEmpty() ? Search.Kind.PEERS : Search.Kind.FALSE;
        note(candidate, kind, good > 0 ? good : items.isEmpty() ? peers.size() : items.size());
    }

    /** Where in an answer a datagram stands. */
    record Page(int count, boolean more) {}

    /** A peer did not answer, or with bytes that are no answer. */
    void silent(NodeId peer) {
        Candidate candidate = candidates.get(peer);
        if (candidate != null && candidate.state == State.ASKED) {
            underWay--;
            candidate.state = State.SILENT;
            note(candidate, Search.Kind.SILENT, 0);
        }
    }

    /** Holders mostly have the same bytes; whatever was verified once is not verified again. */
    private Optional<Item> opened(Bytes bytes, Instant now) {
        return found.values().stream()
                .filter(known -> known.bytes().equals(bytes))
                .findFirst()
                .or(() ->
                        Item.open(key, bytes, now) instanceof Result.Ok<Item>(var item)
                                ? Optional.of(item)
                                : Optional.empty());
    }

    private void note(Candidate candidate, Search.Kind kind, int count) {
        NodeId id = candidate.peer.id();
        path.add(new Search.Hop(id, candidate.depth, key.sharedBits(id), kind, count));
    }

    private void keep(Item item, int depth) {
        Item known = found.get(item.publisher());
        if (known == null || item.sequence() > known.sequence()) {
            found.put(item.publisher(), item);
        }
        hops = Optional.of(hops.map(before -> Math.min(before, depth)).orElse(depth));
    }

    /** The nearest peers that answered, nearest first. */
    List<RoutedPeer> holders() {
        return candidates.values().stream()
                .filter(each -> each.state == State.ANSWERED)
                .limit(Dht.K)
                .map(each -> each.peer)
                .toList();
    }

    Search result() {
        return new Search(key, List.copyOf(found.values()), path, hops);
    }
}
