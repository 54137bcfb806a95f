package orb.host.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import orb.kernel.Bytes;
import orb.kernel.Result;

/**
 * Spaces of sealed rows with a quota each, in the file {@code spaces.db} of a data folder; whoever
 * calls seals what it gives. Layout: docs/protocol/storage.md.
 *
 * <p>A change is durable when the call returns. What a space holds is counted in the same
 * transaction, so its quota is exact also after a crash. Thread-safe; one call at a time.
 */
public final class SpaceFile implements AutoCloseable {
    private static final Database.Layout LAYOUT =
            new Database.Layout(
                    0x6f726273, // "orbs"
                    1,
                    List.of(
                            "CREATE TABLE rows(space BLOB NOT NULL, name BLOB NOT NULL,"
                                    + " sealed BLOB NOT NULL, size INTEGER NOT NULL,"
                                    + " PRIMARY KEY(space, name)) WITHOUT ROWID",
                            "CREATE TABLE spaces(space BLOB NOT NULL PRIMARY KEY,"
                                    + " used INTEGER NOT NULL) WITHOUT ROWID"));

    private final Path file;
    private final Connection connection;
    private final ReentrantLock lock = new ReentrantLock();

    private SpaceFile(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /**
     * A row.
     *
     * @param space whose it is
     * @param name within the space
     * @param size what it counts, which need not be the length of what is sealed
     */
    public record Row(Bytes space, Bytes name, Bytes sealed, long size) {}

    /** Opens the file, made if needed; STORE_DAMAGED, STORE_UNUSABLE or DISK_FULL otherwise. */
    public static Result<SpaceFile> open(DataFolder folder) {
        Path file = folder.path().resolve("spaces.db");
        return Database.open(file, LAYOUT).map(connection -> new SpaceFile(file, connection));
    }

    /** What is sealed under a name. */
    public Result<Optional<Bytes>> find(Bytes space, Bytes name) {
        return guarded(() -> {
            try (PreparedStatement find =
                    prepared("SELECT sealed FROM rows WHERE space=? AND name=?", space, name)) {
                try (ResultSet row = find.executeQuery()) {
                    return row.next() ? Optional.of(Bytes.wrap(row.getBytes(1))) : Optional.empty();
                }
            }
        });
    }

    /** Everything in a space, at most {@code countMax} rows, in the order of their names. */
    public Result<List<Row>> all(Bytes space, int countMax) {
        return guarded(() -> {
            try (PreparedStatement find =
                    prepared(
                            "SELECT name, sealed, size FROM rows WHERE space=? ORDER BY name"
                                    + " LIMIT "
                                    + countMax,
                            space)) {
                List<Row> all = new ArrayList<>();
                try (ResultSet row = find.executeQuery()) {
                    while (row.next()) {
                        all.add(
                                new Row(
                                        space,
                                        Bytes.wrap(row.getBytes(1)),
                                        Bytes.wrap(row.getBytes(2)),
                                        row.getLong(3)));
                    }
                }
                return all;
            }
        });
    }

    /**
     * Puts a row in place of the one of its name.
     *
     * @param quota sum of sizes that the space may have
     * @return empty if it is done; else what the sum would have been, and nothing has changed
     */
    public Result<Optional<Long>> put(Row row, long quota) {
        return guarded(() -> {
            List<Long> beyond = new ArrayList<>();
            Database.transact(
                    connection,
                    () -> {
                        long used = used(row.space) - size(row.space, row.name) + row.size;
                        if (used > quota) {
                            beyond.add(used);
                            return;
                        }
                        try (PreparedStatement put =
                                prepared(
                                        "INSERT OR REPLACE INTO rows(space, name, sealed, size)"
                                                + " VALUES(?, ?, ?, ?)",
                                        row.space,
                                        row.name,
                                        row.sealed)) {
                            put.setLong(4, row.size);
                            put.executeUpdate();
                        }
                        count(row.space, used);
                    });
            return beyond.stream().findFirst();
        });
    }

    /** Takes a row out; whether it was there. */
    public Result<Boolean> remove(Bytes space, Bytes name) {
        return guarded(() -> {
            boolean[] was = {false};
            Database.transact(
                    connection,
                    () -> {
                        long used = used(space) - size(space, name);
                        try (PreparedStatement remove =
                                prepared(
                                        "DELETE FROM rows WHERE space=? AND name=?", space, name)) {
                            was[0] = remove.executeUpdate() > 0;
                        }
                        count(space, used);
                    });
            return was[0];
        });
    }

    private long used(Bytes space) throws SQLException {
        return number(prepared("SELECT used FROM spaces WHERE space=?", space));
    }

    private long size(Bytes space, Bytes name) throws SQLException {
        return number(prepared("SELECT size FROM rows WHERE space=? AND name=?", space, name));
    }

    private void count(Bytes space, long used) throws SQLException {
        try (PreparedStatement count =
                prepared("INSERT OR REPLACE INTO spaces(space, used) VALUES(?, ?)", space)) {
            count.setLong(2, used);
            count.executeUpdate();
        }
    }

    private static long number(PreparedStatement statement) throws SQLException {
        try (statement;
                ResultSet row = statement.executeQuery()) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private PreparedStatement prepared(String sql, Bytes... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.setBytes(i + 1, values[i].array());
        }
        return statement;
    }

    private interface Work<T> {
        T run() throws SQLException;
    }

    private <T> Result<T> guarded(Work<T> work) {
        lock.lock();
        try {
            return Result.ok(work.run());
        } catch (SQLException e) {
            return Result.refused(Database.refusal(file, e));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("closing " + file, e);
        } finally {
            lock.unlock();
        }
    }
}
