package orb.sim.growth;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A row for programs: one JSON object, flat, numbers alone. What it writes it reads again, so that
 * a table that takes long can be measured in parts.
 */
final class FiguresJson {
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\":(-?[0-9.]+)");

    private FiguresJson() {}

    static String line(Figures row) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("nodes", whole(row.size().nodes()));
        fields.put("trackers", whole(row.size().trackers()));
        fields.put("seed", whole(row.size().seed()));
        Figures.Lookups lookups = row.lookups();
        fields.put("lookups", whole(lookups.asked()));
        fields.put("lookups_found", whole(lookups.found()));
        spread(fields, "lookup_hops", lookups.hops());
        spread(fields, "lookup_questions", lookups.questions());
        spread(fields, "lookup_ms", lookups.millis());
        load(fields, "node", row.nodes());
        load(fields, "tracker", row.trackers());
        spread(fields, "known_peers", row.places().known());
        spread(fields, "kept_items", row.places().items());
        spread(fields, "node_links", row.places().nodeLinks());
        spread(fields, "tracker_links", row.places().trackerLinks());
        fields.put("nodes_without_tracker", whole(row.places().alone()));
        fields.put("heap_bytes_per_peer", whole(row.cost().heapPerPeer()));
        fields.put("wall_seconds", decimal(row.cost().wall().toMillis() / 1_000.0));
        return fields.entrySet().stream()
                .map(field -> '"' + field.getKey() + "\":" + field.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    /**
     * Reads what {@link #line} wrote.
     *
     * @throws IllegalArgumentException for any other text
     */
    static Figures row(String line) {
        Map<String, Double> f = new LinkedHashMap<>();
        Matcher field = FIELD.matcher(line);
        while (field.find()) {
            f.put(field.group(1), Double.valueOf(field.group(2)));
        }
        Size size = new Size(count(f, "nodes"), count(f, "trackers"), (long) number(f, "seed"));
        return new Figures(
                size,
                new Figures.Lookups(
                        count(f, "lookups"),
                        count(f, "lookups_found"),
                        spread(f, "lookup_hops"),
                        spread(f, "lookup_questions"),
                        spread(f, "lookup_ms")),
                load(f, "node"),
                load(f, "tracker"),
                new Figures.Places(
                        spread(f, "known_peers"),
                        spread(f, "kept_items"),
                        spread(f, "node_links"),
                        spread(f, "tracker_links"),
                        count(f, "nodes_without_tracker")),
                new Figures.Cost(
                        count(f, "heap_bytes_per_peer"),
                        Duration.ofMillis(Math.round(1_000 * number(f, "wall_seconds")))));
    }

    private static Figures.Load load(Map<String, Double> fields, String who) {
        return new Figures.Load(
                spread(fields, who + "_messages_per_s"),
                spread(fields, who + "_bytes_per_s"),
                number(fields, who + "_table_messages_per_s_mean"),
                number(fields, who + "_table_bytes_per_s_mean"));
    }

    private static Spread spread(Map<String, Double> fields, String what) {
        return new Spread(
                number(fields, what + "_mean"),
                number(fields, what + "_p50"),
                number(fields, what + "_p99"),
                number(fields, what + "_max"));
    }

    private static int count(Map<String, Double> fields, String what) {
        return (int) number(fields, what);
    }

    private static double number(Map<String, Double> fields, String what) {
        Double found = fields.get(what);
        if (found == null) {
            throw new IllegalArgumentException("this is no row of orb sim --scale: no " + what);
        }
        return found;
    }

    private static void load(Map<String, String> fields, String who, Figures.Load load) {
        spread(fields, who + "_messages_per_s", load.messages());
        spread(fields, who + "_bytes_per_s", load.bytes());
        fields.put(who + "_table_messages_per_s_mean", decimal(load.tableMessages()));
        fields.put(who + "_table_bytes_per_s_mean", decimal(load.tableBytes()));
    }

    private static void spread(Map<String, String> fields, String what, Spread spread) {
        fields.put(what + "_mean", decimal(spread.mean()));
        fields.put(what + "_p50", decimal(spread.p50()));
        fields.put(what + "_p99", decimal(spread.p99()));
        fields.put(what + "_max", decimal(spread.most()));
    }

    private static String whole(long number) {
        return Long.toString(number);
    }

    private static String decimal(double number) {
        return String.format(Locale.ROOT, "%.3f", number);
    }
}
