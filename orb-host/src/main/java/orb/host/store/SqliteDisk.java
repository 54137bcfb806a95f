package orb.host.store;

import java.util.NavigableMap;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.port.Disk;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Table;

/** Keeps records in one SQLite file and blobs in files of their own. */
public final class SqliteDisk implements Disk, AutoCloseable {
    /**
     * @param mailbox gets BlobStored and BlobLoaded
     * @param trouble gets what has no event of its own: records that cannot be written
     */
    public static Result<SqliteDisk> open(
            DataFolder folder, Consumer<Event> mailbox, Consumer<Refusal> trouble) { throw new UnsupportedOperationException("not yet written"); }

    @Override public void save(Effect.Save effect) { throw new UnsupportedOperationException("not yet written"); }
    @Override public void erase(Effect.Erase effect) { throw new UnsupportedOperationException("not yet written"); }
    @Override public void storeBlob(Effect.StoreBlob effect) { throw new UnsupportedOperationException("not yet written"); }
    @Override public void loadBlob(Effect.LoadBlob effect) { throw new UnsupportedOperationException("not yet written"); }
    @Override public NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept() { throw new UnsupportedOperationException("not yet written"); }

    /** Waits until everything saved so far is durable. */
    public void flush() { throw new UnsupportedOperationException("not yet written"); }

    /** Flushes and closes. */
    @Override public void close() { throw new UnsupportedOperationException("not yet written"); }
}
