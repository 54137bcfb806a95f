package orb.cli.api;

import java.util.List;
import orb.cli.api.MetricsText.Kind;
import orb.host.usage.ProcessCounts;
import orb.host.web.Exchange;
import orb.host.web.Route;
import orb.kernel.message.UseReport;
import orb.kernel.port.Reply;
import orb.node.NodeCommand;
import orb.node.NodeReply;

/** A node's {@code /metrics}: what it, its workers and its functions use, read when asked. */
public final class NodeMetricsApi {
    private final Asker node;
    private final Runnable look;

    /**
     * @param look asks the operating system what is used and tells the node
     */
    public NodeMetricsApi(Asker node, Runnable look) {
        this.node = node;
        this.look = look;
    }

    public List<Route> routes() {
        return List.of(Route.get("/metrics", this::metrics));
    }

    private void metrics(Exchange exchange) {
        look.run();
        Reply use = node.ask(new NodeCommand.FindUse()).orThrow();
        Reply status = node.ask(new NodeCommand.FindStatus()).orThrow();
        if (!(use instanceof NodeReply.Use(UseReport report))
                || !(status instanceof NodeReply.Status state)
                || !(node.ask(new NodeCommand.FindIncidents()).orThrow()
                        instanceof NodeReply.Incidents(var incidents))) {
            throw new IllegalStateException("each of these has one kind of answer");
        }
        MetricsText text = new MetricsText();
        long self = ProcessHandle.current().pid();
        text.family(
                        "process_cpu_seconds_total",
                        Kind.COUNTER,
                        "Processor time of the node itself, without its workers.")
                .sample(List.of(), ProcessCounts.cpuMicros(self) / 1e6);
        text.family(
                        "process_resident_memory_bytes",
                        Kind.GAUGE,
                        "Resident memory of the node itself, without its workers.")
                .sample(List.of(), ProcessCounts.residentBytes(self));
        text.family("orb_runs", Kind.GAUGE, "Calls that run now.")
                .sample(List.of(), state.tasks().size());
        text.family("orb_runs_max", Kind.GAUGE, "Calls that may run at once.")
                .sample(List.of(), state.places().capacity());
        text.family("orb_runs_waiting", Kind.GAUGE, "Calls that wait for a place.")
                .sample(List.of(), state.waiting());
        text.family("orb_yields", Kind.GAUGE, "1 while the owner uses the machine, else 0.")
                .sample(List.of(), state.yields() ? 1 : 0);
        text.family(
                        "orb_others_cpu_ratio",
                        Kind.GAUGE,
                        "Share of all processors that other programs have.")
                .sample(List.of(), state.use().othersPermille() / 1000.0);
        new UseMetrics(text, List.of(new UseMetrics.Source(List.of(), report))).write();
        IncidentViews.write(text, incidents);
        text.answer(exchange);
    }
}
