package orb.sim.growth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

final class PlotTest {
    private static Figures row(int nodes, int trackers) {
        Spread spread = new Spread(nodes / 10.0, 2, 3, nodes);
        Figures.Load load = new Figures.Load(spread, spread, 1.25, 1_000.5);
        return new Figures(
                new Size(nodes, trackers, 1),
                new Figures.Lookups(10, 9, new Spread(1.5, 2, 3, 4), spread, spread),
                load,
                load,
                new Figures.Places(spread, spread, spread, spread, 1),
                new Figures.Cost(450_000, Duration.ofMillis(1_500)));
    }

    private static Document parsed(String svg) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aPlotIsWellFormedAndNamesItsAxesAndLines() throws Exception {
        Document svg = parsed(Plot.draw(List.of(row(100, 4), row(1_000, 4), row(100, 31))));
        assertThat(svg.getDocumentElement().getNamespaceURI())
                .isEqualTo("http://www.w3.org/2000/svg");
        assertThat(svg.getDocumentElement().getTextContent())
                .contains("4 trackers", "31 trackers", "nodes", "messages in 1 s", "hops")
                .contains("prefers-color-scheme: dark");
        assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(6 * 2 + 1);
    }

    @Test
    void everyPointLiesInItsFrame() throws Exception {
        Document svg = parsed(Plot.draw(List.of(row(2, 1), row(100, 1), row(100_000, 1))));
        NodeList circles = svg.getElementsByTagName("circle");
        for (int i = 1; i < circles.getLength(); i++) { // the first one is the legend's
            Element circle = (Element) circles.item(i);
            assertThat(Double.parseDouble(circle.getAttribute("cx"))).isBetween(62.0, 362.0);
            assertThat(Double.parseDouble(circle.getAttribute("cy"))).isBetween(34.0, 204.0);
        }
    }

    @Test
    void oneRowIsEnough() throws Exception {
        Document svg = parsed(Plot.draw(List.of(row(100, 4))));
        assertThat(svg.getDocumentElement().getTextContent()).doesNotContain("NaN", "Infinity");
    }

    @ParameterizedTest
    @CsvSource({
        "100, 10000, 100, 10000",
        "7, 8, 2, 20",
        "1, 1, 1, 10",
        "469, 470, 100, 1000",
        "0.03, 3, 0.02, 5"
    })
    void anAxisEndsAtRoundNumbersADecadeApart(double least, double most, double low, double high) {
        Axis axis = Axis.around(List.of(least, most));
        assertThat(axis.low()).isCloseTo(low, org.assertj.core.data.Percentage.withPercentage(1));
        assertThat(axis.high()).isCloseTo(high, org.assertj.core.data.Percentage.withPercentage(1));
        assertThat(axis.share(least)).isBetween(0.0, 1.0);
        assertThat(axis.share(most)).isBetween(0.0, 1.0);
        assertThat(axis.ticks()).hasSizeBetween(2, 8);
    }

    @Test
    void aRowIsReadAsItWasWritten() {
        Figures row = row(1_000, 31);
        assertThat(FiguresJson.row(FiguresJson.line(row))).isEqualTo(row);
        assertThat(FiguresJson.line(row)).doesNotContain("\n").startsWith("{\"nodes\":1000,");
    }

    @Test
    void aLineForPeopleStandsUnderItsHead() {
        String line = FiguresTable.line(row(10_000, 31));
        assertThat(line).startsWith(" 10000       31   90.0%").endsWith("1 s");
        assertThat(FiguresTable.HEAD.lines().toList().getLast()).hasSameSizeAs(line);
    }
}
