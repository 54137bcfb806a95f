package orb.tracker.log;

import java.time.Instant;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.ledger.Ledger;
import orb.ledger.MerkleTree;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.LogLeaf;
import orb.ledger.proof.TileTree;

/**
 * The log's tree, and the roots that this tracker came to by its own execution at some sizes.
 *
 * <p>Trackers hear of entries in batches of different size, so none can know at which sizes another
 * one looks. Sizes where the second of the entries' own time changes follow from the log alone:
 * there all trackers remember their roots. The tip is remembered when it is asked for, which helps
 * where nothing has been ordered for a while.
 */
final class Roots {
    /** Sizes of some minutes of a busy log. */
    private static final int REMEMBERED_MAX = 512;

    private final Ledger ledger;
    private final TileTree tree = new TileTree();
    private final NavigableMap<Long, Checkpoint> remembered = new TreeMap<>();

    Roots(Ledger ledger) {
        this.ledger = ledger;
    }

    /** The next entry is about to be applied, while it is not yet. */
    void ordering(Instant time, Bytes entry, boolean isReplay) {
        boolean isBoundary = time.getEpochSecond() != ledger.time().getEpochSecond();
        if (isBoundary && !isReplay && tree.size() > 0) {
            tip();
        }
        Bytes leaf = new LogLeaf(time, entry).encoded();
        tree.append(MerkleTree.leafHash(leaf));
    }

    long size() {
        return tree.size();
    }

    TileTree tree() {
        return tree;
    }

    /** The roots at the log's end. */
    Checkpoint tip() {
        Checkpoint known = remembered.get(tree.size());
        if (known != null) {
            return known;
        }
        Checkpoint now =
                new Checkpoint(
                        ledger.genesis().network(),
                        tree.size(),
                        ledger.logRoot(),
                        ledger.stateRoot());
        remembered.put(now.size(), now);
        if (remembered.size() > REMEMBERED_MAX) {
            remembered.pollFirstEntry();
        }
        return now;
    }

    /** The newest roots that all trackers remember that have come so far; empty if none yet. */
    Optional<Checkpoint> newest() {
        return Optional.ofNullable(remembered.lastEntry()).map(entry -> entry.getValue());
    }

    /** The roots at this size, if they are known. */
    Optional<Checkpoint> at(long size) {
        return size == tree.size() && size > 0
                ? Optional.of(tip())
                : Optional.ofNullable(remembered.get(size));
    }

    /** The log's root at any size up to its end. */
    Digest logRoot(long size) {
        return tree.head(size).root();
    }
}
