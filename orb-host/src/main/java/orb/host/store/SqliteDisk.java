package orb.host.store;

import static orb.kernel.Require.require;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.message.Incident;
import orb.kernel.port.Disk;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Table;

/**
 * Keeps records in one SQLite file, {@code records.db}, and blobs in files of their own.
 *
 * <p>Records are written by one thread in groups of up to 4,096 or of what comes in within 25 ms,
 * each group one durable transaction that holds the last change of each key: a busy lane changes
 * its row with every call. On a full disk the writer keeps its group and tries again until there is
 * space; what waits is bounded, and beyond the bound new records are dropped, each such spell
 * reported once. Thread-safe. Layout: docs/protocol/storage.md.
 */
public final class SqliteDisk implements Disk, AutoCloseable {
    /** A record's key and value have at most this many bytes together. */
    public static final int RECORD_MAX = 1 << 20;

    private static final int APPLICATION = 0x6f726272; // "orbr"
    private static final GroupWriter.Settings RECORDS =
            new GroupWriter.Settings(
                    "orb-records", 65_536, 64L << 20, 4_096, Duration.ofMillis(25));
    private static final GroupWriter.Settings BLOBS =
            new GroupWriter.Settings("orb-blobs", 1_024, 64L << 20, 1, Duration.ZERO);
    private static final Duration RETRY = Duration.ofMillis(250);

    private final Path file;
    private final Connection connection;
    private final BlobFolder blobs;
    private final Consumer<Event> mailbox;
    private final Consumer<Refusal> trouble;
    private final GroupWriter<Change> records;
    private final GroupWriter<BlobWork> blobWork;
    private volatile State state = State.WRITING;
    private volatile int pagesMax = Integer.MAX_VALUE;

    private enum State {
        WRITING,
        /** The disk is full or the file locked; the writer tries again. */
        WAITING,
        /** As waiting, and records were dropped and this reported. */
        DROPPING,
        /** The file is damaged or cannot be written: nothing is written any more. */
        STOPPED
    }

    /** A value to keep, or none to erase the key. */
    private record Change(Table table, Bytes key, Optional<Bytes> value) {
        int size() {
            return key.length() + value.map(Bytes::length).orElse(0);
        }
    }

    private record Row(Table table, Bytes key) {}

    /** Something to do with a blob, and the bytes that it holds in memory meanwhile. */
    private record BlobWork(int size, Runnable work) {}

    private SqliteDisk(
            Path file,
            Connection connection,
            BlobFolder blobs,
            Consumer<Event> mailbox,
            Consumer<Refusal> trouble)
            throws SQLException {
        this.file = file;
        this.connection = connection;
        this.blobs = blobs;
        this.mailbox = mailbox;
        this.trouble = trouble;
        try (Statement statement = connection.createStatement()) {
            for (String definition : layout().schema()) {
                statement.execute(definition); // a table that is new since the file was made
            }
        }
        records = new GroupWriter<>(RECORDS, Change::size, this::write);
        blobWork =
                new GroupWriter<>(
                        BLOBS, BlobWork::size, group -> group.forEach(item -> item.work().run()));
    }

    /**
     * Opens or makes the store after a check of the whole file.
     *
     * @param mailbox gets {@link Event.BlobStored}, {@link Event.BlobLoaded} and {@link
     *     Event.Noticed}
     * @param trouble gets what has no event of its own: records that cannot be written, blobs that
     *     were found damaged; called from the store's threads
     * @return STORE_DAMAGED, DISK_FULL or STORE_UNUSABLE, naming the file and what to do
     */
    public static Result<SqliteDisk> open(
            DataFolder folder, Consumer<Event> mailbox, Consumer<Refusal> trouble) {
        Path file = folder.records();
        BlobFolder blobs;
        try {
            blobs =
                    new BlobFolder(
                            folder.blobs(),
                            (digest, refusal) -> {
                                trouble.accept(refusal);
                                noticed(digest, refusal).ifPresent(mailbox);
                            });
        } catch (IOException e) {
            return Result.refused(FileFault.refusal(folder.blobs(), e));
        }
        return Database.open(file, layout())
                .then(connection -> {
                    try {
                        return Result.ok(new SqliteDisk(file, connection, blobs, mailbox, trouble));
                    } catch (SQLException e) {
                        return Result.refused(Database.refusal(file, e));
                    }
                });
    }

