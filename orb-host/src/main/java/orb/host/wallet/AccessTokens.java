package orb.host.wallet;

import java.security.SecureRandom;
import orb.kernel.Digest;

/** Access tokens: what their bearer shows, and the digest that is stored. */
public final class AccessTokens {
    private AccessTokens() {}
    /** A new token: orb_ and 43 base62 digits of 32 random bytes. */
    public static String make(SecureRandom chance) { throw new UnsupportedOperationException("not yet written"); }
    public static boolean isToken(String text) { throw new UnsupportedOperationException("not yet written"); }
    /** SHA-256 of the token's text in UTF-8: all that is ever stored. */
    public static Digest digest(String token) { throw new UnsupportedOperationException("not yet written"); }
    /** Compares in constant time. */
    public static boolean matches(String shown, Digest stored) { throw new UnsupportedOperationException("not yet written"); }
}
