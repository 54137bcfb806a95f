package orb.ledger.proof;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.ledger.MerkleTree;

/**
 * The growing tree of a log, kept as its tiles: 32 bytes for each entry and an eighth of a byte
 * more. What it gives as a {@link TileSource} is what C2SP tlog-tiles serves. Not thread-safe.
 */
public final class TileTree implements TileSource {
    private final List<Level> levels = new ArrayList<>();
    private long size;

    /** The full tiles of a level, and the one that is being filled. */
    private static final class Level {
        private final List<Bytes> full = new ArrayList<>();
        private final byte[] open = new byte[TilePath.WIDTH * Digest.LENGTH];
        private int width;

        /** The tile that this hash completed. */
        Optional<Bytes> add(Digest hash) {
            System.arraycopy(hash.bytes().array(), 0, open, width++ * Digest.LENGTH, Digest.LENGTH);
            if (width < TilePath.WIDTH) {
                return Optional.empty();
            }
            width = 0;
            full.add(Bytes.of(open));
            return Optional.of(full.getLast());
        }

        Optional<Bytes> read(long index, int length) {
            if (index < full.size()) {
                return Optional.of(full.get((int) index).slice(0, length));
            }
            return index == full.size() && length <= width * Digest.LENGTH
                    ? Optional.of(Bytes.wrap(Arrays.copyOf(open, length)))
                    : Optional.empty();
        }
    }

    /** Appends the hash of a leaf. */
    public void append(Digest leafHash) {
        size++;
        Optional<Digest> hash = Optional.of(leafHash);
        for (int level = 0; hash.isPresent(); level++) {
            if (levels.size() == level) {
                levels.add(new Level());
            }
            hash = levels.get(level).add(hash.get()).map(TileReader::rootOf);
        }
    }

    /** Number of leaves. */
    public long size() {
        return size;
    }

    /** Root and proofs of the first {@code leaves}, at most {@link #size}. */
    public TileReader at(long leaves) {
        return new TileReader(this, leaves);
    }

    /** Size and root when it had this many leaves. */
    public MerkleTree.Head head(long leaves) {
        return new MerkleTree.Head(leaves, at(leaves).root());
    }

    /** Tiles of hashes, full or any beginning of one; entries are not kept here. */
    @Override
    public Optional<Bytes> read(TilePath path) {
        return path.level() >= 0 && path.level() < levels.size()
                ? levels.get(path.level()).read(path.index(), path.length())
                : Optional.empty();
    }
}
