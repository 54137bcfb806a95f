package orb.cli.api;

import static orb.kernel.Require.require;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import orb.host.web.Exchange;
import orb.kernel.Bytes;

/**
 * Metrics in the text format of Prometheus, version 0.0.4: families one after the other, each with
 * its help, its type and its samples. Refuses names that the format does not have, and a family
 * that comes twice. For one thread and one answer.
 */
final class MetricsText {
    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final String NAME = "[a-zA-Z_][a-zA-Z0-9_]{0,99}";

    private final StringBuilder text = new StringBuilder();
    private final Set<String> families = new HashSet<>();
    private String family = "";

    /** What a family holds. */
    enum Kind {
        COUNTER,
        GAUGE,
        HISTOGRAM
    }

    /** A name and its value, as they stand within the braces of a sample. */
    record Label(String name, String value) {
        Label {
            require(name.matches(NAME), "%s is no name of a label", name);
        }
    }

    /** Begins a family; the samples that follow are its own. */
    MetricsText family(String name, Kind kind, String help) {
        require(name.matches(NAME), "%s is no name of a metric", name);
        require(families.add(name), "the metric %s comes twice", name);
        family = name;
        text.append("# HELP ").append(name).append(' ');
        text.append(help.replace("\\", "\\\\").replace("\n", "\\n")).append('\n');
        text.append("# TYPE ").append(name).append(' ');
        text.append(kind.name().toLowerCase(Locale.ROOT)).append('\n');
        return this;
    }

    void sample(List<Label> labels, double value) {
        line("", labels, value);
    }

    void sample(List<Label> labels, long value) {
        line("", labels, (double) value);
    }

    /**
     * A histogram.
     *
     * @param bounds upper bounds of the classes, ascending
     * @param counts how many fell into each class; one more than bounds
     * @param sum of all that was counted
     */
    void histogram(List<Label> labels, List<Double> bounds, List<Long> counts, double sum) {
        require(counts.size() == bounds.size() + 1, "one class more than bounds");
        long upTo = 0;
        for (int i = 0; i < counts.size(); i++) {
            upTo += counts.get(i);
            String bound = i < bounds.size() ? number(bounds.get(i)) : "+Inf";
            List<Label> with = new ArrayList<>(labels);
            with.add(new Label("le", bound));
            line("_bucket", with, (double) upTo);
        }
        line("_sum", labels, sum);
        line("_count", labels, (double) upTo);
    }

    private void line(String suffix, List<Label> labels, double value) {
        require(!family.isEmpty(), "a sample belongs to a family");
        text.append(family).append(suffix);
        String before = "{";
        for (Label label : labels) {
            text.append(before).append(label.name).append("=\"").append(escaped(label.value));
            text.append('"');
            before = ",";
        }
        text.append(labels.isEmpty() ? " " : "} ").append(number(value)).append('\n');
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    /** Whole numbers without a fraction, so that a counter reads as it was counted. */
    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1L << 53
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    @Override
    public String toString() {
        return text.toString();
    }

    void answer(Exchange exchange) {
        exchange.bytes(200, TYPE, Bytes.utf8(toString()));
    }
}
