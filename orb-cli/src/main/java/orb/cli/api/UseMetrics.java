package orb.cli.api;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import orb.cli.api.MetricsText.Kind;
import orb.cli.api.MetricsText.Label;
import orb.kernel.message.UseReport;

/** What nodes and their functions use, as metrics: one node's own, or those of all nodes. */
final class UseMetrics {
    private static final List<Double> BOUNDS =
            UseReport.LATENCY_BOUNDS.stream().map(UseMetrics::seconds).toList();

    private final MetricsText text;
    private final List<Source> sources;

    /** Whose report it is: the labels that say so, and the report. */
    record Source(List<Label> labels, UseReport report) {
        private List<Label> with(Label... more) {
            List<Label> all = new ArrayList<>(labels);
            all.addAll(List.of(more));
            return all;
        }

        /** A function's labels; what has no row of its own is called {@code other}. */
        private List<Label> of(UseReport.Function function) {
            String name = function.name().isEmpty() ? "other" : function.name();
            return with(new Label("function", name));
        }
    }

    UseMetrics(MetricsText text, List<Source> sources) {
        this.text = text;
        this.sources = List.copyOf(sources);
    }

    void write() {
        workers();
        functions();
    }

    private void workers() {
        text.family("orb_workers_started_total", Kind.COUNTER, "Workers started by the node.");
        sources.forEach(each -> text.sample(each.labels, each.report.started()));
        workers(
                "orb_worker_cpu_seconds_total",
                Kind.COUNTER,
                "Processor time of a worker with its walls, user and system.",
                worker -> seconds(worker.cpuMicros()));
        workers(
                "orb_worker_resident_bytes",
                Kind.GAUGE,
                "Resident memory of a worker with its walls.",
                UseReport.Worker::residentBytes);
    }

    private void workers(
            String name, Kind kind, String help, ToDoubleFunction<UseReport.Worker> value) {
        text.family(name, kind, help);
        for (Source source : sources) {
            for (UseReport.Worker each : source.report.workers()) {
                Label number = new Label("worker", Long.toString(each.number()));
                text.sample(source.with(number), value.applyAsDouble(each));
            }
        }
    }

    private void functions() {
        text.family("orb_calls_total", Kind.COUNTER, "Calls that ran, by how they ended.");
        each((source, function) -> {
            UseReport.Ended ended = function.ended();
            ended(source, function, "completed", ended.completed());
            ended(source, function, "out_of_fuel", ended.outOfFuel());
            ended(source, function, "trapped", ended.trapped());
        });
        text.family(
                "orb_call_seconds",
                Kind.HISTOGRAM,
                "Time of a call from the sandbox's queue to its answer.");
        each((source, function) ->
                text.histogram(
                        source.of(function),
                        BOUNDS,
                        function.latency(),
                        seconds(function.latencyMicros())));
        functions(
                "orb_call_cpu_seconds_total",
                Kind.COUNTER,
                "Processor time of a function's runs.",
                function -> seconds(function.cpuMicros()));
        functions("orb_fuel_total", Kind.COUNTER, "Fuel used.", UseReport.Function::fuel);
        functions(
                "orb_call_peak_memory_bytes",
                Kind.GAUGE,
                "The most linear memory that one call held.",
                UseReport.Function::peakMemory);
        functions(
                "orb_call_bytes_in_total",
                Kind.COUNTER,
                "Bytes of requests' bodies.",
                UseReport.Function::bytesIn);
        functions(
                "orb_call_bytes_out_total",
                Kind.COUNTER,
                "Bytes of answers' bodies.",
                UseReport.Function::bytesOut);
        functions(
                "orb_denials_total",
                Kind.COUNTER,
                "What functions asked for and were not given.",
                UseReport.Function::denied);
    }

    private interface Each {
        void see(Source source, UseReport.Function function);
    }

    private void each(Each visitor) {
        Consumer<Source> all =
                source -> source.report.functions().forEach(each -> visitor.see(source, each));
        sources.forEach(all);
    }

    private void functions(
            String name, Kind kind, String help, ToDoubleFunction<UseReport.Function> value) {
        text.family(name, kind, help);
        each((source, function) -> text.sample(source.of(function), value.applyAsDouble(function)));
    }

    private void ended(Source source, UseReport.Function function, String outcome, long count) {
        List<Label> labels = new ArrayList<>(source.of(function));
        labels.add(new Label("outcome", outcome));
        text.sample(labels, count);
    }

    private static double seconds(long micros) {
        return micros / 1e6;
    }
}
