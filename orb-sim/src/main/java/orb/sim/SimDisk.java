package orb.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.port.Effect;
import orb.kernel.port.Table;

/**
 * A disk that outlives its process: records reach it in groups, and a crash loses the group that
 * was not synced. Blobs are durable once they are reported stored.
 */
final class SimDisk {
    private final NavigableMap<Table, NavigableMap<Bytes, Bytes>> records = new TreeMap<>();
    private final NavigableMap<Digest, Bytes> blobs = new TreeMap<>();
    private final List<Effect> unsynced = new ArrayList<>();
    private final List<LoggedEntry> log = new ArrayList<>();
    private final List<LoggedEntry> unsyncedLog = new ArrayList<>();

    /** An entry with the time that it got its place. */
    record LoggedEntry(java.time.Instant at, Bytes entry) {}

    void save(Effect.Save save) {
        unsynced.add(save);
    }

    void erase(Effect.Erase erase) {
        unsynced.add(erase);
    }

    /** Makes everything so far durable. */
    void sync() {
        for (Effect effect : unsynced) {
            switch (effect) {
                case Effect.Save(var table, var key, var value) -> table(table).put(key, value);
                case Effect.Erase(var table, var key) -> table(table).remove(key);
                default -> throw new IllegalStateException("not a write: " + effect);
            }
        }
        unsynced.clear();
    }

    void append(LoggedEntry entry) {
        unsyncedLog.add(entry);
    }

    /** Makes the log's end durable and returns what was added, in order. */
    List<LoggedEntry> syncLog() {
        List<LoggedEntry> added = List.copyOf(unsyncedLog);
        log.addAll(added);
        unsyncedLog.clear();
        return added;
    }

    /** How many entries were appended, whether durable yet or not. */
    int logged() {
        return log.size() + unsyncedLog.size();
    }

    List<LoggedEntry> log() {
        return List.copyOf(log);
    }

    void store(Digest digest, Bytes content) {
        blobs.put(digest, content);
    }

    Optional<Bytes> load(Digest digest) {
        return Optional.ofNullable(blobs.get(digest));
    }

    /** What a crash leaves: without lost writes the operating system still had everything. */
    void crash(boolean losesWrites) {
        if (losesWrites) {
            unsynced.clear();
        } else {
            sync();
        }
        unsyncedLog.clear();
    }

    NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept() {
        NavigableMap<Table, NavigableMap<Bytes, Bytes>> copy = new TreeMap<>();
        records.forEach((table, rows) -> copy.put(table, new TreeMap<>(rows)));
        return copy;
    }

    private NavigableMap<Bytes, Bytes> table(Table table) {
        return records.computeIfAbsent(table, t -> new TreeMap<>());
    }
}
