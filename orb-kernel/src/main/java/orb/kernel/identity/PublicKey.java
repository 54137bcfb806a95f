package orb.kernel.identity;

import orb.kernel.Bytes;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * An Ed25519 public key (RFC 8032 section 5.1).
 *
 * @param bytes exactly 32 bytes
 */
public record PublicKey(Bytes bytes) implements Comparable<PublicKey> {
    public static final int LENGTH = 32;

    public PublicKey {
        bytes.exactly(LENGTH, "an Ed25519 public key");
    }

    /** Whether the signature is this key's over the message in this {@link Domain}. */
    public boolean verifies(Signature signature, Domain domain, Bytes message) {
        byte[] signed = domain.over(message);
        return VerifiedOnce.isGood(
                this, signature, signed, () -> verifies(signature.bytes(), signed));
    }

    private boolean verifies(Bytes signature, byte[] signed) {
        return Ed25519.verify(signature.array(), 0, bytes.array(), 0, signed, 0, signed.length);
    }

    @Override
    public int compareTo(PublicKey other) {
        return bytes.compareTo(other.bytes);
    }

    @Override
    public String toString() {
        return bytes.hex();
    }
}
