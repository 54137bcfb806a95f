package orb.sim.growth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Draws measured rows as SVG: a panel for each figure, over the number of nodes, both axes
 * logarithmic, a line for each number of trackers. Lines differ in colour and in the shape of their
 * points; colours are those of the reader's light or dark screen.
 */
final class Plot {
    private static final int COLUMNS = 2;
    private static final int WIDTH = 380;
    private static final int HEIGHT = 250;
    private static final int LEFT = 62;
    private static final int TOP = 34;
    private static final int RIGHT = 28;
    private static final int BOTTOM = 46;
    private static final int HEAD = 44;
    private static final int LEGEND = 130;
    private static final int LINES = 5;

    private static final List<Panel> PANELS =
            List.of(
                    new Panel(
                            "a node sends, messages in 1 s", row -> row.nodes().messages().mean()),
                    new Panel("a node sends, bytes in 1 s", row -> row.nodes().bytes().mean()),
                    new Panel(
                            "the busiest tracker sends, messages in 1 s",
                            row -> row.trackers().messages().most()),
                    new Panel("hops of a lookup, mean", row -> row.lookups().hops().mean()),
                    new Panel("time of a lookup, ms, median", row -> row.lookups().millis().p50()),
                    new Panel(
                            "heap of a peer, kB (not seeded)",
                            row -> row.cost().heapPerPeer() / 1_000.0));

    private static final String STYLE =
            """
            <style>
            svg { background: #ffffff; }
            .paper { fill: #ffffff; }
            text { font: 12px sans-serif; fill: #1c2330; }
            .title { font-weight: bold; }
            .grid { stroke: #c9d0da; stroke-width: 1; }
            .frame { stroke: #5b6675; stroke-width: 1; fill: none; }
            .line { fill: none; stroke-width: 2; }
            .s0 { stroke: #0b62c4; } .s1 { stroke: #c2410c; } .s2 { stroke: #15803d; }
            .s3 { stroke: #8b1fa9; } .s4 { stroke: #7a5c00; }
            .dot { fill: #ffffff; stroke-width: 2; }
            @media (prefers-color-scheme: dark) {
            svg { background: #12161d; }
            .paper { fill: #12161d; }
            text { fill: #e6eaf0; }
            .grid { stroke: #343d4a; }
            .frame { stroke: #98a4b3; }
            .s0 { stroke: #6cb2ff; } .s1 { stroke: #ff9a5c; } .s2 { stroke: #5fd08a; }
            .s3 { stroke: #dc8bf3; } .s4 { stroke: #e6c34a; }
            .dot { fill: #12161d; }
            }
            </style>
            """;

    private final StringBuilder svg = new StringBuilder();
    private final List<Figures> rows;
    private final List<Integer> trackers;
    private final Axis nodes;

    /** One figure over the number of nodes. */
    private record Panel(String title, ToDoubleFunction<Figures> value) {}

    private record Point(double x, double y) {}

    private Plot(List<Figures> rows) {
        this.rows = rows;
        trackers = rows.stream().map(row -> row.size().trackers()).distinct().sorted().toList();
        nodes = Axis.around(rows.stream().map(row -> (double) row.size().nodes()).toList());
    }

    /** The whole file; of one row or more. */
    static String draw(List<Figures> rows) {
        return new Plot(rows).draw();
    }

    private String draw() {
        int lines = (PANELS.size() + COLUMNS - 1) / COLUMNS;
        int width = COLUMNS * WIDTH;
        int height = HEAD + lines * HEIGHT;
        put("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\"", width, height);
        put(" width=\"%d\" height=\"%d\" role=\"img\">%n", width, height);
        put("<title>How the figures of a swarm grow with its nodes</title>%n");
        svg.append(STYLE);
        put("<rect class=\"paper\" width=\"%d\" height=\"%d\"/>%n", width, height);
        legend();
        for (int i = 0; i < PANELS.size(); i++) {
            put(
                    "<g transform=\"translate(%d %d)\">%n",
                    i % COLUMNS * WIDTH, HEAD + i / COLUMNS * HEIGHT);
            panel(PANELS.get(i));
            put("</g>%n");
        }
        return svg.append("</svg>\n").toString();
    }

    private void legend() {
        for (int i = 0; i < trackers.size(); i++) {
            double x = LEFT + (double) i * LEGEND;
            put("<path class=\"line s%d\" d=\"M%.0f 24h28\"/>%n", i % LINES, x);
            dot(i, new Point(x + 14, 24));
            put("<text x=\"%.0f\" y=\"28\">%s trackers</text>%n", x + 36, trackers.get(i));
        }
    }

    private void panel(Panel panel) {
        List<Figures> drawn =
                rows.stream().filter(row -> panel.value.applyAsDouble(row) > 0).toList();
        Axis values = Axis.around(drawn.stream().map(panel.value::applyAsDouble).toList());
        put("<text class=\"title\" x=\"%d\" y=\"22\">%s</text>%n", LEFT, panel.title);
        for (double tick : values.ticks()) {
            double y = y(values, tick);
            put("<path class=\"grid\" d=\"M%d %.1fH%d\"/>%n", LEFT, y, WIDTH - RIGHT);
            put(
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
                    LEFT - 6, y + 4, Axis.label(tick));
        }
        for (double tick : nodes.ticks()) {
            double x = x(tick);
            put("<path class=\"grid\" d=\"M%.1f %dV%d\"/>%n", x, TOP, HEIGHT - BOTTOM);
            put(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                    x, HEIGHT - BOTTOM + 17, Axis.label(tick));
        }
        put(
                "<rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>%n",
                LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        put(
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">nodes</text>%n",
                (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10);
        for (int i = 0; i < trackers.size(); i++) {
            int count = trackers.get(i);
            line(
                    i,
                    drawn.stream()
                            .filter(row -> row.size().trackers() == count)
                            .map(row ->
                                    new Point(
                                            x(row.size().nodes()),
                                            y(values, panel.value.applyAsDouble(row))))
                            .sorted((one, other) -> Double.compare(one.x, other.x))
                            .toList());
        }
    }

    private double x(double value) {
        return LEFT + nodes.share(value) * (WIDTH - LEFT - RIGHT);
    }

    private static double y(Axis values, double value) {
        return HEIGHT - BOTTOM - values.share(value) * (HEIGHT - TOP - BOTTOM);
    }

    private void line(int number, List<Point> points) {
        List<String> steps = new ArrayList<>();
        points.forEach(
                point -> steps.add(String.format(Locale.ROOT, "%.1f %.1f", point.x, point.y)));
        if (points.size() > 1) {
            put("<path class=\"line s%d\" d=\"M%s\"/>%n", number % LINES, String.join("L", steps));
        }
        points.forEach(point -> dot(number, point));
    }

    private void dot(int number, Point at) {
        if (number % 2 == 0) {
            put(
                    "<circle class=\"dot s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>%n",
                    number % LINES, at.x, at.y);
        } else {
            put(
                    "<rect class=\"dot s%d\" x=\"%.1f\" y=\"%.1f\" width=\"8\" height=\"8\"/>%n",
                    number % LINES, at.x - 4, at.y - 4);
        }
    }

    private void put(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format.replace("%n", "\n"), values));
    }
}
