package orb.cli.bench;

/**
 * One measured figure.
 *
 * @param bench what was measured
 * @param metric which of its figures
 * @param unit of the value; {@code x} for a ratio
 * @param n how many measurements it comes from
 */
public record Figure(String bench, String metric, double value, String unit, long n) {}
