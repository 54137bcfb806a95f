package orb.host.wallet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class KeyStoreTest {
    /** Not a cost to use: it only makes a thousand openings take a second. */
    private static final WalletFile.Cost CHEAP = new WalletFile.Cost(8, 1, 1);

    private static final SecureRandom CHANCE = new SecureRandom();

    @TempDir Path home;

    private Path file() {
        return home.resolve("wallet.orb");
    }

    private static char[] pass(String text) {
        return text.toCharArray();
    }

    private KeyStore create() {
        return KeyStore.create(file(), "alice", pass("correct horse"), CHANCE, CHEAP).orThrow();
    }

    private Result<KeyStore> open(String passphrase) {
        return KeyStore.open(file(), pass(passphrase), CHANCE);
    }

    private static ErrorCode codeOf(Result<KeyStore> result) {
        assertThat(result).isInstanceOf(Result.Refused.class);
        return ((Result.Refused<KeyStore>) result).refusal().code();
    }

    @Test
    void aWalletOpensWithItsPassphraseAndHoldsTheSameKeys() {
        PublicKey wallet;
        PublicKey add;
        try (KeyStore store = create()) {
            wallet = store.wallet().publicKey();
            add = store.makeFunctionKey("add").orThrow().publicKey();
            assertThat(store.makeFunctionKey("add").orThrow().publicKey()).isEqualTo(add);
            store.makeFunctionKey("zip").orThrow();
        }
        try (KeyStore store = open("correct horse").orThrow()) {
            assertThat(store.name()).isEqualTo("alice");
            assertThat(store.wallet().publicKey()).isEqualTo(wallet);
            assertThat(store.functionKey("add").orElseThrow().publicKey()).isEqualTo(add);
            assertThat(store.functions()).containsExactly("add", "zip");
            assertThat(store.functionKey("none")).isEmpty();
        }
    }

    @Test
    void aWalletOfTheStandardCostOpensToo() {
        KeyStore.create(file(), "bob", pass("correct horse"), CHANCE).orThrow().close();
        open("correct horse").orThrow().close();
        assertThat(codeOf(open("correct horsf"))).isEqualTo(ErrorCode.WRONG_PASSPHRASE);
    }

    @Test
    @Tag("A11")
    void eachFunctionHasAKeyOfItsOwn() {
        try (KeyStore store = create()) {
            assertThat(
                            Stream.of("a", "b", "c")
                                    .map(f -> store.makeFunctionKey(f).orThrow().publicKey())
                                    .distinct())
                    .hasSize(3)
                    .doesNotContain(store.wallet().publicKey());
        }
    }

    @Test
    @Tag("E13")
    void aWrongPassphraseIsRefused() {
        create().close();
        for (String wrong : List.of("correct hors", "Correct horse", "correct horse ", "", "x")) {
            assertThat(codeOf(open(wrong))).isEqualTo(ErrorCode.WRONG_PASSPHRASE);
        }
    }

    @Test
    void aPassphraseIsTheSameFromEveryKeyboard() {
        String composed = "caf\u00e9 au lait";
        String combining = "cafe\u0301 au lait";
        KeyStore.create(file(), "alice", pass(composed), CHANCE, CHEAP).orThrow().close();
        open(combining).orThrow().close();
    }

    @Test
    void shortPassphrasesAndBadNamesAreRefused() {
        assertThat(codeOf(KeyStore.create(file(), "alice", pass("1234567"), CHANCE)))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
        assertThat(codeOf(KeyStore.create(file(), "Alice!", pass("12345678"), CHANCE)))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
        assertThat(file()).doesNotExist();
    }

    @Test
    void aWalletIsNeverMadeOverAnother() {
        create().close();
        assertThat(codeOf(KeyStore.create(file(), "bob", pass("12345678"), CHANCE, CHEAP)))
                .isEqualTo(ErrorCode.WALLET_EXISTS);
        open("correct horse").orThrow().close();
    }

    @Test
    void aMissingWalletSaysHowToMakeOne() {
        Result<KeyStore> result = open("correct horse");
        assertThat(codeOf(result)).isEqualTo(ErrorCode.NO_WALLET);
        assertThat(((Result.Refused<KeyStore>) result).refusal().next()).contains("orb login");
    }

    @Test
    @Tag("E13")
    void noKeyLiesInClearOnTheDisk() throws IOException {
        try (KeyStore store = create()) {
            List<KeyPair> keys = List.of(store.wallet(), store.makeFunctionKey("add").orThrow());
            byte[] bytes = Files.readAllBytes(file());
            String raw = new String(bytes, StandardCharsets.ISO_8859_1);
            for (KeyPair key : keys) {
                String seed = new String(key.seedForStorage(), StandardCharsets.ISO_8859_1);
                assertThat(raw).doesNotContain(seed, Bytes.wrap(key.seedForStorage()).hex());
            }
            assertThat(raw).doesNotContain("alice", "add");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                    .isEqualTo("rw-------");
        }
        try (Stream<Path> files = Files.list(home)) {
            assertThat(files).containsExactly(file()); // no temporary file stays behind
        }
    }

    @Test
    @Tag("E13")
    void everyChangedByteIsDetected() throws IOException {
        try (KeyStore store = create()) {
            store.makeFunctionKey("add").orThrow();
        }
        byte[] whole = Files.readAllBytes(file());
        for (int i = 0; i < whole.length; i++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] changed = whole.clone();
                changed[i] ^= (byte) (1 << bit);
                Files.write(file(), changed);
                assertThat(codeOf(open("correct horse"))).isEqualTo(ErrorCode.WALLET_DAMAGED);
            }
        }
    }

    @Test
    @Tag("E13")
    void aForgerWhoFixesTheChecksumIsDetectedByThePassphrasesKeys() throws IOException {
        create().close();
        Bytes body = body(Bytes.wrap(Files.readAllBytes(file())));
        int damaged = 0;
        for (int i = 0; i < body.length(); i++) {
            byte[] changed = body.toArray();
            changed[i] ^= 1;
            Files.write(file(), withChecksum(Bytes.wrap(changed)).array());
            ErrorCode code = codeOf(open("correct horse"));
            assertThat(code).isIn(ErrorCode.WALLET_DAMAGED, ErrorCode.WRONG_PASSPHRASE);
            damaged += code == ErrorCode.WALLET_DAMAGED ? 1 : 0;
        }
        // the sealed content ends the body: changed there, the passphrase still proves itself
        assertThat(damaged).isGreaterThan(60);
    }

    @Test
    void aFileCutOffOrExtendedAnywhereIsDamaged() throws IOException {
        create().close();
        byte[] whole = Files.readAllBytes(file());
        for (int length = 0; length <= whole.length + 1; length++) {
            if (length != whole.length) {
                Files.write(file(), Arrays.copyOf(whole, length));
                assertThat(codeOf(open("correct horse"))).isEqualTo(ErrorCode.WALLET_DAMAGED);
            }
        }
    }

    @Test
    void aForgedCostCannotTakeAllMemory() throws IOException {
        create().close();
        Fields f =
                Fields.of(
                        Cbor.decodeOrThrow(
                                body(Bytes.wrap(Files.readAllBytes(file()))), DecodeLimits.ENTRY),
                        "wallet");
        Value[] fields = new Value[9];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = f.value();
        }
        fields[2] = Value.of(Integer.MAX_VALUE);
        Files.write(file(), withChecksum(Cbor.encode(Value.array(fields))).array());
        assertThat(codeOf(open("correct horse"))).isEqualTo(ErrorCode.WALLET_DAMAGED);
    }

    @Test
    void anotherPassphraseReplacesTheOld() {
        PublicKey wallet;
        try (KeyStore store = create()) {
            wallet = store.wallet().publicKey();
            assertThat(store.changePassphrase(pass("short"))).isPresent();
            assertThat(store.changePassphrase(pass("battery staple"))).isEmpty();
            store.makeFunctionKey("after").orThrow();
        }
        assertThat(codeOf(open("correct horse"))).isEqualTo(ErrorCode.WRONG_PASSPHRASE);
        try (KeyStore store = open("battery staple").orThrow()) {
            assertThat(store.wallet().publicKey()).isEqualTo(wallet);
            assertThat(store.functions()).containsExactly("after");
        }
    }

    @Test
    @Tag("E13")
    void anExportRestoresTheWalletOnANewMachine() throws IOException {
        Path exported = home.resolve("backup.orb");
        Path elsewhere = home.resolve("new/machine/wallet.orb");
        PublicKey wallet;
        PublicKey add;
        try (KeyStore store = create()) {
            wallet = store.wallet().publicKey();
            add = store.makeFunctionKey("add").orThrow().publicKey();
            assertThat(store.exportTo(exported)).isEmpty();
            assertThat(store.exportTo(exported).orElseThrow().code())
                    .isEqualTo(ErrorCode.WALLET_EXISTS);
        }
        assertThat(codeOf(KeyStore.restore(exported, elsewhere, pass("wrong one"), CHANCE)))
                .isEqualTo(ErrorCode.WRONG_PASSPHRASE);
        assertThat(elsewhere).doesNotExist();
        KeyStore.restore(exported, elsewhere, pass("correct horse"), CHANCE).orThrow().close();
        try (KeyStore store = KeyStore.open(elsewhere, pass("correct horse"), CHANCE).orThrow()) {
            assertThat(store.wallet().publicKey()).isEqualTo(wallet);
            assertThat(store.functionKey("add").orElseThrow().publicKey()).isEqualTo(add);
        }
        byte[] tampered = Files.readAllBytes(exported);
        tampered[tampered.length / 2] ^= 1;
        Files.write(exported, tampered);
        Path third = home.resolve("third.orb");
        assertThat(codeOf(KeyStore.restore(exported, third, pass("correct horse"), CHANCE)))
                .isEqualTo(ErrorCode.WALLET_DAMAGED);
    }

    @Test
    void aSecondWriterIsRefusedInsteadOfLosingTheFirstOnesKey() {
        create().close();
        try (KeyStore one = open("correct horse").orThrow();
                KeyStore two = open("correct horse").orThrow()) {
            one.makeFunctionKey("first").orThrow();
            Result<KeyPair> second = two.makeFunctionKey("second");
            assertThat(((Result.Refused<KeyPair>) second).refusal().code())
                    .isEqualTo(ErrorCode.STORE_LOCKED);
            assertThat(two.functionKey("second")).isEmpty();
        }
        try (KeyStore store = open("correct horse").orThrow()) {
            assertThat(store.functions()).containsExactly("first");
        }
    }

    @Test
    void aFullDiskLeavesTheOldWalletWhole() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "needs /dev/full");
        try (KeyStore store = create()) {
            Files.createSymbolicLink(home.resolve(".wallet.orb.new"), full);
            Result<KeyPair> refused = store.makeFunctionKey("add");
            assertThat(((Result.Refused<KeyPair>) refused).refusal().code())
                    .isEqualTo(ErrorCode.DISK_FULL);
            Files.delete(home.resolve(".wallet.orb.new"));
            store.makeFunctionKey("mul").orThrow();
        }
        try (KeyStore store = open("correct horse").orThrow()) {
            assertThat(store.functions()).containsExactly("mul");
        }
    }

    @Test
    void theFormatStaysTheSame() throws IOException {
        SecureRandom counting = new CountingChance();
        try (KeyStore store =
                KeyStore.create(file(), "alice", pass("correct horse"), counting, CHEAP)
                        .orThrow()) {
            store.makeFunctionKey("add").orThrow();
        }
        assertThat(Bytes.wrap(Files.readAllBytes(file())).hex())
                .isEqualTo(
                        new String(
                                        KeyStoreTest.class
                                                .getResourceAsStream("wallet-1.hex")
                                                .readAllBytes(),
                                        StandardCharsets.US_ASCII)
                                .strip());
    }

    @Test
    void mutatedContentBehindGoodKeysIsReadOrRefused() {
        Random chance = new Random(3);
        try (KeyStore store = create()) {
            store.makeFunctionKey("add").orThrow();
            byte[] content =
                    new Secrets(
                                    "alice",
                                    store.wallet(),
                                    Map.of("add", store.functionKey("add").orElseThrow()))
                            .toBytes();
            for (int i = 0; i < 5_000; i++) {
                byte[] mutated = Arrays.copyOf(content, 1 + chance.nextInt(140));
                mutated[chance.nextInt(mutated.length)] = (byte) chance.nextInt(256);
                Result.catching(() -> Secrets.ofBytes(mutated));
            }
        }
    }

    @FuzzTest
    void anyBytesAreRefusedAsAWallet(byte[] bytes) {
        assertThat(Result.catching(() -> WalletFile.open("f", Bytes.of(bytes), pass("12345678"))))
                .isInstanceOf(Result.Refused.class);
        Result.catching(() -> Secrets.ofBytes(bytes));
        assertThat(Result.catching(() -> MachineKey.read(Bytes.of(bytes))).isOk()).isFalse();
    }

    private static Bytes body(Bytes file) {
        return Fields.of(Cbor.decodeOrThrow(file, DecodeLimits.ENTRY), "file").bytes(1 << 20);
    }

    private static Bytes withChecksum(Bytes body) {
        return Cbor.encode(Value.array(Value.of(body), Value.of(Digest.of(body).bytes())));
    }

    /** Counts instead of being random, so that a file can be compared byte by byte. */
    private static final class CountingChance extends SecureRandom {
        private int next;

        @Override
        public void nextBytes(byte[] bytes) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) next++;
            }
        }
    }

    static Refusal refusalOf(Result<?> result) {
        assertThat(result).isInstanceOf(Result.Refused.class);
        return ((Result.Refused<?>) result).refusal();
    }
}
