package orb.host.wallet;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.SecureRandom;
import orb.kernel.Bytes;
import orb.kernel.Digest;

/**
 * Access tokens: what their bearer shows, and the digest that is stored instead of it.
 *
 * <p>A token is {@code orb_} and 32 random bytes as 43 base-62 digits (0-9, A-Z, a-z, most
 * significant first): no two characters of it need escaping anywhere, and a scanner can find a
 * leaked one by its start. 256 random bits need no slow hash. Thread-safe.
 */
public final class AccessTokens {
    private static final String PREFIX = "orb_";
    private static final String DIGITS =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int LENGTH = 43;
    private static final int SECRET_LENGTH = 32;

    private AccessTokens() {}

    /** A new token; show it once and keep its digest alone. */
    public static String make(SecureRandom chance) {
        byte[] secret = new byte[SECRET_LENGTH];
        chance.nextBytes(secret);
        return PREFIX + base62(secret);
    }

    /** Whether the text has the form of a token; says nothing of its being known. */
    public static boolean isToken(String text) {
        return text.length() == PREFIX.length() + LENGTH
                && text.startsWith(PREFIX)
                && text.chars().skip(PREFIX.length()).allMatch(c -> DIGITS.indexOf(c) >= 0);
    }

    /** SHA-256 of the token's text in UTF-8: all that is ever stored. */
    public static Digest digest(String token) {
        return Digest.of(Bytes.utf8(token));
    }

    /** Whether this is the token of the digest; takes the same time wherever they differ. */
    public static boolean matches(String shown, Digest stored) {
        return MessageDigest.isEqual(digest(shown).bytes().array(), stored.bytes().array());
    }

    static String base62(byte[] secret) {
        StringBuilder digits = new StringBuilder(LENGTH);
        BigInteger rest = new BigInteger(1, secret);
        BigInteger base = BigInteger.valueOf(DIGITS.length());
        for (int i = 0; i < LENGTH; i++) {
            BigInteger[] parts = rest.divideAndRemainder(base);
            digits.append(DIGITS.charAt(parts[1].intValue()));
            rest = parts[0];
        }
        return digits.reverse().toString();
    }
}
