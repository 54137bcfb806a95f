package orb.ledger.proof;

import static orb.kernel.Require.require;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.ledger.MerkleTree;

/**
 * Root and proofs of a tree of one size, out of its tiles.
 *
 * <p>Idea: every subtree of RFC 9162 whose width is a power of two, and whose place is a multiple
 * of it, lies within one tile: it is the root over a run of that tile's hashes. All other ranges
 * split at the largest power of two below their width, as in {@link MerkleTree}. Nothing here is
 * checked against a signed root: that is the caller's. Tiles are read once; not thread-safe.
 */
public final class TileReader {
    private static final Digest EMPTY = Digest.of(Bytes.EMPTY);
    private static final int HEIGHT = 8;
    private static final int KEPT_MAX = 64;

    private final TileSource source;
    private final long size;
    private final Map<TilePath, Bytes> kept = new LinkedHashMap<>();

    /** Reads the tree of the first {@code size} entries. */
    public TileReader(TileSource source, long size) {
        require(size >= 0, "a tree has no %d entries", size);
        this.source = source;
        this.size = size;
    }

    /** The tree's root; of an empty one the digest of nothing. */
    public Digest root() {
        return size == 0 ? EMPTY : range(0, size);
    }

    /** The hash that the tree has for an entry. */
    public Digest leaf(long index) {
        require(index >= 0 && index < size, "entry %d of %d", index, size);
        return range(index, index + 1);
    }

    /** The path from an entry to the root (RFC 9162 section 2.1.3.1). */
    public List<Digest> inclusion(long index) {
        require(index >= 0 && index < size, "entry %d of %d", index, size);
        List<Digest> path = new ArrayList<>();
        long from = 0;
        long to = size;
        while (to - from > 1) {
            long middle = from + split(to - from);
            if (index < middle) {
                path.addFirst(range(middle, to));
                to = middle;
            } else {
                path.addFirst(range(from, middle));
                from = middle;
            }
        }
        return List.copyOf(path);
    }

    /** Proof that the first {@code older} entries are this tree's beginning (2.1.4.1). */
    public List<Digest> consistency(long older) {
        require(older >= 1 && older <= size, "sizes %d and %d", older, size);
        List<Digest> path = new ArrayList<>();
        long from = 0;
        long to = size;
        boolean isWhole = true;
        while (older < to) {
            long middle = from + split(to - from);
            if (older <= middle) {
                path.addFirst(range(middle, to));
                to = middle;
            } else {
                path.addFirst(range(from, middle));
                from = middle;
                isWhole = false;
            }
        }
        if (!isWhole) {
            path.addFirst(range(from, to));
        }
        return List.copyOf(path);
    }

    /** The root over all hashes of a full tile, or of a run of them that is a power of two. */
    static Digest rootOf(Bytes hashes) {
        return rootOf(hashes, 0, hashes.length() / Digest.LENGTH);
    }

    private static Digest rootOf(Bytes tile, int from, int to) {
        if (to - from == 1) {
            return new Digest(tile.slice(from * Digest.LENGTH, to * Digest.LENGTH));
        }
        int middle = (from + to) / 2;
        return MerkleTree.pairHash(rootOf(tile, from, middle), rootOf(tile, middle, to));
    }

    private Digest range(long from, long to) {
        long width = to - from;
        if (Long.bitCount(width) != 1) {
            long middle = from + split(width);
            return MerkleTree.pairHash(range(from, middle), range(middle, to));
        }
        int level = Long.numberOfTrailingZeros(width) / HEIGHT;
        long place = from >> HEIGHT * level;
        TilePath path = TilePath.holding(level, place, size);
        int start = (int) (place - path.first());
        return rootOf(tile(path), start, start + (int) (width >> HEIGHT * level));
    }

    /**
     * A tile, by its exact width or as the full one that it has become since.
     *
     * @throws RefusedException {@code LOG_BROKEN} if it is not there or too short
     */
    Bytes tile(TilePath path) {
        Bytes before = kept.get(path);
        if (before != null) {
            return before;
        }
        Bytes tile = source.find(path).orElseThrow(() -> broken(path, "is not there"));
        if (tile.length() != path.length() && tile.length() != path.filled().length()) {
            throw broken(path, "has " + tile.length() + " bytes");
        }
        Bytes needed = tile.slice(0, path.length());
        kept.put(path, needed);
        if (kept.size() > KEPT_MAX) {
            kept.remove(kept.keySet().iterator().next());
        }
        return needed;
    }

    static RefusedException broken(TilePath path, String how) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.LOG_BROKEN,
                        path + " " + how,
                        "read the log from another tracker, and compare"));
    }

    /** The largest power of two below a width of at least 2. */
    private static long split(long width) {
        return Long.highestOneBit(width - 1);
    }
}
