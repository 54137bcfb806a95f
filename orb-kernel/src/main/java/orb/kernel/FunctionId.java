package orb.kernel;

import orb.kernel.identity.PublicKey;

/**
 * Names a function over all its versions by the key that signs them.
 *
 * @param digest SHA-256 of the public key
 */
public record FunctionId(Digest digest) implements Comparable<FunctionId> {
    public static FunctionId of(PublicKey key) {
        return new FunctionId(Digest.of(key.bytes()));
    }

    /**
     * Reads 64 hexadecimal digits.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static FunctionId parse(String hex) {
        return new FunctionId(Digest.parse(hex));
    }

    /** The first eight digits, for people; never for comparing. */
    public String brief() {
        return digest.hex().substring(0, 8);
    }

    @Override
    public int compareTo(FunctionId other) {
        return digest.compareTo(other.digest);
    }

    @Override
    public String toString() {
        return digest.hex();
    }
}
