package orb.overlay.dht;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import orb.kernel.NodeId;

/**
 * How much each peer may ask: so many times in a window of time. Peers beyond a bound share what
 * the longest unseen had, so that the memory of it is bounded too. Not thread-safe.
 */
final class Rates {
    private static final int PEERS_MAX = 1_024;

    private final int countMax;
    private final Duration window;
    private final Map<NodeId, Count> counts = new LinkedHashMap<>();

    private record Count(Instant since, int count) {}

    /** Each peer {@code countMax} times in each {@code window}. */
    Rates(int countMax, Duration window) {
        this.countMax = countMax;
        this.window = window;
    }

    /** Whether the peer may ask once more now; counted if it may. */
    boolean admits(NodeId peer, Instant now) {
        Count before = counts.remove(peer);
        Count count =
                before == null || !now.isBefore(before.since.plus(window))
                        ? new Count(now, 0)
                        : before;
        boolean admits = count.count < countMax;
        counts.put(peer, admits ? new Count(count.since, count.count + 1) : count);
        if (counts.size() > PEERS_MAX) {
            counts.remove(counts.keySet().iterator().next());
        }
        return admits;
    }
}
