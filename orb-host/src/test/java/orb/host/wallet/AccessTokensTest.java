package orb.host.wallet;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.TreeSet;
import orb.kernel.Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AccessTokensTest {
    @Test
    void tokensHaveOneFormAndNeverRepeat() {
        SecureRandom chance = new SecureRandom();
        TreeSet<String> seen = new TreeSet<>();
        for (int i = 0; i < 1_000; i++) {
            String token = AccessTokens.make(chance);
            assertThat(token).matches("orb_[0-9A-Za-z]{43}");
            assertThat(AccessTokens.isToken(token)).isTrue();
            assertThat(seen.add(token)).isTrue();
        }
    }

    @Test
    void theSmallestAndTheLargestSecretHaveTheSameLength() {
        byte[] largest = new byte[32];
        Arrays.fill(largest, (byte) 0xff);
        assertThat(AccessTokens.base62(new byte[32])).isEqualTo("0".repeat(43));
        assertThat(AccessTokens.base62(largest)).hasSize(43).isNotEqualTo("z".repeat(43));
        byte[] one = new byte[32];
        one[31] = 62;
        assertThat(AccessTokens.base62(one)).endsWith("010");
    }

    @Test
    void onlyTheTokenItselfMatchesItsDigest() {
        String token = AccessTokens.make(new SecureRandom());
        Digest stored = AccessTokens.digest(token);
        assertThat(AccessTokens.matches(token, stored)).isTrue();
        assertThat(AccessTokens.matches(token + "0", stored)).isFalse();
        assertThat(AccessTokens.matches("", stored)).isFalse();
        assertThat(stored.hex()).doesNotContain(token.substring(4));
    }

    @Test
    void otherTextsAreNoTokens() {
        for (String text :
                new String[] {"", "orb_", "orb_" + "-".repeat(43), "ORB_" + "0".repeat(43)}) {
            assertThat(AccessTokens.isToken(text)).isFalse();
        }
    }
}
