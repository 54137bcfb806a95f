package orb.host.capability;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import orb.host.store.SpaceFile;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;

/**
 * What one function keeps, or what its owner keeps for it: names and values, of which the file
 * shows neither.
 *
 * <p>A name is stored as its HMAC-SHA-256, and name and value are sealed together with AES-256-GCM
 * under a key of the space, with space and name as associated data: a row that is moved to another
 * name or space, or changed by a bit, does not open. What the file shows: the function's id, how
 * many rows there are and how long. An older copy of a row opens. Thread-safe.
 */
final class Space {
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private final SpaceFile file;
    private final Bytes space;
    private final byte[] sealing;
    private final byte[] naming;
    private final SecureRandom chance;

    private Space(SpaceFile file, Bytes space, StorageKey key, SecureRandom chance) {
        this.file = file;
        this.space = space;
        this.sealing = key.derive("value", space);
        this.naming = key.derive("name", space);
        this.chance = chance;
    }

    /** The key-value space of a function. */
    static Space ofFunction(
            SpaceFile file, FunctionId function, StorageKey key, SecureRandom chance) {
        return new Space(file, named('k', function), key, chance);
    }

    /** What the owner keeps secret for a function. */
    static Space ofSecrets(
            SpaceFile file, FunctionId function, StorageKey key, SecureRandom chance) {
        return new Space(file, named('s', function), key, chance);
    }

    private static Bytes named(char kind, FunctionId function) {
        return Bytes.of((byte) kind).concat(function.digest().bytes());
    }

    /** One name and its value. */
    record Pair(Bytes name, Bytes value) {}

    Result<Optional<Bytes>> get(Bytes name) {
        return file.find(space, hidden(name))
                .then(found ->
                        Result.catching(
                                () -> found.map(sealed -> open(sealed, hidden(name)).value)));
    }

    /**
     * Keeps a value; what the space would hold, in bytes of names and values, if it is too much.
     */
    Result<Optional<Long>> set(Bytes name, Bytes value, long quota) {
        Bytes hidden = hidden(name);
        long size = (long) name.length() + value.length();
        return file.put(new SpaceFile.Row(space, hidden, seal(name, value, hidden), size), quota);
    }

    /** Takes a name out; whether it was there. */
    Result<Boolean> delete(Bytes name) {
        return file.remove(space, hidden(name));
    }

    /** All names with their values, at most so many. */
    Result<List<Pair>> all(int countMax) {
        return file.all(space, countMax)
                .then(rows ->
                        Result.catching(() -> {
                            List<Pair> pairs = new ArrayList<>();
                            for (SpaceFile.Row row : rows) {
                                pairs.add(open(row.sealed(), row.name()));
                            }
                            return pairs;
                        }));
    }

    private Bytes hidden(Bytes name) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(naming, "HmacSHA256"));
            return Bytes.wrap(mac.doFinal(name.array()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    /** Nonce, then the sealed length of the name in two bytes, name and value, then the tag. */
    private Bytes seal(Bytes name, Bytes value, Bytes hidden) {
        byte[] nonce = new byte[NONCE];
        chance.nextBytes(nonce);
        Bytes length = Bytes.of((byte) (name.length() >>> 8), (byte) name.length());
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, nonce);
            cipher.updateAAD(space.concat(hidden).array());
            byte[] sealed = cipher.doFinal(length.concat(name).concat(value).array());
            return Bytes.wrap(nonce).concat(Bytes.wrap(sealed));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sealing a row", e);
        }
    }

    private Pair open(Bytes sealed, Bytes hidden) {
        if (sealed.length() < NONCE + 2) {
            throw damaged();
        }
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, sealed.slice(0, NONCE).array());
            cipher.updateAAD(space.concat(hidden).array());
            Bytes plain =
                    Bytes.wrap(cipher.doFinal(sealed.array(), NONCE, sealed.length() - NONCE));
            int length = (plain.at(0) & 0xff) << 8 | plain.at(1) & 0xff;
            return new Pair(plain.slice(2, 2 + length), plain.slice(2 + length, plain.length()));
        } catch (GeneralSecurityException | IndexOutOfBoundsException e) {
            throw damaged();
        }
    }

    private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(sealing, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        return cipher;
    }

    private static RefusedException damaged() {
        return new RefusedException(
                new Refusal(
                        ErrorCode.STORE_DAMAGED,
                        "a row of spaces.db does not open with this node's storage key",
                        "restore spaces.db and storage.key from the same backup"));
    }
}
