package orb.sim.growth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A logarithmic axis between two round numbers, one decade long or longer, so that what hardly
 * changes looks like it.
 *
 * @param low above zero
 * @param high ten times as much or more
 */
record Axis(double low, double high) {
    private static final double[] STEPS = {1, 2, 5};
    private static final double DECADE = 10;

    /** Rounding must not push a number that is round already to the next one. */
    private static final double SLACK = 1e-9;

    /** From powers of ten and their doubles and halves around these values, all above zero. */
    static Axis around(List<Double> values) {
        double least = values.stream().mapToDouble(each -> each).min().orElse(1);
        double most = values.stream().mapToDouble(each -> each).max().orElse(1);
        double low = roundBelow(least);
        double high = roundAbove(most);
        for (boolean isUp = true; high < low * DECADE * (1 - SLACK); isUp = !isUp) {
            if (isUp) {
                high = roundAbove(high * (1 + 2 * SLACK));
            } else {
                low = roundBelow(low * (1 - 2 * SLACK));
            }
        }
        return new Axis(low, high);
    }

    private static double roundBelow(double value) {
        double decade = Math.pow(DECADE, Math.floor(Math.log10(value) + SLACK));
        double found = decade;
        for (double step : STEPS) {
            if (step * decade <= value * (1 + SLACK)) {
                found = step * decade;
            }
        }
        return found;
    }

    private static double roundAbove(double value) {
        double below = roundBelow(value);
        return below >= value * (1 - SLACK) ? below : next(below);
    }

    private static double next(double round) {
        double decade = Math.pow(DECADE, Math.floor(Math.log10(round) + SLACK));
        for (double step : STEPS) {
            if (step * decade > round * (1 + SLACK)) {
                return step * decade;
            }
        }
        return DECADE * decade;
    }

    /** Where a value stands, 0 at the low end and 1 at the high one. */
    double share(double value) {
        return Math.log(value / low) / Math.log(high / low);
    }

    /** Round numbers to write at it: few, and evenly far apart where it is long. */
    List<Double> ticks() {
        boolean isLong = high / low >= DECADE * DECADE * (1 - SLACK);
        List<Double> ticks = new ArrayList<>();
        for (double tick = low; tick <= high * (1 + SLACK); tick = next(tick)) {
            double decades = Math.log10(tick);
            if (!isLong || Math.abs(decades - Math.rint(decades)) < SLACK) {
                ticks.add(tick);
            }
        }
        return ticks;
    }

    /** A number as people write it. */
    static String label(double value) {
        if (value >= 1) {
            return String.format(Locale.ROOT, "%,d", Math.round(value)).replace(',', '\u202f');
        }
        return String.format(Locale.ROOT, "%.3f", value).replaceAll("0+$", "");
    }
}
