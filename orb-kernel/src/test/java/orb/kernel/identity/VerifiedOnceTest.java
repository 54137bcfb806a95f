package orb.kernel.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import orb.kernel.Bytes;
import org.junit.jupiter.api.Test;

final class VerifiedOnceTest {
    private static final KeyPair PAIR = KeyPair.ofSeed(new byte[32]);
    private static final PublicKey KEY = PAIR.publicKey();
    private static final Bytes MESSAGE = Bytes.utf8("what is signed");
    private static final Bytes OTHER = Bytes.utf8("what is not");
    private static final Signature SIGNATURE = PAIR.sign(Domain.NODE_RECORD, MESSAGE);

    private final AtomicInteger verified = new AtomicInteger();

    private boolean isGood(Signature signature, Bytes message) {
        return VerifiedOnce.isGood(
                KEY,
                signature,
                message.array(),
                () -> {
                    verified.incrementAndGet();
                    return message.equals(MESSAGE);
                });
    }

    @Test
    void nothingIsRememberedOutside() {
        assertThat(isGood(SIGNATURE, MESSAGE)).isTrue();
        assertThat(isGood(SIGNATURE, MESSAGE)).isTrue();
        assertThat(verified).hasValue(2);
    }

    @Test
    void insideAGoodSignatureIsVerifiedOnceAndABadOneEachTime() {
        VerifiedOnce.during(
                10,
                () -> {
                    for (int i = 0; i < 3; i++) {
                        assertThat(isGood(SIGNATURE, MESSAGE)).isTrue();
                    }
                    assertThat(verified).hasValue(1);
                    for (int i = 0; i < 3; i++) {
                        assertThat(isGood(SIGNATURE, OTHER)).isFalse();
                    }
                    assertThat(verified).hasValue(4);
                });
    }

    @Test
    void onlySoManyAreRemembered() {
        VerifiedOnce.during(
                1,
                () -> {
                    Signature second = PAIR.sign(Domain.NODE_RECORD, OTHER);
                    isGood(SIGNATURE, MESSAGE);
                    isGood(second, MESSAGE);
                    isGood(SIGNATURE, MESSAGE);
                });
        assertThat(verified).hasValue(3);
    }

    @Test
    void whatAKeyVerifiesIsTheSameInsideAndOutside() {
        Runnable both =
                () -> {
                    for (int i = 0; i < 2; i++) {
                        assertThat(KEY.verifies(SIGNATURE, Domain.NODE_RECORD, MESSAGE)).isTrue();
                        assertThat(KEY.verifies(SIGNATURE, Domain.NODE_RECORD, OTHER)).isFalse();
                        assertThat(KEY.verifies(SIGNATURE, Domain.DISCOVERY, MESSAGE)).isFalse();
                    }
                };
        both.run();
        VerifiedOnce.during(10, both);
    }
}
