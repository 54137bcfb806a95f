package orb.cli.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import orb.cli.api.MetricsText.Kind;
import orb.cli.api.MetricsText.Label;
import orb.kernel.FunctionName;
import orb.kernel.message.Incident;
import orb.tracker.TrackerReply;

/** Incidents, reputations and standings as JSON and as metrics. */
final class IncidentViews {
    private static final String COUNTED = "orb_incidents_total";
    private static final String COUNTED_HELP = "Threats that were noticed, by kind.";

    private IncidentViews() {}

    /** A node's own. */
    static ObjectNode of(List<Incident> incidents) {
        ObjectNode node = Views.object();
        node.set("incidents", Views.list(incidents, each -> incident(Views.object(), each)));
        return node;
    }

    /** A tracker's: who says so, and what follows. */
    static ObjectNode of(TrackerReply.Incidents all) {
        ObjectNode node = Views.object();
        node.set(
                "incidents",
                Views.list(
                        all.noticed(),
                        each ->
                                incident(
                                        Views.object().put("node", each.by().toString()),
                                        each.incident())));
        node.set(
                "nodes",
                Views.list(
                        all.nodes(),
                        each ->
                                Views.object()
                                        .put("node", each.node().toString())
                                        .put("owner", each.owner())
                                        .put("reputation", each.reputation())
                                        .put("trusted", each.isTrusted())));
        node.set(
                "functions",
                Views.list(
                        all.functions(),
                        each ->
                                Views.object()
                                        .put("function", each.function().toString())
                                        .put("owner", each.function().owner())
                                        .put("standing", each.standing())));
        return node;
    }

    private static ObjectNode incident(ObjectNode node, Incident incident) {
        node.put("kind", incident.kind().label());
        incident.function()
                .ifPresent(function ->
                        node.put("function", function.toString()).put("owner", function.owner()));
        incident.peer().ifPresent(peer -> node.put("peer", peer.toString()));
        return node.put("count", incident.count())
                .put("first", Instant.ofEpochMilli(incident.firstMillis()).toString())
                .put("last", incident.last().toString())
                .put("detail", incident.detail());
    }

    /** A node's own, as many rows as it keeps incidents. */
    static void write(MetricsText text, List<Incident> incidents) {
        text.family(COUNTED, Kind.COUNTER, COUNTED_HELP);
        incidents.forEach(each -> text.sample(labels(List.of(), each), each.count()));
    }

    /** A tracker's: each with the node that says so. */
    static void write(MetricsText text, TrackerReply.Incidents all) {
        text.family(COUNTED, Kind.COUNTER, COUNTED_HELP);
        all.noticed()
                .forEach(each ->
                        text.sample(
                                labels(
                                        List.of(new Label("node", each.by().toString())),
                                        each.incident()),
                                each.incident().count()));
        text.family("orb_node_reputation", Kind.GAUGE, "How far a node is trusted, 0 to 100.");
        all.nodes()
                .forEach(each ->
                        text.sample(
                                List.of(new Label("node", each.node().toString())),
                                each.reputation()));
        text.family(
                "orb_function_standing",
                Kind.GAUGE,
                "How a function of which something was noticed stands, 0 to 100.");
        all.functions()
                .forEach(each ->
                        text.sample(
                                List.of(new Label("function", each.function().toString())),
                                each.standing()));
    }

    private static List<Label> labels(List<Label> before, Incident incident) {
        List<Label> labels = new ArrayList<>(before);
        labels.add(new Label("kind", incident.kind().label()));
        labels.add(
                new Label("function", incident.function().map(FunctionName::toString).orElse("")));
        incident.peer().ifPresent(peer -> labels.add(new Label("peer", peer.toString())));
        return labels;
    }
}
