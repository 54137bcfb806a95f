package orb.sim;

import java.time.Duration;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.NodeId;

/**
 * What lies in the hash table of a simulated swarm. Its holders are many, so an item outlives who
 * put it there; now and then a lookup finds nothing. How lookups go is simulated elsewhere ({@link
 * orb.sim.growth}).
 */
final class SimItems {
    private static final int TIME_MILLIS_MOST = 120;
    private static final int EMPTY_PERCENT = 5;

    private final NavigableMap<Digest, NavigableMap<NodeId, Bytes>> items = new TreeMap<>();
    private final RandomGenerator chance;

    SimItems(RandomGenerator chance) {
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
