package orb.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CreditsTest {
    private static final Credits MOST = new Credits(Long.MAX_VALUE);
    private static final Credits LEAST = new Credits(Long.MIN_VALUE);
    private static final Credits ONE = new Credits(1);

    @Test
    void amountsAddSubtractAndMultiply() {
        assertThat(Credits.whole(3).plus(ONE)).isEqualTo(new Credits(3_000_001));
        assertThat(Credits.whole(3).minus(Credits.whole(5))).isEqualTo(Credits.whole(-2));
        assertThat(new Credits(250).times(4)).isEqualTo(new Credits(1000));
        assertThat(Credits.whole(-2).isNegative()).isTrue();
        assertThat(Credits.ZERO.isZero()).isTrue();
        assertThat(ONE.isZero() || ONE.isNegative()).isFalse();
        assertThat(ONE).isLessThan(Credits.whole(1)).isGreaterThan(LEAST);
    }

    @Test
    void arithmeticThatLeaves64BitsThrowsInsteadOfWrapping() {
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> MOST.plus(ONE));
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> LEAST.minus(ONE));
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> Credits.ZERO.minus(LEAST));
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> MOST.times(2));
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> Credits.whole(Long.MAX_VALUE / 1000));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aShareIsTheExactFloorOfItsProduct(long seed) {
        SplittableRandom chance = new SplittableRandom(seed);
        for (int i = 0; i < 20_000; i++) {
            long amount = (chance.nextLong() >>> 1) >>> chance.nextInt(63);
            int share = chance.nextInt(1001);
            BigInteger exact =
                    BigInteger.valueOf(amount)
                            .multiply(BigInteger.valueOf(share))
                            .divide(BigInteger.valueOf(1000));
            assertThat(new Credits(amount).permille(share).micro())
                    .as("%d permille of %d", share, amount)
                    .isEqualTo(exact.longValueExact());
        }
    }

    @Test
    void theWholeShareIsTheAmountAndNoShareIsNothing() {
        assertThat(MOST.permille(1000)).isEqualTo(MOST);
        assertThat(MOST.permille(0)).isEqualTo(Credits.ZERO);
        assertThat(MOST.permille(999).micro()).isPositive();
        assertThat(new Credits(999).permille(1)).isEqualTo(Credits.ZERO);
        assertThat(new Credits(1000).permille(1)).isEqualTo(ONE);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1001, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void aShareBeyondTheWholeIsRefused(int share) {
        assertThatIllegalArgumentException().isThrownBy(() -> MOST.permille(share));
    }

    @Test
    void aShareOfADebtIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Credits(-1).permille(500));
    }

    @ParameterizedTest
    @CsvSource({
        "0,0.000000",
        "1,0.000001",
        "-1,-0.000001",
        "12000250,12.000250",
        "999999,0.999999",
        "1000000,1.000000",
        "-2500000,-2.500000",
        "9223372036854775807,9223372036854.775807",
        "-9223372036854775808,-9223372036854.775808"
    })
    void anAmountIsShownWithSixDecimals(long micro, String shown) {
        assertThat(new Credits(micro)).hasToString(shown);
    }

    @Test
    void anAmountAndACodeAreShownInTheSameDigitsInEveryLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertThat(new Credits(12_000_250)).hasToString("12.000250");
            assertThat(ErrorCode.UNKNOWN_FUNCTION.code()).isEqualTo("ORB-0301");
        } finally {
            Locale.setDefault(before);
        }
    }
}
