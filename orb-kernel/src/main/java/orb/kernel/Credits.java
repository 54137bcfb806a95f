package orb.kernel;

import static orb.kernel.Require.require;

import java.math.BigDecimal;

/**
 * An amount of the reward unit in whole micro-credits; one credit is 1,000,000 of them.
 *
 * <p>Arithmetic that leaves 64 bits throws: a wrong amount is worse than a stopped peer.
 *
 * @param micro micro-credits, negative only in balances and differences
 */
public record Credits(long micro) implements Comparable<Credits> {
    public static final Credits ZERO = new Credits(0);
    public static final long MICRO_PER_CREDIT = 1_000_000;

    /** Whole credits. */
    public static Credits whole(long credits) {
        return new Credits(Math.multiplyExact(credits, MICRO_PER_CREDIT));
    }

    /** Throws {@link ArithmeticException} if the sum leaves 64 bits. */
    public Credits plus(Credits other) {
        return new Credits(Math.addExact(micro, other.micro));
    }

    /** Throws {@link ArithmeticException} if the difference leaves 64 bits. */
    public Credits minus(Credits other) {
        return new Credits(Math.subtractExact(micro, other.micro));
    }

    /** Throws {@link ArithmeticException} if the product leaves 64 bits. */
    public Credits times(long count) {
        return new Credits(Math.multiplyExact(micro, count));
    }

    /** This many thousandths of the amount, rounded down; exact for all amounts up to 64 bits. */
    public Credits permille(int share) {
        require(share >= 0 && share <= 1000, "a share is 0..1000 permille, not %d", share);
        require(micro >= 0, "a share is taken of an amount, not of the debt %d", micro);
        return new Credits(micro / 1000 * share + micro % 1000 * share / 1000);
    }

    public boolean isNegative() {
        return micro < 0;
    }

    public boolean isZero() {
        return micro == 0;
    }

    @Override
    public int compareTo(Credits other) {
        return Long.compare(micro, other.micro);
    }

    /** As credits with six decimals, such as {@code 12.000250}. */
    @Override
    public String toString() {
        return BigDecimal.valueOf(micro, 6).toPlainString();
    }
}
