package orb.sandbox;

import java.lang.ref.SoftReference;
import java.util.Optional;

/**
 * The memory that a thread's last invocation left behind, for its next one.
 *
 * <p>A fresh array for each invocation would be most of what a call allocates: it is cleared twice,
 * by the JVM and by the image, lies outside of the processor's cache, and makes the heap grow.
 * Nothing of one guest reaches the next, because {@link FlatMemory} writes every byte of what it is
 * given before a guest sees it. At most one array is kept a thread, of at most {@value #BYTES_MAX}
 * bytes, and only while the heap has room for it. Thread-safe.
 */
final class SpareMemory {
    private static final int BYTES_MAX = 64 << 20;
    private static final SoftReference<byte[]> NONE = new SoftReference<>(new byte[0]);

    private final ThreadLocal<SoftReference<byte[]>> spare = ThreadLocal.withInitial(() -> NONE);

    /** An array of exactly this length, its content of no meaning; it is the caller's alone. */
    byte[] take(int length) {
        Optional<byte[]> kept =
                Optional.ofNullable(spare.get().get()).filter(room -> room.length == length);
        if (kept.isEmpty() || length == 0) {
            return new byte[length];
        }
        spare.set(NONE);
        return kept.get();
    }

    /** Gives an array back that nobody reads or writes any more. */
    void give(byte[] room) {
        if (room.length > 0 && room.length <= BYTES_MAX) {
            spare.set(new SoftReference<>(room));
        }
    }
}
