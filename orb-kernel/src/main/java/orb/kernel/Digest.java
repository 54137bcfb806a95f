package orb.kernel;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A SHA-256 digest (FIPS 180-4): 32 bytes that name their content.
 *
 * @param bytes exactly 32 bytes
 */
public record Digest(Bytes bytes) implements Comparable<Digest> {
    public static final int LENGTH = 32;
    public static final Digest ZERO = new Digest(Bytes.wrap(new byte[LENGTH]));

    // never fed, only copied: a look-up of the algorithm costs more than digesting a receipt
    private static final MessageDigest FRESH = platformSha256();

    public Digest {
        bytes.exactly(LENGTH, "a SHA-256 digest");
    }

    public static Digest of(Bytes content) {
        return sha256(content.array());
    }

    /** The digest of the parts, one after the other, without a separator. */
    public static Digest sha256(byte[]... parts) {
        MessageDigest digest = newSha256();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return new Digest(Bytes.wrap(digest.digest()));
    }

    /** A fresh SHA-256 for content that arrives in pieces; not thread-safe. */
    public static MessageDigest newSha256() {
        try {
            return (MessageDigest) FRESH.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the platform's SHA-256 cannot be copied", e);
        }
    }

    private static MessageDigest platformSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Reads 64 hexadecimal digits.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static Digest parse(String hex) {
        return new Digest(Bytes.hex(hex));
    }

    public String hex() {
        return bytes.hex();
    }

    @Override
    public int compareTo(Digest other) {
        return bytes.compareTo(other.bytes);
    }

    @Override
    public String toString() {
        return hex();
    }
}
