package orb.sim.growth;

import java.util.Locale;

/** Rows for people. */
final class FiguresTable {
    private static final String CELLS =
            "%6s %8s %7s %7s %6s %7s %6s %7s %6s %7s %7s %8s %8s %6s %8s %7s";

    /** Two lines above the rows. */
    static final String HEAD =
            String.format(
                                    "%-15s  %-35s  %-22s  %-25s  %-15s %s",
                                    "a swarm of",
                                    "lookups",
                                    "a node sends in 1 s",
                                    "a tracker sends in 1 s",
                                    "a peer keeps",
                                    "")
                            .stripTrailing()
                    + "\n"
                    + String.format(
                            CELLS,
                            "nodes",
                            "trackers",
                            "found",
                            "hops",
                            "asked",
                            "ms p50",
                            "p99",
                            "msgs",
                            "table",
                            "bytes",
                            "msgs",
                            "busiest",
                            "bytes",
                            "known",
                            "heap",
                            "took");

    private FiguresTable() {}

    static String line(Figures row) {
        Figures.Lookups lookups = row.lookups();
        return String.format(
                CELLS,
                row.size().nodes(),
                row.size().trackers(),
                decimal(100.0 * lookups.found() / lookups.asked()) + "%",
                decimal(lookups.hops().mean()) + "<=" + whole(lookups.hops().most()),
                decimal(lookups.questions().mean()),
                whole(lookups.millis().p50()),
                whole(lookups.millis().p99()),
                decimal(row.nodes().messages().mean()),
                decimal(row.nodes().tableMessages()),
                whole(row.nodes().bytes().mean()),
                whole(row.trackers().messages().mean()),
                whole(row.trackers().messages().most()),
                whole(row.trackers().bytes().mean()),
                whole(row.places().known().mean()),
                whole(row.cost().heapPerPeer() / 1_000.0) + " kB",
                row.cost().wall().toSeconds() + " s");
    }

    private static String whole(double number) {
        return String.format(Locale.ROOT, "%.0f", number);
    }

    private static String decimal(double number) {
        return String.format(Locale.ROOT, "%.1f", number);
    }
}
