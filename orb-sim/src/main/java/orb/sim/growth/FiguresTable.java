package orb.sim.growth;

import java.util.Locale;

/** Rows for people. */
final class FiguresTable {
    /** Two lines above the rows. */
    static final String HEAD =
            """
                             lookups                            a node sends in 1 s \
               a tracker sends in 1 s
            nodes trackers   found    hops  asked  ms p50     p99   msgs  table     bytes \
               msgs  busiest     bytes  known  heap/peer   took\
            """;

    private FiguresTable() {}

    static String line(Figures row) {
        Figures.Lookups lookups = row.lookups();
        return String.format(
                Locale.ROOT,
                "%6d %8d %6.1f%% %2.0f to %1.0f %8.1f %8.0f %7.0f %6.1f %6.1f %9.0f %8.0f %8.0f"
                        + " %9.0f %6.0f %7.0f kB %4d s",
                row.size().nodes(),
                row.size().trackers(),
                100.0 * lookups.found() / lookups.asked(),
                lookups.hops().p50(),
                lookups.hops().most(),
                lookups.questions().mean(),
                lookups.millis().p50(),
                lookups.millis().p99(),
                row.nodes().messages().mean(),
                row.nodes().tableMessages(),
                row.nodes().bytes().mean(),
                row.trackers().messages().mean(),
                row.trackers().messages().most(),
                row.trackers().bytes().mean(),
                row.places().known().mean(),
                row.cost().heapPerPeer() / 1_000.0,
                row.cost().wall().toSeconds());
    }
}
