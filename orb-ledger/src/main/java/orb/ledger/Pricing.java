package orb.ledger;

import static orb.kernel.Require.require;

import orb.kernel.ByteSize;
import orb.kernel.Credits;
import orb.kernel.Fuel;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * The published formula of what deploying costs; quote and bill are the same call of it.
 *
 * <p>{@code cost = base + ceil(fuel x perMillionFuel / 10^6) + ceil(memory x perMebibyteMemory /
 * 2^20) + ceil(size x perKibibyteSize / 2^10)}. Immutable.
 *
 * @param base for every version, in micro-credits
 * @param perMillionFuel for each million units of fuel of the owner's run on the sample input
 * @param perMebibyteMemory for each MiB of that run's peak memory
 * @param perKibibyteSize for each KiB of the executable
 */
public record Pricing(
        Credits base, Credits perMillionFuel, Credits perMebibyteMemory, Credits perKibibyteSize) {
    /** No rate is above a million credits, so that the formula stays within 64 bits. */
    public static final Credits RATE_MAX = Credits.whole(1_000_000);

    /** What a swarm charges unless its genesis says otherwise. */
    public static final Pricing STANDARD =
            new Pricing(
                    new Credits(100_000),
                    new Credits(10_000),
                    new Credits(1_000),
                    new Credits(100));

    private static final long MILLION = 1_000_000;

    public Pricing {
        requireRate(base, "base");
        requireRate(perMillionFuel, "perMillionFuel");
        requireRate(perMebibyteMemory, "perMebibyteMemory");
        requireRate(perKibibyteSize, "perKibibyteSize");
    }

    /**
     * What one version costs its owner when it is deployed.
     *
     * @throws ArithmeticException if it leaves 64 bits
     */
    public Credits deployCost(Fuel fuel, ByteSize memory, ByteSize size) {
        return base.plus(ceil(fuel.units(), perMillionFuel, MILLION))
                .plus(ceil(memory.bytes(), perMebibyteMemory, 1 << 20))
                .plus(ceil(size.bytes(), perKibibyteSize, 1 << 10));
    }

    /**
     * {@code ceil(units x rate / per)}, exact; throws {@link ArithmeticException} beyond 64 bits.
     */
    static Credits ceil(long units, Credits rate, long per) {
        // split so that no product of a large count and a rate is formed before the division
        long rest = Math.ceilDiv(units % per * rate.micro(), per);
        return rate.times(units / per).plus(new Credits(rest));
    }

    static void requireRate(Credits rate, String what) {
        require(
                !rate.isNegative() && rate.compareTo(RATE_MAX) <= 0,
                "%s is 0..%s credits, not %s",
                what,
                RATE_MAX,
                rate);
    }

    Value toValue() {
        return Value.array(
                Value.of(base.micro()),
                Value.of(perMillionFuel.micro()),
                Value.of(perMebibyteMemory.micro()),
                Value.of(perKibibyteSize.micro()));
    }

    static Pricing from(Fields f) {
        Pricing pricing = new Pricing(f.credits(), f.credits(), f.credits(), f.credits());
        f.end();
        return pricing;
    }
}
