package orb.host.wallet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import orb.host.store.DurableFiles;
import orb.host.store.FileFault;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;

/**
 * The encrypted wallet file, open: the wallet's own key and one key for each function of its owner.
 *
 * <p>The file is replaced as a whole, readable by its owner alone (0600); after a crash the old or
 * the new content is there. Opening takes some tenths of a second and 64 MiB on purpose (Argon2id).
 * Key pairs are given out as copies: whoever asked for one wipes it with {@link KeyPair#forget}.
 * Passphrases stay the caller's to wipe. Thread-safe; of two processes that write one wallet the
 * second is refused. Format: docs/protocol/wallet.md.
 */
public final class KeyStore implements AutoCloseable {
    public static final int PASSPHRASE_MIN = 8;
    public static final int PASSPHRASE_MAX = 1_024;

    private final Path file;
    private final SecureRandom chance;
    private final Secrets secrets;
    private WalletFile.Keys keys;
    private Digest written;

    private KeyStore(
            Path file, SecureRandom chance, Secrets secrets, WalletFile.Keys keys, Digest written) {
        this.file = file;
        this.chance = chance;
        this.secrets = secrets;
        this.keys = keys;
        this.written = written;
    }

    /**
     * Makes a wallet with a new key.
     *
     * @param name the account's name: 1..63 of a-z, 0-9 and inner hyphens
     * @return WALLET_EXISTS; BAD_ARGUMENT for a passphrase shorter than {@link #PASSPHRASE_MIN} or
     *     another name; DISK_FULL, STORE_UNUSABLE
     */
    public static Result<KeyStore> create(
            Path file, String name, char[] passphrase, SecureRandom chance) {
        return create(file, name, passphrase, chance, WalletFile.Cost.STANDARD);
    }

    static Result<KeyStore> create(
            Path file, String name, char[] passphrase, SecureRandom chance, WalletFile.Cost cost) {
        if (!FunctionName.isLabel(name)) {
            return Result.refused(
                    ErrorCode.BAD_ARGUMENT,
                    "a name is 1..63 of a-z, 0-9 and inner hyphens, not \"" + name + "\"");
        }
        Optional<Refusal> refusal = WalletFile.weakness(passphrase).or(() -> existing(file));
        if (refusal.isPresent()) {
            return Result.refused(refusal.get());
        }
        Secrets secrets = new Secrets(name, KeyPair.generate(chance::nextBytes), Map.of());
        WalletFile.Keys keys = WalletFile.derive(passphrase, derivation(cost, chance));
        KeyStore store = new KeyStore(file, chance, secrets, keys, Digest.ZERO);
        return store.write()
                .<Result<KeyStore>>map(Result::refused)
                .orElseGet(() -> Result.ok(store));
    }

    /** Opens it; NO_WALLET, WRONG_PASSPHRASE, WALLET_DAMAGED, STORE_UNUSABLE. */
    public static Result<KeyStore> open(Path file, char[] passphrase, SecureRandom chance) {
        return read(file)
                .then(bytes -> Result.catching(() -> open(file, bytes, passphrase, chance)));
    }

    /**
     * Checks an exported wallet and puts it at {@code file}, such as on a new machine.
     *
     * @return WALLET_EXISTS if there is one already; else as {@link #open}
     */
    public static Result<KeyStore> restore(
            Path exported, Path file, char[] passphrase, SecureRandom chance) {
        Optional<Refusal> refusal = existing(file);
        if (refusal.isPresent()) {
            return Result.refused(refusal.get());
        }
        return read(exported)
                .then(bytes -> {
                    Result<KeyStore> opened =
                            Result.catching(() -> open(file, bytes, passphrase, chance));
                    if (!(opened instanceof Result.Ok<KeyStore>(KeyStore store))) {
                        return opened;
                    }
                    Optional<Refusal> unwritten = put(file, bytes);
                    if (unwritten.isPresent()) {
                        store.close();
                        return Result.refused(unwritten.get());
                    }
                    return opened;
                });
    }

    /** The account's name. */
    public String name() {
        return secrets.name();
    }

    /** The wallet's key; yours to forget. */
    public synchronized KeyPair wallet() {
        return copy(secrets.wallet());
    }

    /** The functions that have a key, sorted. */
    public synchronized List<String> functions() {
        return List.copyOf(secrets.functions().keySet());
    }

    /** The function's key, if it has one; yours to forget. */
    public synchronized Optional<KeyPair> functionKey(String function) {
        return Optional.ofNullable(secrets.functions().get(function)).map(KeyStore::copy);
    }

