package orb.ledger.proof;

import java.util.Optional;
import orb.kernel.Bytes;

/**
 * Where tiles come from: a tracker's memory, a folder, a web site. What it gives is believed by
 * nobody before it leads to a signed root.
 */
@FunctionalInterface
public interface TileSource {
    /** The file of this path; empty if it is not there. */
    Optional<Bytes> read(TilePath path);

    /**
     * The file of this path, or the full one that it has become: a log that has grown need not keep
     * its partial tiles. Then there is more in it than the path says.
     */
    default Optional<Bytes> find(TilePath path) {
        return read(path).or(() -> read(path.filled()));
    }
}
