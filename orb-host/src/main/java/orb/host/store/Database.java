package orb.host.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Opens one SQLite file so that nothing is lost and nothing damaged is taken for good.
 *
 * <p>A new file is made under another name and renamed once it is complete, so a file of this name
 * is either whole or damaged: an empty or foreign one is refused and never made anew. Write-ahead
 * log, {@code synchronous=FULL}: a commit that returned survives a crash and a power cut
 * (sqlite.org/wal.html, sqlite.org/pragma.html#pragma_synchronous).
 */
final class Database {
    private static final int BUSY_MILLIS = 5_000;
    private static final int PAGE_BYTES = 4096;
    private static final int WAL_BYTES_MAX = 64 << 20;
    private static final int HEADER_LENGTH = 100; // sqlite.org/fileformat2.html section 1.3
    private static final int APPLICATION_ID_AT = 68;

    private Database() {}

    /**
     * What a file holds.
     *
     * @param applicationId four letters in the file's header that say whose file it is
     * @param version of the schema
     * @param schema statements that make it
     */
    record Layout(int applicationId, int version, List<String> schema) {}

    /** The connection that writes, opened after a check of the whole file. */
    static Result<Connection> open(Path file, Layout layout) {
        try {
            Path log = file.resolveSibling(file.getFileName() + "-wal");
            if (!Files.exists(file)) {
                if (Files.exists(log)) {
                    return Result.refused(
                            damaged(file, "the file is gone but its write-ahead log is there"));
                }
                create(file, layout);
            }
            header(file, layout);
            Connection connection = connect(file);
            try {
                check(file, connection, layout);
            } catch (SQLException | RefusedException e) {
                connection.close();
                throw e;
            }
            return Result.ok(connection);
        } catch (SQLException e) {
            return Result.refused(refusal(file, e));
        } catch (IOException e) {
            return Result.refused(FileFault.refusal(file, e));
        } catch (RefusedException e) {
            return Result.refused(e.refusal());
        }
    }

    /** Another connection to a file that {@link #open} has checked. */
    static Connection connect(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MILLIS);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setJournalSizeLimit(WAL_BYTES_MAX);
        return config.createConnection("jdbc:sqlite:" + file.toAbsolutePath());
    }

    /** What is done within one transaction. */
    interface Work {
        void run() throws SQLException;
    }

    /**
     * Does the work in one transaction that is durable once this returns, or not at all.
     *
     * <p>The driver's own transactions are not used: it begins the next one as soon as one ends and
     * so keeps the write lock for ever.
     */
    static void transact(Connection connection, Work work) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            try {
                work.run();
                statement.execute("COMMIT");
            } catch (SQLException e) {
                rollBack(connection, e);
                throw e;
            }
        }
    }

    private static void rollBack(Connection connection, SQLException cause) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("ROLLBACK");
        } catch (SQLException e) {
            cause.addSuppressed(e); // on a full disk SQLite has rolled back by itself
        }
    }

    /** Lets a file grow to this many pages and no further, as a small disk would. */
    static void limitPages(Connection connection, int pages) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA max_page_count=" + pages);
        }
    }

    /** What a failure means to the one who runs this peer. */
    static Refusal refusal(Path file, SQLException failure) {
        SQLiteErrorCode code = code(failure);
        String said = file + ": " + failure.getMessage();
        return switch (code.code & 0xff) {
            case 13 -> FileFault.diskFull(said); // SQLITE_FULL
            case 10, 14 -> // SQLITE_IOERR, SQLITE_CANTOPEN
                    code == SQLiteErrorCode.SQLITE_IOERR_SHMSIZE || isFull(file)
                            ? new Refusal(
                                    ErrorCode.DISK_FULL,
                                    said,
                                    "free some space, then start this peer again")
                            : unusable(said);
            case 11, 26 ->
                    damaged(
                            file,
                            String.valueOf(failure.getMessage())); // SQLITE_CORRUPT, SQLITE_NOTADB
            case 5, 6 -> // SQLITE_BUSY, SQLITE_LOCKED
                    new Refusal(
                            ErrorCode.STORE_LOCKED,
                            said,
                            "end the program that writes to this file");
            default -> unusable(said);
        };
    }

    private static Refusal unusable(String said) {
        return new Refusal(
                ErrorCode.STORE_UNUSABLE,
                said,
                "check that the folder can be written and that the disk is healthy");
    }

    /**
     * Whether there is no space for another page: SQLite has no name for a full disk where it makes
     * a file, or lets its index of the log (the -shm file) grow.
     */
    private static boolean isFull(Path file) {
        try {
            return Files.getFileStore(DurableFiles.folderOf(file)).getUsableSpace() < PAGE_BYTES;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Whether the failure surely changed nothing and writing may be tried again later. When the
     * index of the log could not grow, the commit may be in the log already.
     */
    static boolean mayPass(SQLException failure) {
        return switch (code(failure).code & 0xff) {
            case 13, 5, 6 -> true; // SQLITE_FULL, SQLITE_BUSY, SQLITE_LOCKED
            default -> false;
        };
    }

    private static SQLiteErrorCode code(SQLException failure) {
        return failure instanceof SQLiteException sqlite
                ? sqlite.getResultCode()
                : SQLiteErrorCode.SQLITE_ERROR;
    }

    static Refusal damaged(Path file, String how) {
        return new Refusal(
                ErrorCode.STORE_DAMAGED,
                file + ": " + how,
                "restore "
                        + file.getFileName()
                        + " from a backup, or try `sqlite3 "
                        + file.getFileName()
                        + " .recover` on a copy; it is never made anew by itself");
    }

    private static void create(Path file, Layout layout) throws SQLException, IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        for (String suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(fresh.resolveSibling(fresh.getFileName() + suffix));
        }
        try (Connection connection = connect(fresh);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA application_id=" + layout.applicationId());
            statement.execute("PRAGMA user_version=" + layout.version());
            for (String definition : layout.schema()) {
                statement.execute(definition);
            }
        }
        DurableFiles.sync(fresh);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.syncFolder(DurableFiles.folderOf(file));
    }

    /** Before SQLite may touch it: it would take an empty file for a new database and fill it. */
    private static void header(Path file, Layout layout) throws IOException {
        byte[] header;
        try (InputStream in = Files.newInputStream(file)) {
            header = in.readNBytes(HEADER_LENGTH);
        }
        if (header.length < HEADER_LENGTH
                || !new String(header, 0, 15, StandardCharsets.US_ASCII)
                        .equals("SQLite format 3")) {
            throw new RefusedException(damaged(file, "it has no header of an SQLite file"));
        }
        int owner = ByteBuffer.wrap(header).getInt(APPLICATION_ID_AT);
        if (owner != layout.applicationId()) {
            throw new RefusedException(
                    damaged(file, String.format("not Orb's file (application id %x)", owner)));
        }
    }

    private static void check(Path file, Connection connection, Layout layout) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int version = number(statement, "PRAGMA user_version");
            if (version != layout.version()) {
                throw new RefusedException(
                        new Refusal(
                                ErrorCode.STORE_UNUSABLE,
                                file + ": format " + version + ", not " + layout.version(),
                                "use the version of Orb that wrote it"));
            }
            try (ResultSet rows = statement.executeQuery("PRAGMA quick_check(1)")) {
                String said = rows.next() ? rows.getString(1) : "no answer to quick_check";
                if (!said.equals("ok")) {
                    throw new RefusedException(damaged(file, said));
                }
            }
        }
    }

    private static int number(Statement statement, String pragma) throws SQLException {
        try (ResultSet rows = statement.executeQuery(pragma)) {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }
}