    /** What a role is told of a blob that cannot be read; a faulty disk alone is no threat. */
    public static Optional<Event> noticed(Digest digest, Refusal refusal) {
        return refusal.code() == ErrorCode.HASH_MISMATCH
                ? Optional.of(
                        new Event.Noticed(
                                Incident.Kind.ARTEFACT_CHANGED,
                                digest,
                                "the stored artefact does not match its digest any more"))
                : Optional.empty();
    }

    @Override
    public void save(Effect.Save effect) {
        require(
                effect.key().length() + effect.value().length() <= RECORD_MAX,
                "a record has at most %d bytes, not %d: keep more as a blob",
                RECORD_MAX,
                effect.key().length() + effect.value().length());
        queue(new Change(effect.table(), effect.key(), Optional.of(effect.value())));
    }

    @Override
    public void erase(Effect.Erase effect) {
        queue(new Change(effect.table(), effect.key(), Optional.empty()));
    }

    @Override
    public void storeBlob(Effect.StoreBlob effect) {
        Digest digest = effect.digest();
        Bytes content = effect.content();
        blobWork.put(
                new BlobWork(
                        content.length(),
                        () ->
                                mailbox.accept(
                                        new Event.BlobStored(
                                                digest, blobs.store(digest, content)))));
    }

    @Override
    public void loadBlob(Effect.LoadBlob effect) {
        Digest digest = effect.digest();
        blobWork.put(
                new BlobWork(
                        0, () -> mailbox.accept(new Event.BlobLoaded(digest, blobs.load(digest)))));
    }

    /** The blobs themselves, for those who need one at once, such as the sandboxes. */
    public BlobFolder blobs() {
        return blobs;
    }

    /**
     * Everything kept, in the order of tables and keys.
     *
     * @throws RefusedException with STORE_DAMAGED if it cannot be read
     */
    @Override
    public NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept() {
        NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept = new TreeMap<>();
        try (Connection reader = Database.connect(file);
                Statement statement = reader.createStatement()) {
            for (Table table : Table.values()) {
                NavigableMap<Bytes, Bytes> rows = new TreeMap<>();
                try (ResultSet read =
                        statement.executeQuery("SELECT key, value, crc FROM " + name(table))) {
                    while (read.next()) {
                        Bytes key = Bytes.wrap(read.getBytes(1));
                        Bytes value = Bytes.wrap(read.getBytes(2));
                        if (read.getLong(3) != crc(table, key, value)) {
                            throw new RefusedException(
                                    Database.damaged(
                                            file, "a bit of a row of " + name(table) + " flipped"));
                        }
                        rows.put(key, value);
                    }
                }
                kept.put(table, rows);
            }
        } catch (SQLException e) {
            throw new RefusedException(Database.refusal(file, e));
        }
        return kept;
    }

    /**
     * Waits until everything saved so far is durable or the store has stopped; on a full disk that
     * is until there is space.
     */
    public void flush() {
        records.flush();
        blobWork.flush();
    }

