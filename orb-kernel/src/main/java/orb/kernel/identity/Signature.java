package orb.kernel.identity;

import orb.kernel.Bytes;

/**
 * An Ed25519 signature (RFC 8032 section 5.1.6).
 *
 * @param bytes exactly 64 bytes
 */
public record Signature(Bytes bytes) {
    public static final int LENGTH = 64;

    public Signature {
        bytes.exactly(LENGTH, "an Ed25519 signature");
    }
}
