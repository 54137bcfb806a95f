package orb.host.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.port.Event;

/**
 * The hash-chained SQLite log that both ordering engines append to.
 *
 * <p>Each row holds the entry, its time and a link: SHA-256 over the previous link, the index, the
 * time and the entry. So a row that was changed, moved or taken out of the middle is found at the
 * next replay; rows cut off at the end are not, which is what signed checkpoints are for. Layout:
 * docs/protocol/storage.md.
 *
 * <p>One thread appends; {@link #replay}, {@link #read} and {@link #tail} serve any thread.
 */
public final class EntryLog implements AutoCloseable {
    private static final int APPLICATION = 0x6f72626c; // "orbl"
    private static final Database.Layout LAYOUT =
            new Database.Layout(
                    APPLICATION,
                    1,
                    List.of(
                            "CREATE TABLE log(idx INTEGER PRIMARY KEY, at_millis INTEGER NOT NULL, "
                                    + "entry BLOB NOT NULL, link BLOB NOT NULL)"));

    private final Path file;
    private final Connection connection;
    private volatile LogTail tail;
    private volatile Optional<Refusal> stopped = Optional.empty();

    /**
     * An entry and when it came.
     *
     * @param atMillis since 1970; one before the last row's time becomes that one's
     */
    public record Timed(long atMillis, Bytes entry) {}

    private EntryLog(Path file, Connection connection) throws SQLException {
        this.file = file;
        this.connection = connection;
        tail = lastTail();
    }

    /**
     * Opens or makes the log after a check of the whole file.
     *
     * @return STORE_DAMAGED, DISK_FULL or STORE_UNUSABLE, naming the file and what to do
     */
    public static Result<EntryLog> open(DataFolder folder) {
        Path file = folder.log();
        return Database.open(file, LAYOUT)
                .then(connection -> {
                    try {
                        return Result.ok(new EntryLog(file, connection));
                    } catch (SQLException e) {
                        return Result.refused(Database.refusal(file, e));
                    } catch (RefusedException e) {
                        return Result.refused(e.refusal());
                    }
                });
    }

    /** The end of what is durable. */
    public LogTail tail() {
        return tail;
    }

    /**
     * Appends a group in one durable commit, or nothing of it.
     *
     * <p>A full disk or a locked file refuses this group alone (see {@link #isStopped}). After any
     * other failure nobody can know what the disk holds (a failed sync may have kept or lost
     * pages), so the log refuses everything until the next start reads it anew.
     */
    public Result<List<Event.Ordered>> append(List<Timed> group) {
        if (stopped.isPresent()) {
            return Result.refused(stopped.get());
        }
        try {
            List<Event.Ordered> ordered = new ArrayList<>(group.size());
            LogTail[] after = {tail};
            Database.transact(connection, () -> after[0] = insert(group, ordered));
            tail = after[0];
            return Result.ok(ordered);
        } catch (SQLException e) {
            Refusal refusal = Database.refusal(file, e);
            if (!Database.mayPass(e)) {
                stopped = Optional.of(refusal);
            }
            return Result.refused(refusal);
        }
    }

    /**
     * Whether nothing is appended any more: an append failed, and nobody can know what the disk
     * holds. While this is false, a refused {@link #append} changed nothing and may be tried again.
     */
    public boolean isStopped() {
        return stopped.isPresent();
    }

    /**
     * Reads the log from its start and checks every link.
     *
     * @throws RefusedException with STORE_DAMAGED and the index where the chain does not hold
     */
    public void replay(Consumer<Event.Ordered> reader) {
        LogTail[] read = {LogTail.START};
        try (Connection rows = Database.connect(file);
                Statement statement = rows.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT idx, at_millis, entry, link FROM log ORDER BY idx")) {
            while (row.next()) {
                Bytes entry = Bytes.wrap(row.getBytes(3));
                long at = row.getLong(2);
                LogTail after = read[0].then(at, entry);
                if (row.getLong(1) != read[0].next()
                        || at != after.atMillis()
                        || !after.link().bytes().equals(Bytes.wrap(row.getBytes(4)))) {
                    throw damagedAt(read[0].next());
                }
                reader.accept(new Event.Ordered(read[0].next(), Instant.ofEpochMilli(at), entry));
                read[0] = after;
            }
        } catch (SQLException e) {
            throw unreadable(e, read[0].next());
        }
    }

