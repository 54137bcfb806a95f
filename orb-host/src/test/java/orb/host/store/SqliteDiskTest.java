package orb.host.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.message.Incident;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SqliteDiskTest {
    @TempDir Path home;

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<Refusal> troubles = new CopyOnWriteArrayList<>();
    private DataFolder folder;

    @BeforeEach
    void lockFolder() {
        folder = DataFolder.open(home.resolve("data")).orThrow();
    }

    @AfterEach
    void unlockFolder() {
        folder.close();
    }

    private SqliteDisk open() {
        return SqliteDisk.open(folder, events::add, troubles::add).orThrow();
    }

    private static Effect.Save save(Table table, String key, String value) {
        return new Effect.Save(table, Bytes.utf8(key), Bytes.utf8(value));
    }

    @Test
    void whatIsSavedIsKeptAcrossARestartAndWhatIsErasedIsNot() {
        try (SqliteDisk disk = open()) {
            disk.save(save(Table.PEERS, "a", "1"));
            disk.save(save(Table.PEERS, "b", "2"));
            disk.save(save(Table.LANES, "a", "3"));
            disk.save(save(Table.PEERS, "a", "4"));
            disk.erase(new Effect.Erase(Table.PEERS, Bytes.utf8("b")));
        }
        try (SqliteDisk disk = open()) {
            assertThat(disk.kept().get(Table.PEERS))
                    .hasSize(1)
                    .containsEntry(Bytes.utf8("a"), Bytes.utf8("4"));
            assertThat(disk.kept().get(Table.LANES))
                    .containsEntry(Bytes.utf8("a"), Bytes.utf8("3"));
            assertThat(disk.kept()).containsOnlyKeys(Table.values());
        }
        assertThat(troubles).isEmpty();
    }

    @Test
    void keysComeBackInTheOrderOfTheirUnsignedBytes() {
        try (SqliteDisk disk = open()) {
            for (int key : new int[] {0x80, 0x01, 0xff, 0x7f}) {
                Bytes bytes = Bytes.of((byte) key);
                disk.save(new Effect.Save(Table.SETTINGS, bytes, bytes));
            }
            disk.flush();
            assertThat(disk.kept().get(Table.SETTINGS).navigableKeySet())
                    .extracting(Bytes::hex)
                    .containsExactly("01", "7f", "80", "ff");
        }
    }

    @Test
    void aFlushMakesRecordsReadableByStockSqliteWhileTheStoreIsOpen() throws Exception {
        try (SqliteDisk disk = open()) {
            disk.save(save(Table.RECEIPTS, "call", "receipt"));
            disk.flush();
            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + folder.records());
                    ResultSet row =
                            other.createStatement()
                                    .executeQuery("SELECT hex(key), value FROM receipts")) {
                assertThat(row.next()).isTrue();
                assertThat(row.getString(1))
                        .isEqualTo(Bytes.utf8("call").hex().toUpperCase(Locale.ROOT));
                assertThat(row.getString(2)).isEqualTo("receipt");
            }
        }
    }

    @Test
    void aRecordBeyondTheBoundIsABug() {
        try (SqliteDisk disk = open()) {
            Bytes big = Bytes.wrap(new byte[SqliteDisk.RECORD_MAX]);
            assertThatThrownBy(() -> disk.save(new Effect.Save(Table.PEERS, Bytes.utf8("k"), big)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("blob");
        }
    }

    @Test
    void blobsAreKeptUnderTheirDigestAndComeBack() {
        Bytes content = Bytes.utf8("some module");
        Digest digest = Digest.of(content);
        try (SqliteDisk disk = open()) {
            disk.storeBlob(new Effect.StoreBlob(digest, content));
            disk.loadBlob(new Effect.LoadBlob(digest));
            disk.loadBlob(new Effect.LoadBlob(Digest.ZERO));
            disk.flush();
        }
        assertThat(events)
                .containsExactly(
                        new Event.BlobStored(digest, Optional.empty()),
                        new Event.BlobLoaded(digest, Optional.of(content)),
                        new Event.BlobLoaded(Digest.ZERO, Optional.empty()));
        assertThat(folder.blobs().resolve(digest.hex().substring(0, 2)).resolve(digest.hex()))
                .hasBinaryContent(content.toArray());
    }

    @Test
    void aBlobThatIsNotItsDigestIsRefused() {
        Bytes content = Bytes.utf8("other");
        try (SqliteDisk disk = open()) {
            disk.storeBlob(new Effect.StoreBlob(Digest.ZERO, content));
        }
        assertThat(events).hasSize(1);
        assertThat(((Event.BlobStored) events.getFirst()).refusal().orElseThrow().code())
                .isEqualTo(ErrorCode.HASH_MISMATCH);
    }

    @Test
    @Tag("H5")
    void aBlobOfWhichOneByteChangedIsAbsentReportedAndMovedAside() throws IOException {
        Bytes content = Bytes.utf8("some module");
        Digest digest = Digest.of(content);
        try (SqliteDisk disk = open()) {
            disk.storeBlob(new Effect.StoreBlob(digest, content));
            disk.flush();
            Path file = disk.blobs().file(digest);
            byte[] changed = content.toArray();
            changed[3] ^= 1;
            Files.write(file, changed);
            events.clear();

            disk.loadBlob(new Effect.LoadBlob(digest));
            disk.flush();

            assertThat(events)
                    .containsExactly(
                            new Event.Noticed(
                                    Incident.Kind.ARTEFACT_CHANGED,
                                    digest,
                                    "the stored artefact does not match its digest any more"),
                            new Event.BlobLoaded(digest, Optional.empty()));
            assertThat(troubles)
                    .singleElement()
                    .extracting(Refusal::code)
                    .isEqualTo(ErrorCode.HASH_MISMATCH);
            assertThat(file).doesNotExist();
            assertThat(folder.blobs().resolve("damaged").resolve(digest.hex())).exists();
            disk.storeBlob(new Effect.StoreBlob(digest, content));
            disk.flush();
            assertThat(disk.blobs().load(digest)).contains(content);
        }
    }

    @Test
    void aBlobLeftUnfinishedByACrashIsRemovedAtTheNextStart() throws IOException {
        open().close();
        Path half = folder.blobs().resolve("ab").resolve("ab".repeat(32) + ".new");
        Files.createDirectories(half.getParent());
        Files.writeString(half, "half");

        open().close();

        assertThat(half).doesNotExist();
    }

    @Test
    void aFullDiskRefusesABlobAndLeavesNothingBehind() throws IOException {
        Bytes content = Bytes.wrap(new byte[100_000]);
        Digest digest = Digest.of(content);
        try (SqliteDisk disk = open()) {
            Path file = disk.blobs().file(digest);
            Files.createDirectories(file.getParent());
            Path full = Path.of("/dev/full"); // every write to it fails with ENOSPC
            assumeTrue(Files.exists(full), "needs /dev/full");
            Files.createSymbolicLink(file.resolveSibling(digest.hex() + ".new"), full);

            Optional<Refusal> refusal = disk.blobs().store(digest, content);

            assertThat(refusal.orElseThrow().code()).isEqualTo(ErrorCode.DISK_FULL);
            assertThat(file).doesNotExist();
            assertThat(disk.blobs().store(digest, content)).isEmpty();
        }
    }

    @Test
    void onAFullDiskRecordsWaitAndAreKeptOnceThereIsSpace() {
        Bytes value = Bytes.wrap(new byte[8_000]);
        try (SqliteDisk disk = open()) {
            disk.limitPages(60);
            for (int i = 0; i < 60; i++) {
                disk.save(new Effect.Save(Table.TRAIL, Bytes.of((byte) i), value));
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> !troubles.isEmpty());
            assertThat(troubles.getFirst().code()).isEqualTo(ErrorCode.DISK_FULL);
            assertThat(troubles.getFirst().next()).contains("free some space");

            disk.limitPages(10_000);
            disk.flush();

            assertThat(disk.kept().get(Table.TRAIL)).hasSize(60);
            assertThat(troubles).hasSize(1);
        }
    }

    @Test
    void aDiskThatIsFullWhereSqliteMapsItsIndexIsCalledFull() throws Exception {
        Path small = Files.createDirectory(home.resolve("small"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=512k", "orb", small.toString()),
                "needs the right to mount a small disk");
        try (DataFolder there = DataFolder.open(small).orThrow()) {
            SqliteDisk.open(there, events::add, troubles::add).orThrow().close();
            fill(small.resolve("rest"));

            Refusal refusal = refusal(SqliteDisk.open(there, events::add, troubles::add));

            assertThat(refusal.code()).as(refusal.toString()).isEqualTo(ErrorCode.DISK_FULL);
            assertThat(refusal.next()).contains("free some space");
            Files.delete(small.resolve("rest"));
            SqliteDisk.open(there, events::add, troubles::add).orThrow().close();
        } finally {
            assertThat(run("umount", "-l", small.toString())).isTrue();
        }
    }

    private static Refusal refusal(Result<SqliteDisk> opened) {
        return switch (opened) {
            case Result.Refused<SqliteDisk>(var refusal) -> refusal;
            case Result.Ok<SqliteDisk> _ -> throw new AssertionError("it was opened");
        };
    }

    private static void fill(Path rest) throws IOException {
        try (OutputStream out = Files.newOutputStream(rest)) {
            byte[] page = new byte[4096];
            while (true) {
                out.write(page);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private static boolean run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }

    @Test
    void onADiskThatStaysFullTheStoreStillCloses() {
        Bytes value = Bytes.wrap(new byte[8_000]);
        SqliteDisk disk = open();
        disk.save(save(Table.PEERS, "before", "1"));
        disk.flush();
        disk.limitPages(60);
        for (int i = 0; i < 60; i++) {
            disk.save(new Effect.Save(Table.TRAIL, Bytes.of((byte) i), value));
        }
        disk.close();

        assertThat(troubles)
                .isNotEmpty()
                .allSatisfy(t -> assertThat(t.code()).isEqualTo(ErrorCode.DISK_FULL));
        try (SqliteDisk again = open()) {
            assertThat(again.kept().get(Table.PEERS)).hasSize(1);
        }
    }

    @Test
    void aDamagedFileIsRefusedByNameAndNeverMadeAnew() throws IOException {
        try (SqliteDisk disk = open()) {
            for (int i = 0; i < 200; i++) {
                disk.save(save(Table.PEERS, "key" + i, "x".repeat(200)));
            }
        }
        Path file = folder.records();
        long size = Files.size(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[4_096]), size / 8192 * 4096);
        }
        Refusal refusal = refusalOf(SqliteDisk.open(folder, events::add, troubles::add));

        assertThat(refusal.code()).isEqualTo(ErrorCode.STORE_DAMAGED);
        assertThat(refusal.what()).contains("records.db");
        assertThat(refusal.next()).contains("backup").contains("recover");
        assertThat(Files.size(file)).isEqualTo(size);
    }

    @Test
    void aBitThatFlippedInsideAValueIsFoundAtTheStart() throws IOException {
        try (SqliteDisk disk = open()) {
            disk.save(save(Table.STATISTICS, "key", "a value of some length"));
        }
        byte[] content = Files.readAllBytes(folder.records());
        int at = new String(content, StandardCharsets.ISO_8859_1).indexOf("some length");
        content[at] ^= 1;
        Files.write(folder.records(), content);

        try (SqliteDisk disk = open()) {
            assertThatThrownBy(disk::kept)
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> {
                                assertThat(e.refusal().code()).isEqualTo(ErrorCode.STORE_DAMAGED);
                                assertThat(e.refusal().what()).contains("statistics");
                            });
        }
    }

    @Test
    void aFileThatIsEmptyForeignOrCutOffIsRefused() throws IOException {
        open().close();
        byte[] whole = Files.readAllBytes(folder.records());
        byte[] cut = Arrays.copyOf(whole, whole.length / 2);
        byte[] noise = new byte[whole.length];
        new Random(7).nextBytes(noise);
        for (byte[] content : List.of(new byte[0], cut, noise, Bytes.utf8("hello").toArray())) {
            Files.write(folder.records(), content);
            Refusal refusal = refusalOf(SqliteDisk.open(folder, events::add, troubles::add));
            assertThat(refusal.code()).isEqualTo(ErrorCode.STORE_DAMAGED);
            assertThat(folder.records()).hasBinaryContent(content);
        }
    }

    @Test
    void aMissingFileBesideItsWriteAheadLogIsDamageNotANewStore() throws IOException {
        open().close();
        Files.delete(folder.records());
        Files.write(folder.path().resolve("records.db-wal"), new byte[100]);

        assertThat(refusalOf(SqliteDisk.open(folder, events::add, troubles::add)).code())
                .isEqualTo(ErrorCode.STORE_DAMAGED);
    }

    @Test
    void manyThreadsSaveAtOnceAndNothingIsLost() throws InterruptedException {
        try (SqliteDisk disk = open()) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int part = t;
                threads.add(
                        Thread.ofVirtual()
                                .start(() -> {
                                    for (int i = 0; i < 2_500; i++) {
                                        disk.save(save(Table.STATISTICS, part + "/" + i, "v"));
                                    }
                                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            disk.flush();
            assertThat(disk.kept().get(Table.STATISTICS)).hasSize(10_000);
        }
    }

    static Refusal refusalOf(Result<?> result) {
        assertThat(result).isInstanceOf(Result.Refused.class);
        return ((Result.Refused<?>) result).refusal();
    }
}
