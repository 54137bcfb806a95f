package orb.ledger.proof;

import static orb.kernel.Require.require;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Result;

/**
 * A bundle of log entries (C2SP tlog-tiles): each a length in two bytes, big-endian, and the bytes
 * that the tree hashes as a leaf.
 */
public final class EntryBundle {
    private static final int LENGTH_MAX = 0xffff;

    private EntryBundle() {}

    /** The bundle of 1..256 leaves, each at most 65,535 bytes. */
    public static Bytes of(List<Bytes> leaves) {
        require(
                !leaves.isEmpty() && leaves.size() <= TilePath.WIDTH,
                "a bundle has 1..%d entries, not %d",
                TilePath.WIDTH,
                leaves.size());
        ByteBuffer bundle =
                ByteBuffer.allocate(leaves.stream().mapToInt(leaf -> 2 + leaf.length()).sum());
        for (Bytes leaf : leaves) {
            require(leaf.length() <= LENGTH_MAX, "a leaf of %d bytes", leaf.length());
            bundle.putShort((short) leaf.length()).put(leaf.array());
        }
        return Bytes.wrap(bundle.array());
    }

    /** Reads a bundle of 1..256 leaves, strictly; {@code ORB-0001} for anything else. */
    public static Result<List<Bytes>> read(Bytes bundle) {
        List<Bytes> leaves = new ArrayList<>();
        int at = 0;
        while (at < bundle.length()) {
            if (leaves.size() == TilePath.WIDTH || bundle.length() - at < 2) {
                return malformed();
            }
            int length = Byte.toUnsignedInt(bundle.at(at)) << 8 | bundle.at(at + 1) & 0xff;
            at += 2;
            if (bundle.length() - at < length) {
                return malformed();
            }
            leaves.add(bundle.slice(at, at + length));
            at += length;
        }
        return leaves.isEmpty() ? malformed() : Result.ok(List.copyOf(leaves));
    }

    private static Result<List<Bytes>> malformed() {
        return Result.refused(ErrorCode.MALFORMED_BYTES, "this is no bundle of log entries");
    }
}
