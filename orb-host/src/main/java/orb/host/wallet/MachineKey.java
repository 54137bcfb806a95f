package orb.host.wallet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import orb.host.store.DurableFiles;
import orb.host.store.FileFault;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;

/**
 * The key that a node or tracker is known by: made once, in a file that its owner alone may read.
 *
 * <p>It is not encrypted, because a node starts without a person; so a file that others may read is
 * refused. The file names the public key too, so that damage is found instead of giving the node
 * another id. Layout: docs/protocol/wallet.md.
 */
public final class MachineKey {
    private static final String NAME = "orb-machine-key";
    private static final int VERSION = 1;
    private static final int FILE_MAX = 256;

    private MachineKey() {}

    /**
     * Reads the key file, or makes it (0600) if there is none.
     *
     * @return KEY_EXPOSED if others may read it, WALLET_DAMAGED, DISK_FULL or STORE_UNUSABLE
     */
    public static Result<KeyPair> openOrCreate(Path file, SecureRandom chance) {
        try {
            if (!Files.exists(file)) {
                return Result.ok(create(file, chance));
            }
            if (DurableFiles.isOpenToOthers(file)) {
                return Result.refused(
                        new Refusal(
                                ErrorCode.KEY_EXPOSED,
                                file + " may be read or written by others than its owner",
                                "if nobody has copied it: chmod 600 " + file));
            }
            byte[] bytes = Files.size(file) > FILE_MAX ? new byte[0] : Files.readAllBytes(file);
            try {
                return Result.ok(read(Bytes.wrap(bytes)));
            } catch (RefusedException e) {
                return Result.refused(
                        new Refusal(
                                ErrorCode.WALLET_DAMAGED,
                                file + ": " + e.refusal().what(),
                                "restore it from a backup; without it this node gets another id"));
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        } catch (IOException e) {
            return Result.refused(FileFault.refusal(file, e));
        }
    }

    /**
     * Reads the file's bytes.
     *
     * @throws RefusedException for any bytes that {@link #create} did not write
     */
    static KeyPair read(Bytes bytes) {
        Fields f =
                Fields.of(
                        Cbor.decodeOrThrow(bytes, new DecodeLimits(FILE_MAX, 1, 8)),
                        "the key file");
        if (!f.text(32).equals(NAME) || f.number(0, Long.MAX_VALUE) != VERSION) {
            throw new RefusedException(
                    ErrorCode.WALLET_DAMAGED, "it is not a key file of format 1");
        }
        Bytes seed = f.exactBytes(KeyPair.SEED_LENGTH);
        Bytes publicKey = f.exactBytes(PublicKey.LENGTH);
        f.end();
        KeyPair key = KeyPair.ofSeed(seed.array());
        Arrays.fill(seed.array(), (byte) 0);
        if (!key.publicKey().bytes().equals(publicKey)) {
            key.forget();
            throw new RefusedException(
                    ErrorCode.WALLET_DAMAGED, "its secret key does not fit its public key");
        }
        return key;
    }

    private static KeyPair create(Path file, SecureRandom chance) throws IOException {
        KeyPair key = KeyPair.generate(chance::nextBytes);
        Bytes seed = Bytes.wrap(key.seedForStorage());
        Bytes bytes =
                Cbor.encode(
                        Value.array(
                                Value.of(NAME),
                                Value.of(VERSION),
                                Value.of(seed),
                                Value.of(key.publicKey().bytes())));
        DurableFiles.write(file, bytes.array());
        Arrays.fill(seed.array(), (byte) 0);
        Arrays.fill(bytes.array(), (byte) 0);
        return key;
    }
}
