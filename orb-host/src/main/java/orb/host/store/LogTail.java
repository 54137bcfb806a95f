package orb.host.store;

import static orb.kernel.Require.require;

import java.nio.ByteBuffer;
import orb.kernel.Bytes;
import orb.kernel.Digest;

/**
 * The end of an ordered log: all that is needed to append to it, and to tell two logs apart.
 *
 * <p>Two logs with equal tails hold the same entries at the same indexes with the same times,
 * because each link covers the one before. Immutable.
 *
 * @param next the index that the next entry gets; 0 for an empty log
 * @param atMillis time of the last entry in milliseconds since 1970, 0 for an empty log
 * @param link link of the last row, zero for an empty log
 */
public record LogTail(long next, long atMillis, Digest link) {
    public static final LogTail START = new LogTail(0, 0, Digest.ZERO);

    /** Bytes of {@link #encoded}. */
    public static final int LENGTH = 16 + Digest.LENGTH;

    public LogTail {
        require(next >= 0 && atMillis >= 0, "a tail is not negative: %d at %d", next, atMillis);
    }

    /** The tail after one more entry; a time before the last entry's becomes that one's. */
    public LogTail then(long millis, Bytes entry) {
        long at = Math.max(atMillis, millis);
        byte[] head = ByteBuffer.allocate(16).putLong(next).putLong(at).array();
        return new LogTail(next + 1, at, Digest.sha256(link.bytes().array(), head, entry.array()));
    }

    /** {@code next}, {@code atMillis} as 8 bytes big-endian each, then the link. */
    public Bytes encoded() {
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
        bytes.putLong(next).putLong(atMillis).put(link.bytes().array());
        return Bytes.wrap(bytes.array());
    }

    /**
     * Reads what {@link #encoded} wrote.
     *
     * @throws IllegalArgumentException for another length or a negative number
     */
    public static LogTail decode(Bytes bytes) {
        require(bytes.length() == LENGTH, "a tail has %d bytes, not %d", LENGTH, bytes.length());
        ByteBuffer from = ByteBuffer.wrap(bytes.array());
        return new LogTail(
                from.getLong(), from.getLong(), new Digest(bytes.slice(16, bytes.length())));
    }
}
