package orb.overlay.dht;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.kernel.Result;

/**
 * Decides of which peers of the hash table a role is told, and when their own records are fetched
 * for that.
 *
 * <p>A world looks every {@link #LOOK}. At most {@link #TOLD_MAX} peers are fetched at a look, and
 * each again after {@link #FORGET_AFTER} looks, so that the role learns what changed. Not
 * thread-safe.
 */
public final class Introductions {
    /** Between two looks. */
    public static final Duration LOOK = Duration.ofSeconds(2);

    /** Peers that are fetched at one look. */
    private static final int TOLD_MAX = 4;

    /** A peer's record is fetched again after so many looks. */
    private static final int FORGET_AFTER = 30;

    private final NavigableSet<NodeId> told = new TreeSet<>();
    private long looks;

    /** A look: of these known peers, those whose records are to be fetched now. */
    public List<NodeId> due(List<RoutedPeer> known) {
        if (++looks % FORGET_AFTER == 0) {
            told.clear();
        }
        List<NodeId> due =
                known.stream()
                        .map(RoutedPeer::id)
                        .filter(id -> !told.contains(id))
                        .limit(TOLD_MAX)
                        .toList();
        told.addAll(due);
        return due;
    }

    /** What came of a peer that was due: its signed records, of which the role is told. */
    public List<Bytes> fetched(NodeId peer, Result<Search> result) {
        List<Bytes> records = new ArrayList<>();
        if (result instanceof Result.Ok<Search>(var search)) {
            for (Item item : search.items()) {
                if (item instanceof Item.OfPeer(var signed)) {
                    records.add(signed.bytes());
                }
            }
        }
        if (records.isEmpty()) {
            told.remove(peer); // it has not published yet
        }
        return records;
    }
}
