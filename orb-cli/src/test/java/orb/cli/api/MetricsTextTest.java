package orb.cli.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import orb.cli.api.MetricsText.Kind;
import orb.cli.api.MetricsText.Label;
import orb.kernel.message.UseReport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The text format of Prometheus, to the letter. */
class MetricsTextTest {
    @Test
    @Tag("H6")
    void familiesComeWithHelpTypeAndSamplesAndValuesAreEscaped() {
        MetricsText text = new MetricsText();
        text.family("orb_calls_total", Kind.COUNTER, "Calls \\ and\nmore.")
                .sample(List.of(new Label("function", "a\"b\\c\nd")), 3);
        text.family("orb_ratio", Kind.GAUGE, "A share.").sample(List.of(), 0.25);

        assertThat(text.toString())
                .isEqualTo(
                        """
                        # HELP orb_calls_total Calls \\\\ and\\nmore.
                        # TYPE orb_calls_total counter
                        orb_calls_total{function="a\\"b\\\\c\\nd"} 3
                        # HELP orb_ratio A share.
                        # TYPE orb_ratio gauge
                        orb_ratio 0.25
                        """);
    }

    @Test
    @Tag("H6")
    void aHistogramCountsUpToEachBound() {
        MetricsText text = new MetricsText();
        text.family("orb_call_seconds", Kind.HISTOGRAM, "Times.")
                .histogram(List.of(), List.of(0.001, 0.01), List.of(1L, 2L, 4L), 1.5);

        assertThat(text.toString().lines().skip(2))
                .containsExactly(
                        "orb_call_seconds_bucket{le=\"0.001\"} 1",
                        "orb_call_seconds_bucket{le=\"0.01\"} 3",
                        "orb_call_seconds_bucket{le=\"+Inf\"} 7",
                        "orb_call_seconds_sum 1.5",
                        "orb_call_seconds_count 7");
    }

    @Test
    void aNameThatTheFormatLacksAndAFamilyThatComesTwiceAreRefused() {
        MetricsText text = new MetricsText();
        text.family("orb_runs", Kind.GAUGE, "Runs.");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> text.family("orb_runs", Kind.GAUGE, "Runs."));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> text.family("orb runs", Kind.GAUGE, "Runs."));
        assertThatIllegalArgumentException().isThrownBy(() -> new Label("le=", "1"));
    }

    @Test
    @Tag("H6")
    void eachNodeWorkerAndFunctionHasItsOwnLabels() {
        UseReport.Function add =
                new UseReport.Function(
                        "",
                        new UseReport.Ended(5, 1, 2),
                        List.of(8L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L),
                        400,
                        2_500_000,
                        7,
                        65_536,
                        10,
                        20,
                        3);
        UseReport report =
                new UseReport(2, List.of(new UseReport.Worker(2, 1_500_000, 4096)), List.of(add));
        MetricsText text = new MetricsText();
        new UseMetrics(
                        text,
                        List.of(new UseMetrics.Source(List.of(new Label("node", "n1")), report)))
                .write();

        assertThat(text.toString().lines())
                .contains(
                        "orb_workers_started_total{node=\"n1\"} 2",
                        "orb_worker_cpu_seconds_total{node=\"n1\",worker=\"2\"} 1.5",
                        "orb_worker_resident_bytes{node=\"n1\",worker=\"2\"} 4096",
                        "orb_calls_total{node=\"n1\",function=\"other\",outcome=\"completed\"} 5",
                        "orb_calls_total{node=\"n1\",function=\"other\",outcome=\"trapped\"} 2",
                        "orb_call_seconds_count{node=\"n1\",function=\"other\"} 8",
                        "orb_call_cpu_seconds_total{node=\"n1\",function=\"other\"} 2.5",
                        "orb_denials_total{node=\"n1\",function=\"other\"} 3");
    }
}
