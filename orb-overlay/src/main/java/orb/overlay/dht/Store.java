package orb.overlay.dht;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Result;

/**
 * Items that this peer keeps for the others, each verified.
 *
 * <p>At most {@link #ITEMS_MAX} in all, {@link #KEY_MAX} at one key and {@link #PUBLISHER_MAX} of
 * one publisher. When all places are taken, the item that is farthest from this peer makes room for
 * a nearer one, and none for a farther one. An item of a lower number than the one that is kept is
 * refused, so that nobody can bring back what was replaced. Not thread-safe.
 */
final class Store {
    /** Some four megabytes at most. */
    static final int ITEMS_MAX = 4_096;

    /** Publishers at one key. */
    static final int KEY_MAX = 16;

    /** Keys of one publisher. */
    static final int PUBLISHER_MAX = 64;

    private final Key self;
    private final NavigableMap<Key, NavigableMap<NodeId, Item>> items = new TreeMap<>();
    private final Map<NodeId, Integer> byPublisher = new TreeMap<>();
    private int size;

    Store(NodeId self) {
        this.self = Key.of(self);
    }

    /**
     * Keeps an item that was verified.
     *
     * @return refused with {@code ORB-0403} if a newer one of its publisher is kept, {@code
     *     ORB-0207} if there is no place for it
     */
    Result<Item> put(Item item, Instant now) {
        NavigableMap<NodeId, Item> there = items.getOrDefault(item.key(), new TreeMap<>());
        Item known = there.get(item.publisher());
        if (known != null) {
            if (known.sequence() > item.sequence()) {
                return Result.refused(
                        ErrorCode.REPLAYED_ENTRY,
                        "number " + item.sequence() + " was replaced by " + known.sequence());
            }
            there.put(item.publisher(), item);
            return Result.ok(item);
        }
        there.values().removeIf(each -> hasEnded(each, now));
        if (there.size() >= KEY_MAX) {
            return full("all " + KEY_MAX + " places at this key are taken");
        }
        if (byPublisher.getOrDefault(item.publisher(), 0) >= PUBLISHER_MAX) {
            return full("its publisher has " + PUBLISHER_MAX + " items here");
        }
        if (size >= ITEMS_MAX && !makeRoom(item.key())) {
            return full("all " + ITEMS_MAX + " places are taken by nearer items");
        }
        items.computeIfAbsent(item.key(), _ -> there).put(item.publisher(), item);
        byPublisher.merge(item.publisher(), 1, Integer::sum);
        size++;
        return Result.ok(item);
    }

    private static Result<Item> full(String why) {
        return Result.refused(ErrorCode.BUSY, why);
    }

    private boolean hasEnded(Item item, Instant now) {
        boolean ended = !now.isBefore(item.expires());
        if (ended) {
            forget(item);
        }
        return ended;
    }

    private void forget(Item item) {
        size--;
        byPublisher.computeIfPresent(item.publisher(), (_, count) -> count == 1 ? null : count - 1);
    }

    private boolean makeRoom(Key key) {
        Comparator<NodeId> nearer = self.nearestFirst();
        Key farthest =
                items.keySet().stream()
                        .max((one, other) -> nearer.compare(id(one), id(other)))
                        .orElseThrow();
        if (nearer.compare(id(farthest), id(key)) <= 0) {
            return false;
        }
        NavigableMap<NodeId, Item> there = items.remove(farthest);
        if (there != null) {
            there.values().forEach(this::forget);
        }
        return true;
    }

    private static NodeId id(Key key) {
        return new NodeId(new Digest(key.point().bytes()));
    }

    /**
     * What lies at a key and has not ended. Those whose publishers are nearest to the reader come
     * first, so that readers of many items share them out.
     */
    List<Item> at(Key key, NodeId reader, Instant now) {
        NavigableMap<NodeId, Item> there = items.get(key);
        if (there == null) {
            return List.of();
        }
        Comparator<NodeId> nearer = Key.of(reader).nearestFirst();
        List<Item> found = new ArrayList<>();
        there.values()
                .forEach(item -> {
                    if (now.isBefore(item.expires())) {
                        found.add(item);
                    }
                });
        found.sort((one, other) -> nearer.compare(one.publisher(), other.publisher()));
        return found;
    }

    /** Drops what has ended. */
    void sweep(Instant now) {
        items.values().forEach(there -> there.values().removeIf(item -> hasEnded(item, now)));
        items.values().removeIf(Map::isEmpty);
    }

    /** The item of one publisher at a key, whether it has ended or not. */
    Optional<Item> find(Key key, NodeId publisher) {
        return Optional.ofNullable(items.get(key)).map(there -> there.get(publisher));
    }

    int size() {
        return size;
    }
}