    /**
     * The function's key, made and durably kept at first use; yours to forget.
     *
     * @return BAD_ARGUMENT for a name that no function can have or one too many; STORE_LOCKED if
     *     another process changed the file; DISK_FULL, STORE_UNUSABLE
     */
    public synchronized Result<KeyPair> makeFunctionKey(String function) {
        Optional<KeyPair> present = functionKey(function);
        if (present.isPresent()) {
            return Result.ok(present.get());
        }
        if (!FunctionName.isLabel(function)) {
            return Result.refused(
                    ErrorCode.BAD_ARGUMENT,
                    "a function's name is 1..63 of a-z, 0-9 and inner hyphens, not \""
                            + function
                            + "\"");
        }
        if (secrets.functions().size() >= Secrets.FUNCTIONS_MAX) {
            return Result.refused(
                    ErrorCode.BAD_ARGUMENT,
                    "a wallet holds the keys of at most " + Secrets.FUNCTIONS_MAX + " functions");
        }
        KeyPair key = KeyPair.generate(chance::nextBytes);
        secrets.functions().put(function, key);
        Optional<Refusal> refusal = rewrite();
        if (refusal.isPresent()) {
            secrets.functions().remove(function);
            key.forget();
            return Result.refused(refusal.get());
        }
        return Result.ok(copy(key));
    }

    /** Seals the wallet anew under another passphrase; refusals as {@link #makeFunctionKey}. */
    public synchronized Optional<Refusal> changePassphrase(char[] passphrase) {
        Optional<Refusal> weakness = WalletFile.weakness(passphrase);
        if (weakness.isPresent()) {
            return weakness;
        }
        WalletFile.Keys before = keys;
        keys = WalletFile.derive(passphrase, derivation(before.derivation().cost(), chance));
        Optional<Refusal> refusal = rewrite();
        if (refusal.isPresent()) {
            keys.wipe();
            keys = before;
        } else {
            before.wipe();
        }
        return refusal;
    }

    /**
     * Writes an encrypted copy that opens with the present passphrase.
     *
     * @return WALLET_EXISTS if the target is there already; DISK_FULL, STORE_UNUSABLE
     */
    public synchronized Optional<Refusal> exportTo(Path target) {
        Optional<Refusal> refusal = existing(target);
        return refusal.isPresent() ? refusal : put(target, sealed());
    }

    /** Wipes the keys that this object holds; it must not be used again. */
    @Override
    public synchronized void close() {
        keys.wipe();
        secrets.forget();
    }

    private static KeyStore open(Path file, Bytes bytes, char[] passphrase, SecureRandom chance) {
        WalletFile.Opened opened = WalletFile.open(file.toString(), bytes, passphrase);
        try {
            Secrets secrets = Secrets.ofBytes(opened.content());
            return new KeyStore(file, chance, secrets, opened.keys(), Digest.of(bytes));
        } catch (RefusedException e) {
            opened.keys().wipe();
            throw WalletFile.damaged(file.toString(), e.refusal().what());
        } finally {
            Arrays.fill(opened.content(), (byte) 0);
        }
    }

    /** Replaces the file unless somebody else has changed it, which would lose their keys. */
    private Optional<Refusal> rewrite() {
        Result<Bytes> present = read(file);
        if (present instanceof Result.Ok<Bytes>(Bytes bytes) && Digest.of(bytes).equals(written)) {
            return write();
        }
        return Optional.of(
                new Refusal(
                        ErrorCode.STORE_LOCKED,
                        file + " was changed or removed since it was opened",
                        "end the other program that uses this wallet and open it again"));
    }

    private Optional<Refusal> write() {
        Bytes bytes = sealed();
        Optional<Refusal> refusal = put(file, bytes);
        if (refusal.isEmpty()) {
            written = Digest.of(bytes);
        }
        return refusal;
    }

    private Bytes sealed() {
        byte[] content = secrets.toBytes();
        try {
            return WalletFile.seal(keys, random(WalletFile.NONCE_LENGTH, chance), content);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private static Optional<Refusal> put(Path file, Bytes bytes) {
        try {
            DurableFiles.makeFolder(DurableFiles.folderOf(file));
            DurableFiles.write(file, bytes.array());
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(FileFault.refusal(file, e));
        }
    }

    private static Result<Bytes> read(Path file) {
        try {
            if (Files.size(file) > WalletFile.FILE_MAX) {
                return Result.refused(
                        WalletFile.damaged(file.toString(), "it is too large to be a wallet")
                                .refusal());
            }
            return Result.ok(Bytes.wrap(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.NO_WALLET,
                            "there is no wallet at " + file,
                            "make one with orb login --name NAME, or restore an export"));
        } catch (IOException e) {
            return Result.refused(FileFault.refusal(file, e));
        }
    }

    private static Optional<Refusal> existing(Path file) {
        return Files.exists(file)
                ? Optional.of(
                        new Refusal(
                                ErrorCode.WALLET_EXISTS,
                                file + " is there already",
                                "open it, or choose another place"))
                : Optional.empty();
    }

    private static WalletFile.Derivation derivation(WalletFile.Cost cost, SecureRandom chance) {
        return new WalletFile.Derivation(cost, random(WalletFile.SALT_LENGTH, chance));
    }

    private static Bytes random(int length, SecureRandom chance) {
        byte[] bytes = new byte[length];
        chance.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    private static KeyPair copy(KeyPair key) {
        byte[] seed = key.seedForStorage();
        try {
            return KeyPair.ofSeed(seed);
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }
}
