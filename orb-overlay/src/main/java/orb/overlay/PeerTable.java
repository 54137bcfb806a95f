package orb.overlay;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.port.Effect;
import orb.kernel.port.Table;

/**
 * The bounded set of known peers, and what of it is kept.
 *
 * <p>Peers stand in one order: fewest failures first, then freshest. When the table is full a
 * newcomer takes the last one's place only if that one has failed, or was not seen for {@link
 * #STALE_AFTER}; else the newcomer is not taken up. Peers that answered before are the best guess
 * at peers that will answer (Maymounkov and Mazieres, "Kademlia", 2002, section 2.2), and a flood
 * of newcomers cannot push them out.
 *
 * <p>Every change returns the {@link Effect}s that keep it in {@link Table#PEERS}. A look-up costs
 * one hash; a change costs the logarithm of the size. Not thread-safe.
 */
public final class PeerTable {
    /** A peer that was not seen for this long may be replaced. */
    public static final Duration STALE_AFTER = Duration.ofHours(1);

    /** A peer's freshness is written no more often than this. */
    static final Duration SAVE_EVERY = Duration.ofMinutes(1);

    private static final Comparator<Peer> BEST_FIRST =
            Comparator.comparingInt(Peer::failures)
                    .thenComparing(Peer::lastSeen, Comparator.reverseOrder())
                    .thenComparing(Peer::id);

    private final int countMax;
    private final Map<NodeId, Peer> peers = new LinkedHashMap<>();
    private final Map<NodeId, Instant> savedSeen = new LinkedHashMap<>();
    private final NavigableSet<Peer> order = new TreeSet<>(BEST_FIRST);

    /** An empty table of at most {@code countMax} peers. */
    public PeerTable(int countMax) {
        require(countMax >= 1, "a table holds at least one peer, not %d", countMax);
        this.countMax = countMax;
    }

    /** A table of what was kept; rows that cannot be believed are left out. */
    public static PeerTable from(int countMax, NavigableMap<Bytes, Bytes> kept) {
        PeerTable table = new PeerTable(countMax);
        for (Bytes row : kept.values()) {
            if (table.peers.size() < countMax
                    && Peer.decode(row) instanceof Result.Ok<Peer>(var peer)) {
                table.put(peer);
                table.savedSeen.put(peer.id(), peer.lastSeen());
            }
        }
        return table;
    }

    /** Takes up a peer's record if it is newer than the one that is known. */
    public List<Effect> learn(SignedRecord record, Peer.Source source, Instant now) {
        Optional<Peer> known = find(record.id());
        if (known.flatMap(Peer::record).filter(old -> !record.isNewerThan(old)).isPresent()) {
            return List.of();
        }
        return change(record.id(), source, now, peer -> peer.withRecord(record));
    }

    /** Takes up where a peer may be dialled. */
    public List<Effect> learn(Contact contact, Peer.Source source, Instant now) {
        if (find(contact.id()).flatMap(Peer::dialled).isPresent()) {
            return List.of();
        }
        return change(contact.id(), source, now, peer -> peer.withDialled(contact.address()));
    }

    /** A link that was made to the address stands. */
    public List<Effect> dialled(Contact contact, Peer.Source source, Instant now) {
        return change(
                contact.id(), source, now, peer -> peer.withDialled(contact.address()).seenAt(now));
    }

    /** A link of this peer's own making stands and was seen to come from the address. */
    public List<Effect> observed(NodeId id, Address from, Instant now) {
        return change(id, Peer.Source.PEER, now, peer -> peer.withObserved(from).seenAt(now));
    }

    /** A peer that is known proved to be there; written at most once a minute. */
    public List<Effect> seen(NodeId id, Instant now) {
        Peer peer = peers.get(id);
        if (peer == null) {
            return List.of();
        }
        Peer fresh = peer.seenAt(now);
        put(fresh);
        Instant saved = savedSeen.getOrDefault(id, Instant.EPOCH);
        boolean due = peer.failures() > 0 || !now.isBefore(saved.plus(SAVE_EVERY));
        return due ? List.of(save(fresh)) : List.of();
    }

    /** A peer that is known could not be reached. */
    public List<Effect> failed(NodeId id) {
        Peer peer = peers.get(id);
        if (peer == null) {
            return List.of();
        }
        Peer worse = peer.failedOnce();
        put(worse);
        return List.of(save(worse));
    }

    /** Drops a peer. */
    public List<Effect> forget(NodeId id) {
        Peer peer = peers.remove(id);
        if (peer == null) {
            return List.of();
        }
        order.remove(peer);
        savedSeen.remove(id);
        return List.of(new Effect.Erase(Table.PEERS, id.digest().bytes()));
    }

    public Optional<Peer> find(NodeId id) {
        return Optional.ofNullable(peers.get(id));
    }

    /** The first peers of the order, best first. */
    public List<Peer> best(int limit) {
        return order.stream().limit(limit).toList();
    }

    /**
     * Where peers of a role can be dialled, best first; those without a record count as trackers.
     */
    public List<Contact> contacts(PeerRecord.Role role, int limit) {
        boolean trackers = role == PeerRecord.Role.TRACKER;
        return order.stream()
                .filter(peer -> (peer.isTracker() || peer.record().isEmpty()) == trackers)
                .flatMap(peer -> peer.contact().stream())
                .limit(limit)
                .toList();
    }

    /** Signed records that still count, best first, for another peer to read. */
    public List<Bytes> records(NodeId reader, int limit, Instant now) {
        List<Bytes> records = new ArrayList<>();
        for (Peer peer : order) {
            if (records.size() >= limit) {
                break;
            }
            peer.record()
                    .filter(record -> !record.hasExpired(now) && !record.id().equals(reader))
                    .ifPresent(record -> records.add(record.bytes()));
        }
        return List.copyOf(records);
    }

    public int size() {
        return peers.size();
    }

    private List<Effect> change(
            NodeId id, Peer.Source source, Instant now, UnaryOperator<Peer> change) {
        List<Effect> effects = new ArrayList<>();
        Peer before = peers.get(id);
        if (before == null && peers.size() >= countMax) {
            Peer worst = order.last();
            boolean replaceable =
                    worst.failures() > 0 || worst.lastSeen().plus(STALE_AFTER).isBefore(now);
            if (!replaceable) {
                return List.of();
            }
            effects.addAll(forget(worst.id()));
        }
        Peer after = change.apply(before == null ? Peer.unseen(id, source) : before);
        put(after);
        effects.add(save(after));
        return List.copyOf(effects);
    }

    private void put(Peer peer) {
        Peer before = peers.put(peer.id(), peer);
        if (before != null) {
            order.remove(before);
        }
        order.add(peer);
    }

    private Effect save(Peer peer) {
        savedSeen.put(peer.id(), peer.lastSeen());
        return new Effect.Save(Table.PEERS, peer.id().digest().bytes(), peer.encoded());
    }
}
