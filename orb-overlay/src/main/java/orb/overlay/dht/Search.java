package orb.overlay.dht;

import java.util.List;
import java.util.Optional;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.port.Event;

/**
 * What a lookup found and the way it took.
 *
 * @param key where it looked
 * @param items verified, the newest of each publisher, in the order of their publishers
 * @param path every question, in the order in which they were asked
 * @param hops how many peers stand between the asker and an item: 0 if it lay here, 1 if a peer
 *     known before had it; empty if none was found
 */
public record Search(Key key, List<Item> items, List<Hop> path, Optional<Integer> hops) {
    public Search {
        items = List.copyOf(items);
        path = List.copyOf(path);
    }

    /** What a role hears of a lookup; nothing was found in one that failed. */
    public static Event.Found found(Digest key, Result<Search> result) {
        List<Item> items =
                result instanceof Result.Ok<Search>(var search) ? search.items : List.of();
        return new Event.Found(key, items.stream().map(Item::bytes).toList());
    }

    /**
     * One question of a lookup.
     *
     * @param peer who was asked
     * @param hops 1 for a peer known before, one more for each peer that led to it
     * @param sharedBits leading bits that the peer shares with the key
     * @param answer what came
     * @param count items, peers or false items that the answer had
     */
    public record Hop(NodeId peer, int hops, int sharedBits, Kind answer, int count) {}

    /** What came of a question. */
    public enum Kind {
        /** Items that hold. */
        ITEMS("items"),
        /** Peers alone. */
        PEERS("peers"),
        /** Items that do not hold: a wrong signature or key, or ended. */
        FALSE("false"),
        /** Nothing in time, or bytes that are no answer. */
        SILENT("silent");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** What people read. */
        public String label() {
            return label;
        }
    }
}
