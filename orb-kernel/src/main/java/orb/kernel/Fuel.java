package orb.kernel;

import static orb.kernel.Require.require;

/**
 * Bounded work of an invocation, in units of the gas schedule (about one per instruction).
 *
 * @param units not negative
 */
public record Fuel(long units) implements Comparable<Fuel> {
    public static final Fuel ZERO = new Fuel(0);

    public Fuel {
        require(units >= 0, "fuel cannot be negative: %d", units);
    }

    /** Throws {@link ArithmeticException} if the sum leaves 64 bits. */
    public Fuel plus(Fuel other) {
        return new Fuel(Math.addExact(units, other.units));
    }

    @Override
    public int compareTo(Fuel other) {
        return Long.compare(units, other.units);
    }

    @Override
    public String toString() {
        return units + " fuel";
    }
}
