package orb.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.port.Effect;
import orb.kernel.port.Table;

/**
 * A disk that outlives its process: records reach it in groups, and a crash loses the group that
 * was not synced, or a part of it. Blobs are durable once they are reported stored; a bit of one
 * may flip later, which is found when it is read.
 */
final class SimDisk {
    private final NavigableMap<Table, NavigableMap<Bytes, Bytes>> records = new TreeMap<>();
    private final NavigableMap<Digest, Bytes> blobs = new TreeMap<>();
    private final List<Effect> unsynced = new ArrayList<>();
    private final List<LoggedEntry> log = new ArrayList<>();
    private final List<LoggedEntry> unsyncedLog = new ArrayList<>();

    /** What a crash leaves of the writes that were not synced. */
    enum Crash {
        /**
         * The operating system still had the records; log entries that nobody heard of are gone.
         */
        KEEPS,
        /** Nothing. */
        LOSES,
        /** The first of them: the disk was at work. */
        TEARS
    }

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

    /** A blob as it is now; a damaged one is found here for the last time. */
    Optional<Bytes> load(Digest digest) {
        Optional<Bytes> found = Optional.ofNullable(blobs.get(digest));
        if (found.isPresent() && !Digest.of(found.get()).equals(digest)) {
            blobs.remove(digest);
        }
        return found;
    }

    /** Whether a blob is here as it was stored. */
    boolean isIntact(Digest digest) {
        return Optional.ofNullable(blobs.get(digest)).map(Digest::of).equals(Optional.of(digest));
    }

    /** Flips one bit of one of these blobs, if any is here. */
    void rot(Predicate<Digest> which, RandomGenerator chance) {
        List<Map.Entry<Digest, Bytes>> all =
                blobs.entrySet().stream().filter(each -> which.test(each.getKey())).toList();
        if (!all.isEmpty()) {
            Map.Entry<Digest, Bytes> victim = all.get(chance.nextInt(all.size()));
            byte[] content = victim.getValue().array().clone();
            content[chance.nextInt(content.length)] ^= (byte) (1 << chance.nextInt(8));
            blobs.put(victim.getKey(), Bytes.wrap(content));
        }
    }

    void crash(Crash how, RandomGenerator chance) {
        switch (how) {
            case KEEPS -> {
                sync();
                unsyncedLog.clear();
            }
            case LOSES -> {
                unsynced.clear();
                unsyncedLog.clear();
            }
            case TEARS -> {
                tear(unsynced, chance);
                tear(unsyncedLog, chance);
                sync();
                syncLog();
            }
        }
    }

    private static void tear(List<?> writes, RandomGenerator chance) {
        writes.subList(chance.nextInt(writes.size() + 1), writes.size()).clear();
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
