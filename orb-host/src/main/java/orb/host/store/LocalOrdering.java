package orb.host.store;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Ordering;

/**
 * The {@code local} engine: one writer gives entries their order in a hash-chained SQLite log.
 *
 * <p>Each row holds the entry, its time and a link: SHA-256 over the previous link, the index, the
 * time and the entry. So a row that was changed, moved or taken out of the middle is found at the
 * next replay; rows cut off at the end are not, which is what signed checkpoints are for. Entries
 * are committed in groups; an entry is reported only after its commit was synced. Times never go
 * back, even if the clock does. Indexes count from 0. Thread-safe. Layout:
 * docs/protocol/storage.md.
 */
public final class LocalOrdering implements Ordering, AutoCloseable {
    /** At most this many proposed entries wait; more are refused as BUSY. */
    public static final int WAITING_MAX = 65_536;

    private static final int APPLICATION = 0x6f72626c; // "orbl"
    private static final int GROUP_MAX = 4_096;
    private static final Database.Layout LAYOUT =
            new Database.Layout(
                    APPLICATION,
                    1,
                    List.of(
                            "CREATE TABLE log(idx INTEGER PRIMARY KEY, at_millis INTEGER NOT NULL, "
                                    + "entry BLOB NOT NULL, link BLOB NOT NULL)"));

    private final Path file;
    private final Connection connection;
    private final InstantSource clock;
    private final Consumer<Event> mailbox;
    private final GroupWriter<Bytes> writer;

    /** The writer's own, and that of {@link #open} and {@link #replay} before it first writes. */
    private Tail tail;

    private Optional<Refusal> stopped = Optional.empty();

    /** The end of the log: the next index, the last time and the last link. */
    private record Tail(long next, long atMillis, Digest link) {
        static final Tail START = new Tail(0, 0, Digest.ZERO);

        Tail then(long at, Bytes entry) {
            byte[] head = ByteBuffer.allocate(16).putLong(next).putLong(at).array();
            return new Tail(next + 1, at, Digest.sha256(link.bytes().array(), head, entry.array()));
        }
    }

    private LocalOrdering(
            Path file, Connection connection, InstantSource clock, Consumer<Event> mailbox)
            throws SQLException {
        this.file = file;
        this.connection = connection;
        this.clock = clock;
        this.mailbox = mailbox;
        tail = lastTail();
        writer =
                new GroupWriter<>(
                        new GroupWriter.Settings(
                                "orb-log", WAITING_MAX, 256L << 20, GROUP_MAX, Duration.ZERO),
                        Bytes::length,
                        this::write);
    }

    /**
     * Opens or makes the log after a check of the whole file.
     *
     * @param clock where times come from
     * @param mailbox gets {@link Event.Ordered} and {@link Event.OrderingFailed}, in order, from
     *     the log's thread
     * @return STORE_DAMAGED, DISK_FULL or STORE_UNUSABLE, naming the file and what to do
     */
    public static Result<LocalOrdering> open(
            DataFolder folder, InstantSource clock, Consumer<Event> mailbox) {
        Path file = folder.log();
        return Database.open(file, LAYOUT)
                .then(connection -> {
                    try {
                        return Result.ok(new LocalOrdering(file, connection, clock, mailbox));
                    } catch (SQLException e) {
                        return Result.refused(Database.refusal(file, e));
                    } catch (RefusedException e) {
                        return Result.refused(e.refusal());
                    }
                });
    }

    @Override
    public void propose(Effect.Propose effect) {
        if (!writer.offer(effect.entry())) {
            fail(
                    effect.entry(),
                    new Refusal(
                            ErrorCode.BUSY,
                            "the log is closed or " + WAITING_MAX + " entries wait for it",
                            "propose the entry again in a moment"));
        }
    }