    /**
     * Reads rows one after the other.
     *
     * @param from index of the first
     * @param countMax how many at most; fewer come at the end of the log
     * @throws RefusedException if the file cannot be read
     */
    public List<Timed> read(long from, int countMax) {
        List<Timed> read = new ArrayList<>();
        try (Connection rows = Database.connect(file);
                PreparedStatement statement =
                        rows.prepareStatement(
                                "SELECT at_millis, entry FROM log WHERE idx >= ? ORDER BY idx"
                                        + " LIMIT ?")) {
            statement.setLong(1, from);
            statement.setInt(2, countMax);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    read.add(new Timed(row.getLong(1), Bytes.wrap(row.getBytes(2))));
                }
            }
            return read;
        } catch (SQLException e) {
            throw unreadable(e, from);
        }
    }

    /** As {@link #read}, each with its index. */
    public List<Event.Ordered> ordered(long from, int countMax) {
        List<Event.Ordered> ordered = new ArrayList<>();
        for (Timed row : read(from, countMax)) {
            Instant at = Instant.ofEpochMilli(row.atMillis());
            ordered.add(new Event.Ordered(from + ordered.size(), at, row.entry()));
        }
        return ordered;
    }

    /**
     * The tail that the log had once {@code next} entries were in it; empty if it has fewer. For
     * the thread that appends.
     *
     * @throws RefusedException if the file cannot be read
     */
    public Optional<LogTail> tailAt(long next) {
        if (next == 0 || next == tail.next()) {
            return Optional.of(next == 0 ? LogTail.START : tail);
        }
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT at_millis, link FROM log WHERE idx = ?")) {
            statement.setLong(1, next - 1);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(tail(next, row.getLong(1), row.getBytes(2)))
                        : Optional.empty();
            }
        } catch (SQLException e) {
            throw unreadable(e, next);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("closing " + file, e);
        }
    }

    /** Lets the file grow to this many pages of 4 KiB and no further: a small disk, for tests. */
    void limitPages(int pages) {
        try {
            Database.limitPages(connection, pages);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private LogTail insert(List<Timed> group, List<Event.Ordered> ordered) throws SQLException {
        LogTail after = tail;
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO log VALUES(?, ?, ?, ?)")) {
            for (Timed timed : group) {
                insert.setLong(1, after.next());
                after = after.then(timed.atMillis(), timed.entry());
                Instant at = Instant.ofEpochMilli(after.atMillis());
                ordered.add(new Event.Ordered(after.next() - 1, at, timed.entry()));
                insert.setLong(2, after.atMillis());
                insert.setBytes(3, timed.entry().array());
                insert.setBytes(4, after.link().bytes().array());
                insert.executeUpdate();
            }
        }
        return after;
    }

    private LogTail lastTail() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT idx, at_millis, link FROM log ORDER BY idx DESC LIMIT 1")) {
            return row.next()
                    ? tail(row.getLong(1) + 1, row.getLong(2), row.getBytes(3))
                    : LogTail.START;
        }
    }

    private LogTail tail(long next, long atMillis, byte[] link) {
        if (link.length != Digest.LENGTH) {
            throw damagedAt(next - 1);
        }
        return new LogTail(next, atMillis, new Digest(Bytes.wrap(link)));
    }

    private RefusedException unreadable(SQLException failure, long index) {
        Refusal refusal = Database.refusal(file, failure);
        return new RefusedException(
                new Refusal(refusal.code(), refusal.what() + " at index " + index, refusal.next()));
    }

    private RefusedException damagedAt(long index) {
        return new RefusedException(
                Database.damaged(file, "the chain of entries does not hold at index " + index));
    }
}
