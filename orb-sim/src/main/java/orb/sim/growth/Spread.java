package orb.sim.growth;

import java.util.List;

/**
 * Where many measured values lie, by nearest rank.
 *
 * @param mean of all
 * @param p50 half of them are at most this
 * @param p99 of a hundred 99 are at most this
 * @param most the largest
 */
record Spread(double mean, double p50, double p99, double most) {
    static final Spread NONE = new Spread(0, 0, 0, 0);

    static Spread of(List<? extends Number> values) {
        if (values.isEmpty()) {
            return NONE;
        }
        double[] sorted = values.stream().mapToDouble(Number::doubleValue).sorted().toArray();
        double sum = 0;
        for (double value : sorted) {
            sum += value;
        }
        return new Spread(
                sum / sorted.length,
                ranked(sorted, 0.50),
                ranked(sorted, 0.99),
                sorted[sorted.length - 1]);
    }

    private static double ranked(double[] sorted, double share) {
        int rank = (int) Math.ceil(share * sorted.length);
        return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
    }
}
