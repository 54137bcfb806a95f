package orb.sim.growth;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A row for programs: one JSON object, flat, numbers alone. */
final class FiguresJson {
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
