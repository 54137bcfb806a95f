package orb.host.net;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import orb.kernel.Bytes;

/**
 * Gathers bytes that arrive in pieces, and holds no more memory than twice what has arrived: a peer
 * that announces much and sends little costs little. Not thread-safe.
 */
public final class Gathering {
    private static final byte[] NOTHING = new byte[0];

    /** What became of a piece. */
    public enum Added {
        /** It is in. */
        YES,
        /** With it there would be more than the bound; nothing was taken. */
        TOO_LARGE,
        /** The budget is used up; nothing was taken. */
        NO_MEMORY
    }

    private final MemoryBudget budget;
    private final int bytesMax;
    private byte[] array = NOTHING;
    private int length;

    /** Nothing yet, and at most {@code bytesMax} in the end. */
    public Gathering(MemoryBudget budget, int bytesMax) {
        this.budget = budget;
        this.bytesMax = bytesMax;
    }

    /** Copies all readable bytes of the piece and moves its reader index. */
    public Added add(ByteBuf piece) {
        int more = piece.readableBytes();
        if (more > bytesMax - length) {
            return Added.TOO_LARGE;
        }
        if (length + more > array.length) {
            // the first piece is often the whole: give it an array of its very size
            int capacity =
                    length == 0 ? more : (int) Math.min(bytesMax, 2L * (length + (long) more));
            if (!budget.take(capacity - array.length)) {
                return Added.NO_MEMORY;
            }
            array = Arrays.copyOf(array, capacity);
        }
        piece.readBytes(array, length, more);
        length += more;
        return Added.YES;
    }

    /** Bytes gathered so far. */
    public int length() {
        return length;
    }

    /** What was gathered; gives the memory back to the budget, since its owner takes over. */
    public Bytes finish() {
        Bytes whole = Bytes.wrap(length == array.length ? array : Arrays.copyOf(array, length));
        drop();
        return whole;
    }

    /** Forgets what was gathered. */
    public void drop() {
        budget.give(array.length);
        array = NOTHING;
        length = 0;
    }
}
