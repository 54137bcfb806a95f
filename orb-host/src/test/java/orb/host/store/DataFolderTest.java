package orb.host.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DataFolderTest {
    @TempDir Path home;

    @Test
    void aNewFolderIsItsOwnersAlone() throws Exception {
        try (DataFolder folder = DataFolder.open(home.resolve("a/b")).orThrow()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void aFolderOpensOnceAndAgainAfterItWasClosed() {
        try (DataFolder first = DataFolder.open(home).orThrow()) {
            Refusal refusal = SqliteDiskTest.refusalOf(DataFolder.open(first.path()));
            assertThat(refusal.code()).isEqualTo(ErrorCode.STORE_LOCKED);
            assertThat(refusal.what()).contains("process " + ProcessHandle.current().pid());
        }
        DataFolder.open(home).orThrow().close();
    }

    @Test
    void anotherProcessKeepsTheLockUntilItIsKilledAndIsNamedByItsId() throws Exception {
        Process other = WriterProcess.start(home, "hold");
        try {
            BufferedReader said = other.inputReader(StandardCharsets.UTF_8);
            assertThat(WriterProcess.line(said)).isEqualTo("ready");
            Refusal refusal = SqliteDiskTest.refusalOf(DataFolder.open(home));
            assertThat(refusal.code()).isEqualTo(ErrorCode.STORE_LOCKED);
            assertThat(refusal.what()).contains("process " + other.pid());
            assertThat(refusal.next()).contains("another data folder");
        } finally {
            other.destroyForcibly();
            assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        DataFolder.open(home).orThrow().close();
    }

    @Test
    void aFolderThatCannotBeMadeIsRefusedByName() throws Exception {
        Path file = Files.writeString(home.resolve("file"), "x");
        Refusal refusal = SqliteDiskTest.refusalOf(DataFolder.open(file.resolve("below")));
        assertThat(refusal.code()).isEqualTo(ErrorCode.STORE_UNUSABLE);
        assertThat(refusal.what()).contains(file.toString());
    }
}
