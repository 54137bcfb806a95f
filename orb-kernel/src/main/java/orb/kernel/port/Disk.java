package orb.kernel.port;

import java.util.NavigableMap;
import orb.kernel.Bytes;

/**
 * What a peer keeps: small records by table and key, and blobs by digest. Reports {@link
 * Event.BlobStored} and {@link Event.BlobLoaded}. Records become durable in order, in groups; a
 * crash may lose the last group, never one before it. Thread-safe.
 */
public interface Disk {
    void save(Effect.Save effect);

    void erase(Effect.Erase effect);

    void storeBlob(Effect.StoreBlob effect);

    void loadBlob(Effect.LoadBlob effect);

    /** Everything kept, for {@link Event.Started}; read once, before anything is saved. */
    NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept();
}
