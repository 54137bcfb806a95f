package orb.host.capability;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import orb.host.store.DurableFiles;
import orb.host.store.FileFault;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;

/**
 * The key that what functions and owners keep on this node is sealed with: made once, in a file
 * that this user alone may read. Each space has keys of its own, derived by HKDF-SHA-256 (RFC
 * 5869).
 *
 * <p>As the machine's key it is not encrypted, because a node starts without a person; it keeps a
 * copied database from being read, not this machine's user. Layout: docs/protocol/storage.md.
 * Thread-safe.
 */
public final class StorageKey {
    private static final int LENGTH = 32;
    private static final int CHECK = 8;

    private final byte[] key;

    StorageKey(byte[] key) {
        this.key = key.clone();
    }

    /**
     * Reads the key file, or makes it (0600) if there is none.
     *
     * @return KEY_EXPOSED if others may read it, STORE_DAMAGED, DISK_FULL or STORE_UNUSABLE
     */
    public static Result<StorageKey> openOrCreate(Path file, SecureRandom chance) {
        try {
            if (!Files.exists(file)) {
                byte[] key = new byte[LENGTH];
                chance.nextBytes(key);
                DurableFiles.write(file, Bytes.wrap(key).concat(check(Bytes.wrap(key))).array());
                return Result.ok(new StorageKey(key));
            }
            if (DurableFiles.isOpenToOthers(file)) {
                return Result.refused(
                        new Refusal(
                                ErrorCode.KEY_EXPOSED,
                                file + " may be read or written by others than its owner",
                                "if nobody has copied it: chmod 600 " + file));
            }
            Bytes bytes =
                    Files.size(file) == LENGTH + CHECK
                            ? Bytes.wrap(Files.readAllBytes(file))
                            : Bytes.EMPTY;
            if (bytes.isEmpty()
                    || !check(bytes.slice(0, LENGTH)).equals(bytes.slice(LENGTH, bytes.length()))) {
                return Result.refused(
                        new Refusal(
                                ErrorCode.STORE_DAMAGED,
                                file + " is not a storage key",
                                "restore it from a backup; without it what functions keep here"
                                        + " cannot be read"));
            }
            return Result.ok(new StorageKey(bytes.slice(0, LENGTH).array()));
        } catch (IOException e) {
            return Result.refused(FileFault.refusal(file, e));
        }
    }

    private static Bytes check(Bytes key) {
        return Digest.of(key).bytes().slice(0, CHECK);
    }

    /** Another key for each purpose and space. */
    byte[] derive(String purpose, Bytes space) {
        Bytes info = Bytes.utf8("orb/space/1/" + purpose + "/").concat(space);
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(
                            HKDFParameterSpec.ofExtract()
                                    .addIKM(key)
                                    .thenExpand(info.array(), LENGTH));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK since 25 has HKDF-SHA256", e);
        }
    }
}
