package orb.kernel;

import orb.kernel.identity.PublicKey;

/**
 * Names a holder of credits by the key that may sign for it.
 *
 * @param digest SHA-256 of the public key
 */
public record AccountId(Digest digest) implements Comparable<AccountId> {
    public static AccountId of(PublicKey key) {
        return new AccountId(Digest.of(key.bytes()));
    }

    /**
     * Reads 64 hexadecimal digits.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static AccountId parse(String hex) {
        return new AccountId(Digest.parse(hex));
    }

    /** The first eight digits, for people; never for comparing. */
    public String brief() {
        return digest.hex().substring(0, 8);
    }

    @Override
    public int compareTo(AccountId other) {
        return digest.compareTo(other.digest);
    }

    @Override
    public String toString() {
        return digest.hex();
    }
}
