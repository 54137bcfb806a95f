package orb.ledger;

import static orb.kernel.Require.require;

import java.util.ArrayList;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Digest;

/**
 * An append-only hash tree with proofs that a leaf is in it and that an older tree is its
 * beginning.
 *
 * <p>Idea: leaves are hashed as {@code SHA-256(0x00 || leaf)}, pairs as {@code SHA-256(0x01 || left
 * || right)}; a tree of n leaves splits at the largest power of two below n (RFC 9162 section 2.1,
 * unchanged from RFC 6962). Only full subtrees are kept, one list for each height, so appending is
 * amortised two hashes and any range of leaves hashes in logarithmic time. Not thread-safe; the
 * static verifications are.
 */
public final class MerkleTree {
    /** No proof of a tree of up to 2^62 leaves is longer. */
    public static final int PROOF_MAX = 64;

    private static final byte[] LEAF = {0};
    private static final byte[] PAIR = {1};
    private static final Digest EMPTY = Digest.of(Bytes.EMPTY);

    private final List<List<Digest>> full = new ArrayList<>();
    private int size;

    /** The tree over these leaves. */
    public static MerkleTree of(List<Bytes> leaves) {
        MerkleTree tree = new MerkleTree();
        leaves.forEach(tree::append);
        return tree;
    }

    /** The hash that stands for a leaf. */
    public static Digest leafHash(Bytes leaf) {
        return Digest.sha256(LEAF, leaf.array());
    }

    /** The hash that stands for two subtrees, the left one first. */
    public static Digest pairHash(Digest left, Digest right) {
        return Digest.sha256(PAIR, left.bytes().array(), right.bytes().array());
    }

    public void append(Bytes leaf) {
        appendHash(leafHash(leaf));
    }

    /** Appends a leaf of which only the hash is at hand. */
    public void appendHash(Digest leafHash) {
        Digest hash = leafHash;
        int place = size++;
        for (int height = 0; ; height++) {
            if (full.size() == height) {
                full.add(new ArrayList<>());
            }
            List<Digest> row = full.get(height);
            row.add(hash);
            if ((place >> height & 1) == 0) {
                return;
            }
            hash = pairHash(row.get(row.size() - 2), row.getLast());
        }
    }

    /** Number of leaves. */
    public int size() {
        return size;
    }

    /** The tree's root; that of the empty tree is the digest of nothing. */
    public Digest root() {
        return root(size);
    }

    /** The root when it had this many leaves, at most {@link #size}. */
    public Digest root(int leaves) {
        require(leaves >= 0 && leaves <= size, "%d leaves of a tree of %d", leaves, size);
        return leaves == 0 ? EMPTY : range(0, leaves);
    }

    /** The path from a leaf to the root of the first {@code leaves} (RFC 9162 section 2.1.3.1). */
    public List<Digest> inclusion(int index, int leaves) {
        require(
                index >= 0 && index < leaves && leaves <= size,
                "leaf %d of %d in a tree of %d",
                index,
                leaves,
                size);
        List<Digest> path = new ArrayList<>();
        inclusion(index, 0, leaves, path);
        return List.copyOf(path);
    }

    private void inclusion(int index, int from, int to, List<Digest> path) {
        if (to - from == 1) {
            return;
        }
        int middle = from + split(to - from);
        if (index < middle) {
            inclusion(index, from, middle, path);
            path.add(range(middle, to));
        } else {
            inclusion(index, middle, to, path);
            path.add(range(from, middle));
        }
    }

    /**
     * Proof that the tree of the first {@code older} leaves is the beginning of that of the first
     * {@code newer} (RFC 9162 section 2.1.4.1); empty for equal sizes.
     */
    public List<Digest> consistency(int older, int newer) {
        require(
                older >= 1 && older <= newer && newer <= size,
                "sizes %d and %d in a tree of %d",
                older,
                newer,
                size);
        List<Digest> path = new ArrayList<>();
        consistency(older, 0, newer, true, path);
        return List.copyOf(path);
    }

