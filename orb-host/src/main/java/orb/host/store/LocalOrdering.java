package orb.host.store;

import java.time.InstantSource;
import java.util.function.Consumer;
import orb.kernel.Result;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Ordering;

/** The local engine: one writer gives entries their order in a hash-chained SQLite log. */
public final class LocalOrdering implements Ordering, AutoCloseable {
    /** @param mailbox gets Ordered and OrderingFailed */
    public static Result<LocalOrdering> open(
            DataFolder folder, InstantSource clock, Consumer<Event> mailbox) { throw new UnsupportedOperationException("not yet written"); }

    @Override public void propose(Effect.Propose effect) { throw new UnsupportedOperationException("not yet written"); }
    /** Throws RefusedException (STORE_DAMAGED with the index) if the chain does not hold. */
    @Override public void replay(Consumer<Event.Ordered> reader) { throw new UnsupportedOperationException("not yet written"); }
    @Override public void close() { throw new UnsupportedOperationException("not yet written"); }
}
