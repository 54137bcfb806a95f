package orb.host.wallet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.identity.KeyPair;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MachineKeyTest {
    private static final SecureRandom CHANCE = new SecureRandom();

    @TempDir Path home;

    @Test
    @Tag("A1")
    void oneFolderKeepsItsKeyAndAnotherHasAnother() {
        KeyPair first = MachineKey.openOrCreate(home.resolve("one"), CHANCE).orThrow();
        KeyPair again = MachineKey.openOrCreate(home.resolve("one"), CHANCE).orThrow();
        KeyPair other = MachineKey.openOrCreate(home.resolve("two"), CHANCE).orThrow();
        assertThat(again.publicKey()).isEqualTo(first.publicKey());
        assertThat(other.publicKey()).isNotEqualTo(first.publicKey());
    }

    @Test
    void theFileIsItsOwnersAloneAndRefusedOnceOthersMayReadIt() throws IOException {
        Path file = home.resolve("machine.key");
        MachineKey.openOrCreate(file, CHANCE).orThrow();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        for (String open : new String[] {"rw-r-----", "rw----r--", "rw-rw-rw-", "rw--w----"}) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(open));
            Refusal refusal = KeyStoreTest.refusalOf(MachineKey.openOrCreate(file, CHANCE));
            assertThat(refusal.code()).isEqualTo(ErrorCode.KEY_EXPOSED);
            assertThat(refusal.next()).contains("chmod 600 " + file);
        }
    }

    @Test
    void everyChangedByteIsDetectedInsteadOfGivingAnotherId() throws IOException {
        Path file = home.resolve("machine.key");
        MachineKey.openOrCreate(file, CHANCE).orThrow();
        byte[] whole = Files.readAllBytes(file);
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 1;
            Files.write(file, changed);
            assertThat(KeyStoreTest.refusalOf(MachineKey.openOrCreate(file, CHANCE)).code())
                    .isEqualTo(ErrorCode.WALLET_DAMAGED);
        }
        Files.write(file, new byte[10_000]);
        assertThat(KeyStoreTest.refusalOf(MachineKey.openOrCreate(file, CHANCE)).code())
                .isEqualTo(ErrorCode.WALLET_DAMAGED);
    }
}