    /**
     * Reads the log from its start and checks every link.
     *
     * @throws RefusedException with STORE_DAMAGED and the index where the chain does not hold
     */
    @Override
    public void replay(Consumer<Event.Ordered> reader) {
        Tail read = Tail.START;
        try (Connection rows = Database.connect(file);
                Statement statement = rows.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT idx, at_millis, entry, link FROM log ORDER BY idx")) {
            while (row.next()) {
                Bytes entry = Bytes.wrap(row.getBytes(3));
                long at = row.getLong(2);
                Tail after = read.then(at, entry);
                if (row.getLong(1) != read.next()
                        || at < read.atMillis()
                        || !after.link().bytes().equals(Bytes.wrap(row.getBytes(4)))) {
                    throw damagedAt(read.next());
                }
                reader.accept(new Event.Ordered(read.next(), Instant.ofEpochMilli(at), entry));
                read = after;
            }
        } catch (SQLException e) {
            Refusal refusal = Database.refusal(file, e);
            throw new RefusedException(
                    new Refusal(
                            refusal.code(),
                            refusal.what() + " at index " + read.next(),
                            refusal.next()));
        }
    }

    /** Waits until everything proposed so far was reported. */
    public void flush() {
        writer.flush();
    }

    /** Orders what waits and closes. */
    @Override
    public void close() {
        writer.close();
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("closing " + file, e);
        }
    }

    /** Lets the file grow to this many pages of 4 KiB and no further: a small disk, for tests. */
    void limitPages(int pages) {
        writer.flush();
        try {
            Database.limitPages(connection, pages);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void write(List<Bytes> group) {
        if (stopped.isPresent()) {
            Refusal refusal = stopped.get();
            group.forEach(entry -> fail(entry, refusal));
            return;
        }
        try {
            List<Event.Ordered> ordered = new ArrayList<>(group.size());
            Tail[] after = {tail};
            Database.transact(connection, () -> after[0] = insert(group, ordered));
            tail = after[0];
            ordered.forEach(mailbox);
        } catch (SQLException e) {
            Refusal refusal = giveUp(e);
            group.forEach(entry -> fail(entry, refusal));
        }
    }

    private Tail insert(List<Bytes> group, List<Event.Ordered> ordered) throws SQLException {
        Tail after = tail;
        long at = Math.max(tail.atMillis(), clock.instant().toEpochMilli());
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO log VALUES(?, ?, ?, ?)")) {
            for (Bytes entry : group) {
                ordered.add(new Event.Ordered(after.next(), Instant.ofEpochMilli(at), entry));
                insert.setLong(1, after.next());
                after = after.then(at, entry);
                insert.setLong(2, at);
                insert.setBytes(3, entry.array());
                insert.setBytes(4, after.link().bytes().array());
                insert.executeUpdate();
            }
        }
        return after;
    }

    /**
     * A full disk or a locked file refuses this group alone. After any other failure nobody can
     * know what the disk holds (a failed sync may have kept or lost pages), so the log stops until
     * the next start reads it anew.
     */
    private Refusal giveUp(SQLException failure) {
        Refusal refusal = Database.refusal(file, failure);
        if (!Database.mayPass(failure)) {
            stopped = Optional.of(refusal);
        }
        return refusal;
    }

    private void fail(Bytes entry, Refusal refusal) {
        mailbox.accept(new Event.OrderingFailed(Digest.of(entry), refusal));
    }

    private Tail lastTail() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT idx, at_millis, link FROM log ORDER BY idx DESC LIMIT 1")) {
            if (!row.next()) {
                return Tail.START;
            }
            long index = row.getLong(1);
            byte[] link = row.getBytes(3);
            if (link.length != Digest.LENGTH) {
                throw damagedAt(index);
            }
            return new Tail(index + 1, row.getLong(2), new Digest(Bytes.wrap(link)));
        }
    }

    private RefusedException damagedAt(long index) {
        return new RefusedException(
                Database.damaged(file, "the chain of entries does not hold at index " + index));
    }
}
