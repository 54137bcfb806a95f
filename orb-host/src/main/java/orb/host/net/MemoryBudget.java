package orb.host.net;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import orb.kernel.ByteSize;

/**
 * A bound on memory that strangers make this process hold, such as half-received messages.
 *
 * <p>A budget may be part of a larger one; what is taken counts in both. Thread-safe.
 */
public final class MemoryBudget {
    private final long bytesMax;
    private final Optional<MemoryBudget> whole;
    private final AtomicLong taken = new AtomicLong();

    /** A budget of its own. */
    public MemoryBudget(ByteSize bytesMax) {
        this.bytesMax = bytesMax.bytes();
        whole = Optional.empty();
    }

    private MemoryBudget(ByteSize bytesMax, MemoryBudget whole) {
        this.bytesMax = bytesMax.bytes();
        this.whole = Optional.of(whole);
    }

    /** A smaller budget within this one. */
    public MemoryBudget part(ByteSize size) {
        return new MemoryBudget(size, this);
    }

    /** Takes bytes, or returns false and takes none. */
    public boolean take(long bytes) {
        if (taken.addAndGet(bytes) > bytesMax) {
            taken.addAndGet(-bytes);
            return false;
        }
        if (whole.isPresent() && !whole.get().take(bytes)) {
            taken.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Gives back what was taken. */
    public void give(long bytes) {
        taken.addAndGet(-bytes);
        whole.ifPresent(larger -> larger.give(bytes));
    }

    /** Bytes taken at present; a snapshot. */
    public long taken() {
        return taken.get();
    }
}
