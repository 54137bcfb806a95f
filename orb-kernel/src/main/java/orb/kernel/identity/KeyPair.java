package orb.kernel.identity;

import static orb.kernel.Require.require;

import java.util.Arrays;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * An Ed25519 key pair (RFC 8032) that signs; its secret never appears in {@code toString}.
 *
 * <p>Thread-safe. BouncyCastle's implementation signs about twenty times faster than the JDK's.
 */
public final class KeyPair {
    public static final int SEED_LENGTH = 32;

    private final byte[] seed;
    private final PublicKey publicKey;
    private volatile boolean forgotten;

    private KeyPair(byte[] seed) {
        this.seed = seed;
        byte[] key = new byte[PublicKey.LENGTH];
        Ed25519.generatePublicKey(seed, 0, key, 0);
        publicKey = new PublicKey(Bytes.wrap(key));
    }

    /**
     * The pair that grows from a seed of 32 secret bytes, which are copied.
     *
     * @throws IllegalArgumentException for another length
     */
    public static KeyPair ofSeed(byte[] seed) {
        require(seed.length == SEED_LENGTH, "a key seed has 32 bytes, not %d", seed.length);
        return new KeyPair(seed.clone());
    }

    /** A new pair; {@code chance} fills the array it is given with secret random bytes. */
    public static KeyPair generate(Consumer<byte[]> chance) {
        byte[] seed = new byte[SEED_LENGTH];
        chance.accept(seed);
        return new KeyPair(seed);
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    /**
     * This key's signature over the message in this {@link Domain}.
     *
     * @throws IllegalStateException after {@link #forget}
     */
    public Signature sign(Domain domain, Bytes message) {
        requireSecret();
        byte[] signed = domain.over(message);
        byte[] signature = new byte[Signature.LENGTH];
        Ed25519.sign(seed, 0, publicKey.bytes().array(), 0, signed, 0, signed.length, signature, 0);
        return new Signature(Bytes.wrap(signature));
    }

    /**
     * The secret itself, copied: for a key store that encrypts it, and for nothing else.
     *
     * @throws IllegalStateException after {@link #forget}
     */
    public byte[] seedForStorage() {
        requireSecret();
        return seed.clone();
    }

    /** Overwrites the secret; this pair refuses to sign from then on. */
    public void forget() {
        forgotten = true;
        Arrays.fill(seed, (byte) 0);
    }

    /** Whether {@link #forget} was called. */
    public boolean isForgotten() {
        return forgotten;
    }

    private void requireSecret() {
        if (forgotten) {
            throw new IllegalStateException("the secret of " + this + " was forgotten");
        }
    }

    @Override
    public String toString() {
        return "KeyPair[" + publicKey + "]";
    }
}