    private void consistency(int older, int from, int to, boolean whole, List<Digest> path) {
        if (older == to) {
            if (!whole) {
                path.add(range(from, to));
            }
            return;
        }
        int middle = from + split(to - from);
        if (older <= middle) {
            consistency(older, from, middle, whole, path);
            path.add(range(middle, to));
        } else {
            consistency(older, middle, to, false, path);
            path.add(range(from, middle));
        }
    }

    private Digest range(int from, int to) {
        int width = to - from;
        if (Integer.bitCount(width) == 1) {
            int height = Integer.numberOfTrailingZeros(width);
            return full.get(height).get(from >> height);
        }
        int middle = from + split(width);
        return pairHash(range(from, middle), range(middle, to));
    }

    /** The largest power of two below a width of at least 2. */
    private static int split(int width) {
        return Integer.highestOneBit(width - 1);
    }

    /** Whether the path leads from this leaf hash to the root (RFC 9162 section 2.1.3.2). */
    public static boolean verifyInclusion(
            Digest leafHash, long index, long size, List<Digest> path, Digest root) {
        if (index < 0 || index >= size) {
            return false;
        }
        long place = index;
        long last = size - 1;
        Digest hash = leafHash;
        for (Digest sibling : path) {
            if (last == 0) {
                return false;
            }
            if ((place & 1) == 1 || place == last) {
                hash = pairHash(sibling, hash);
                while ((place & 1) == 0 && place != 0) {
                    place >>= 1;
                    last >>= 1;
                }
            } else {
                hash = pairHash(hash, sibling);
            }
            place >>= 1;
            last >>= 1;
        }
        return last == 0 && hash.equals(root);
    }

    /**
     * Whether the proof shows that the older tree is the newer one's beginning (RFC 9162 section
     * 2.1.4.2).
     */
    public static boolean verifyConsistency(Head older, Head newer, List<Digest> proof) {
        if (older.size < 1 || older.size > newer.size) {
            return false;
        }
        if (older.size == newer.size) {
            return proof.isEmpty() && older.root.equals(newer.root);
        }
        List<Digest> path = new ArrayList<>(proof);
        if (Long.bitCount(older.size) == 1) {
            path.addFirst(older.root);
        }
        if (path.isEmpty()) {
            return false;
        }
        int skipped = Long.numberOfTrailingZeros(older.size);
        long place = older.size - 1 >> skipped;
        long last = newer.size - 1 >> skipped;
        Digest oldHash = path.getFirst();
        Digest newHash = path.getFirst();
        for (Digest sibling : path.subList(1, path.size())) {
            if (last == 0) {
                return false;
            }
            if ((place & 1) == 1 || place == last) {
                oldHash = pairHash(sibling, oldHash);
                newHash = pairHash(sibling, newHash);
                while ((place & 1) == 0 && place != 0) {
                    place >>= 1;
                    last >>= 1;
                }
            } else {
                newHash = pairHash(newHash, sibling);
            }
            place >>= 1;
            last >>= 1;
        }
        return last == 0 && oldHash.equals(older.root) && newHash.equals(newer.root);
    }

    /** A tree's size and root. */
    public record Head(long size, Digest root) {}

    /** The right edge of a tree: enough to append and to know the root, in 64 hashes at most. */
    static final class Frontier {
        private final List<Digest> peaks = new ArrayList<>();
        private long size;

        void appendHash(Digest leafHash) {
            Digest hash = leafHash;
            for (long place = size++; (place & 1) == 1; place >>= 1) {
                hash = pairHash(peaks.removeLast(), hash);
            }
            peaks.add(hash);
        }

        Head head() {
            if (peaks.isEmpty()) {
                return new Head(0, EMPTY);
            }
            Digest hash = peaks.getLast();
            for (int i = peaks.size() - 2; i >= 0; i--) {
                hash = pairHash(peaks.get(i), hash);
            }
            return new Head(size, hash);
        }
    }
}
