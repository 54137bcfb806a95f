package orb.sandbox;

/**
 * The memory that a thread's last invocation left behind, for its next one.
 *
 * <p>A fresh array for each invocation would be most of what a call allocates: it is cleared twice,
 * by the JVM and by the image, lies outside of the processor's cache, and makes the heap grow.
 * Nothing of one guest reaches the next, because {@link FlatMemory} writes every byte of what it is
 * given before a guest sees it. At most one array of at most {@value #BYTES_MAX} bytes is kept a
 * thread. Thread-safe.
 */
final class SpareMemory {
    /** Compilers start modules with 1 to 17 pages; larger ones take their time anyway. */
    private static final int BYTES_MAX = 2 << 20;

    private static final byte[] NONE = {};

    private final ThreadLocal<byte[]> spare = ThreadLocal.withInitial(() -> NONE);

    /** An array of exactly this length, its content of no meaning; it is the caller's alone. */
    byte[] take(int length) {
        byte[] kept = spare.get();
        if (kept.length != length || length == 0) {
            return new byte[length];
        }
        spare.set(NONE);
        return kept;
    }

    /** Gives an array back that nobody reads or writes any more. */
    void give(byte[] room) {
        if (room.length > 0 && room.length <= BYTES_MAX) {
            spare.set(room);
        }
    }
}