    /** Writes what waits and closes; on a full disk what waits is reported and given up. */
    @Override
    public void close() {
        blobWork.close();
        records.close();
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("closing " + file, e);
        }
    }

    /** Lets the file grow to this many pages of 4 KiB and no further: a small disk, for tests. */
    void limitPages(int pages) {
        pagesMax = pages;
    }

    private static Database.Layout layout() {
        return new Database.Layout(
                APPLICATION,
                2,
                Arrays.stream(Table.values())
                        .map(table ->
                                "CREATE TABLE IF NOT EXISTS "
                                        + name(table)
                                        + "(key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL, crc"
                                        + " INTEGER NOT NULL) WITHOUT ROWID")
                        .toList());
    }

    private static String name(Table table) {
        return table.name().toLowerCase(Locale.ROOT);
    }

    /**
     * CRC-32C (RFC 3720, appendix B.4) of table, key and value: the file itself has no checksums.
     */
    private static long crc(Table table, Bytes key, Bytes value) {
        CRC32C crc = new CRC32C();
        crc.update(name(table).getBytes(StandardCharsets.US_ASCII));
        crc.update(key.array());
        crc.update(value.array());
        return crc.getValue();
    }

    private void queue(Change change) {
        if (records.offer(change)) {
            return;
        }
        if (state == State.WRITING) {
            records.put(change); // the disk is slower than the role for a moment: let it wait
        } else if (state == State.WAITING) {
            state = State.DROPPING;
            trouble.accept(
                    FileFault.diskFull(
                            file + ": too many records wait for space; later ones are not kept"));
        }
    }

    private void write(List<Change> group) {
        Collection<Change> last = lastOfEachKey(group);
        while (state != State.STOPPED) {
            try {
                commit(last);
                state = State.WRITING;
                return;
            } catch (SQLException e) {
                failed(e, group.size());
            }
            if (records.isClosing()) {
                return;
            }
            records.pause(RETRY);
        }
    }

    private static Collection<Change> lastOfEachKey(List<Change> group) {
        Map<Row, Change> last = new LinkedHashMap<>();
        for (Change change : group) {
            last.put(new Row(change.table(), change.key()), change);
        }
        return last.values();
    }

    private void failed(SQLException failure, int waiting) {
        Refusal refusal = Database.refusal(file, failure);
        if (!Database.mayPass(failure)) {
            state = State.STOPPED;
            trouble.accept(refusal);
        } else if (state == State.WRITING || records.isClosing()) {
            state = State.WAITING;
            String fate = records.isClosing() ? " records are lost" : " records wait";
            trouble.accept(
                    new Refusal(
                            refusal.code(),
                            refusal.what() + "; " + waiting + fate,
                            refusal.next()));
        }
    }

    private void commit(Collection<Change> group) throws SQLException {
        if (pagesMax != Integer.MAX_VALUE) {
            Database.limitPages(connection, pagesMax);
        }
        Map<Table, PreparedStatement> saves = new EnumMap<>(Table.class);
        Map<Table, PreparedStatement> erasures = new EnumMap<>(Table.class);
        try {
            Database.transact(
                    connection,
                    () -> {
                        for (Change change : group) {
                            apply(change, saves, erasures);
                        }
                    });
        } finally {
            for (Map<Table, PreparedStatement> prepared : List.of(saves, erasures)) {
                for (PreparedStatement statement : prepared.values()) {
                    statement.close();
                }
            }
        }
    }

    /** Statements are prepared for each group: the driver discards one that has failed. */
    private void apply(
            Change change,
            Map<Table, PreparedStatement> saves,
            Map<Table, PreparedStatement> erasures)
            throws SQLException {
        Table table = change.table();
        Map<Table, PreparedStatement> prepared = change.value().isPresent() ? saves : erasures;
        PreparedStatement statement = prepared.get(table);
        if (statement == null) {
            statement =
                    connection.prepareStatement(
                            change.value().isPresent()
                                    ? "INSERT OR REPLACE INTO " + name(table) + " VALUES(?, ?, ?)"
                                    : "DELETE FROM " + name(table) + " WHERE key = ?");
            prepared.put(table, statement);
        }
        statement.setBytes(1, change.key().array());
        if (change.value().isPresent()) {
            Bytes value = change.value().get();
            statement.setBytes(2, value.array());
            statement.setLong(3, crc(table, change.key(), value));
        }
        statement.executeUpdate();
    }
}
