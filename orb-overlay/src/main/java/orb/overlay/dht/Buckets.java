package orb.overlay.dht;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.NodeId;

/**
 * The peers that this one can ask, in buckets by how many leading bits they share with it.
 *
 * <p>A bucket holds {@link Dht#K} peers, those known longest first, and as many more that wait for
 * a place: one that answered before is the best guess at one that will answer, so newcomers push
 * nobody out ("Kademlia", section 2.2). Peers of one subnet get at most {@link #SUBNET_MAX} places
 * of a bucket and {@link #SUBNET_TABLE_MAX} of all, so that one machine with many keys cannot
 * surround this peer cheaply. At most 256 buckets; in a swarm of N peers some log2 N are in use.
 * Not thread-safe.
 */
final class Buckets {
    /** Peers of one subnet in one bucket. */
    static final int SUBNET_MAX = 2;

    /** Peers of one subnet in all buckets. */
    static final int SUBNET_TABLE_MAX = 10;

    /** A peer that failed so often in a row loses its place. */
    private static final int FAILURES_MAX = 2;

    private final Key self;
    private final NodeId own;
    private final NavigableMap<Integer, Bucket> buckets = new TreeMap<>();

    private static final class Bucket {
        final Map<NodeId, RoutedPeer> peers = new LinkedHashMap<>();
        final Map<NodeId, RoutedPeer> spare = new LinkedHashMap<>();
        final Map<NodeId, Integer> failures = new LinkedHashMap<>();

        long of(String subnet) {
            return peers.values().stream().filter(peer -> peer.subnet().equals(subnet)).count();
        }
    }

    Buckets(NodeId self) {
        this.own = self;
        this.self = Key.of(self);
    }

    /** Takes up a peer that was heard of; true if it has a place now and had none before. */
    boolean met(RoutedPeer peer) {
        if (peer.id().equals(own)) {
            return false;
        }
        Bucket bucket = buckets.computeIfAbsent(self.sharedBits(peer.id()), _ -> new Bucket());
        if (bucket.peers.containsKey(peer.id())) {
            bucket.peers.put(peer.id(), peer); // keeps its place; its route may be newer
            return false;
        }
        if (bucket.peers.size() < Dht.K && hasRoom(bucket, peer)) {
            bucket.spare.remove(peer.id());
            bucket.peers.put(peer.id(), peer);
            return true;
        }
        bucket.spare.put(peer.id(), peer);
        if (bucket.spare.size() > Dht.K) {
            bucket.spare.remove(bucket.spare.keySet().iterator().next());
        }
        return false;
    }

    private boolean hasRoom(Bucket bucket, RoutedPeer peer) {
        String subnet = peer.subnet();
        return subnet.isEmpty()
                || (bucket.of(subnet) < SUBNET_MAX
                        && buckets.values().stream().mapToLong(each -> each.of(subnet)).sum()
                                < SUBNET_TABLE_MAX);
    }

    /** A peer answered. */
    void answered(NodeId peer) {
        bucket(peer).ifPresent(bucket -> bucket.failures.remove(peer));
    }

    /** A peer did not answer; another takes its place if that was not the first time. */
    void failed(NodeId peer) {
        Bucket bucket = bucket(peer).orElse(null);
        if (bucket == null || !bucket.peers.containsKey(peer)) {
            return;
        }
        if (bucket.failures.merge(peer, 1, Integer::sum) < FAILURES_MAX) {
            return;
        }
        bucket.failures.remove(peer);
        bucket.peers.remove(peer);
        Iterator<RoutedPeer> waiting = List.copyOf(bucket.spare.values()).reversed().iterator();
        while (waiting.hasNext() && bucket.peers.size() < Dht.K) {
            RoutedPeer next = waiting.next();
            if (hasRoom(bucket, next)) {
                bucket.spare.remove(next.id());
                bucket.peers.put(next.id(), next);
                return;
            }
        }
    }

    private Optional<Bucket> bucket(NodeId peer) {
        return Optional.ofNullable(buckets.get(self.sharedBits(peer)));
    }

    Optional<RoutedPeer> find(NodeId peer) {
        return bucket(peer).map(bucket -> bucket.peers.get(peer));
    }

    /** Those that are nearest to the key, nearest first; costs the size. */
    List<RoutedPeer> nearest(Key key, int limit) {
        Comparator<NodeId> nearer = key.nearestFirst();
        return all().stream()
                .sorted((one, other) -> nearer.compare(one.id(), other.id()))
                .limit(limit)
                .toList();
    }

    /** How many known peers are nearer to the key than this one. */
    long nearerThanSelf(Key key) {
        Comparator<NodeId> nearer = key.nearestFirst();
        return all().stream().filter(peer -> nearer.compare(peer.id(), own) < 0).count();
    }

    List<RoutedPeer> all() {
        List<RoutedPeer> all = new ArrayList<>();
        buckets.values().forEach(bucket -> all.addAll(bucket.peers.values()));
        return all;
    }

    int size() {
        return buckets.values().stream().mapToInt(bucket -> bucket.peers.size()).sum();
    }
}
