package orb.cli.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import orb.kernel.message.UseReport;
import orb.node.NodeReply;
import orb.node.admission.SeedPolicy;

/** What a node answers, as JSON. */
final class NodeViews {
    private NodeViews() {}

    static JsonNode of(NodeReply reply) {
        return switch (reply) {
            case NodeReply.Done() -> Views.object().put("ok", true);
            case NodeReply.Relayed(var message) -> Views.message(message);
            case NodeReply.LoggedIn loggedIn -> loggedIn(loggedIn);
            case NodeReply.Identity identity -> identity(identity);
            case NodeReply.Quoted quoted -> quoted(quoted);
            case NodeReply.Deployed deployed -> deployed(deployed);
            case NodeReply.Called called -> called(called);
            case NodeReply.Described described -> described(described);
            case NodeReply.Logs(var lines) -> Views.list(lines, NodeViews::line);
            case NodeReply.Status status -> status(status);
            case NodeReply.Statistics(var functions) ->
                    Views.list(functions, NodeViews::statistics);
            case NodeReply.Use(var report) -> use(report);
            case NodeReply.Incidents(var incidents) -> IncidentViews.of(incidents);
            case NodeReply.PeerList(var peers) -> Views.list(peers, NodeViews::peer);
            case NodeReply.ChannelOpened(var channel, var index) ->
                    Views.object().put("channel", channel.hex()).put("index", index);
            case NodeReply.ProofFound(var proof) -> Views.object().put("proof", proof.hex());
            case NodeReply.Owned(var functions) -> Views.list(functions, Views::listed);
        };
    }

    private static ObjectNode loggedIn(NodeReply.LoggedIn loggedIn) {
        return Views.object()
                .put("account", loggedIn.account().toString())
                .put("name", loggedIn.name())
                .put("opened", loggedIn.opened());
    }

    private static ObjectNode called(NodeReply.Called called) {
        return Views.call(
                new Views.CallRecord(
                        called.call(),
                        called.outcome(),
                        called.host(),
                        called.receipt(),
                        called.timing(),
                        called.trail()));
    }

    private static ObjectNode identity(NodeReply.Identity identity) {
        ObjectNode node = Views.object();
        node.put("node", identity.node().toString());
        identity.account().ifPresent(account -> node.put("account", account.toString()));
        node.put("name", identity.name());
        node.put("loggedIn", identity.account().isPresent());
        node.set("owns", Views.texts(identity.owns()));
        node.set("seeds", Views.texts(identity.seeds()));
        node.set("calls", Views.texts(identity.calls()));
        node.set("roles", Views.texts(roles(identity)));
        return node;
    }

    private static List<String> roles(NodeReply.Identity identity) {
        return java.util.stream.Stream.of(
                        identity.owns().isEmpty() ? "" : "owner",
                        identity.seeds().isEmpty() ? "" : "seeder",
                        identity.calls().isEmpty() ? "" : "requester")
                .filter(role -> !role.isEmpty())
                .toList();
    }

    private static ObjectNode quoted(NodeReply.Quoted quoted) {
        ObjectNode node = Views.object();
        node.put("artefact", quoted.module().artefact().hex());
        node.put("size", quoted.module().size().bytes());
        node.put("shape", quoted.module().shape());
        node.put("gasSchedule", quoted.module().gasSchedule());
        node.put("complexity", quoted.complexity().units());
        node.put("peakMemory", quoted.peakMemory().bytes());
        Views.credits(node, "cost", quoted.cost());
        return node;
    }

    private static ObjectNode deployed(NodeReply.Deployed deployed) {
        ObjectNode node = Views.object();
        node.put("function", deployed.function().toString());
        node.put("url", deployed.url());
        Views.credits(node, "cost", deployed.cost());
        node.put("complexity", deployed.complexity().units());
        node.put("entry", deployed.index());
        return node;
    }

    private static ObjectNode described(NodeReply.Described described) {
        ObjectNode node = Views.function(described.facts());
        node.put("seeders", described.seeders());
        node.put("seededHere", described.seededHere());
        described.source().ifPresent(source -> node.put("source", source.hex()));
        node.set("trail", Views.list(described.trail(), Views::notice));
        return node;
    }

    private static ObjectNode line(NodeReply.LogLine line) {
        return Views.object()
                .put("at", line.at().toString())
                .put("call", line.call().hex())
                .put("text", line.text());
    }

    private static ObjectNode status(NodeReply.Status status) {
        ObjectNode node = Views.object();
        node.put("node", status.node().toString());
        node.put("owner", status.owner());
        node.put("network", status.network().hex());
        status.tracker().ifPresent(tracker -> node.put("tracker", tracker.toString()));
        node.put("connected", status.tracker().isPresent());
        node.set("links", Views.texts(status.links()));
        node.put("running", status.tasks().size());
        node.put("waiting", status.waiting());
        node.put("capacity", status.places().capacity());
        node.set("tasks", Views.list(status.tasks(), NodeViews::task));
        node.set("seeds", Views.texts(status.seeds()));
        node.set("limits", limits(status));
        node.set("workers", Views.list(status.use().workers(), NodeViews::worker));
        node.put("workersStarted", status.use().started());
        node.put("othersCpu", status.use().othersPermille() / 1000.0);
        node.put("yields", status.yields());
        node.set("features", Views.texts(status.features()));
        return node;
    }

    private static ObjectNode task(NodeReply.Task task) {
        ObjectNode node = Views.object();
        node.put("function", task.name());
        node.put("since", task.since().toString());
        node.set("limits", Views.limits(task.limits()));
        return node;
    }

    private static ObjectNode limits(NodeReply.Status status) {
        ObjectNode node = Views.object();
        node.put("runningMax", status.places().capacity());
        node.put("waitingMax", status.places().queueMax());
        node.put("waitMillis", status.places().waitMax().toMillis());
        node.put("whenIdle", status.places().yields());
        policy(node, status.policy());
        return node;
    }

    private static void policy(ObjectNode node, SeedPolicy policy) {
        switch (policy) {
            case SeedPolicy.NoEgress(var rest) -> {
                node.put("egress", false);
                policy(node, rest);
            }
            case SeedPolicy.Never() -> node.put("seedsMax", 0);
            case SeedPolicy.Auto(var memory, var size, _, var seedsMax) ->
                    node.put("seedsMax", seedsMax)
                            .put("seedMemoryMax", memory.bytes())
                            .put("seedSizeMax", size.bytes());
        }
    }

    private static ObjectNode statistics(NodeReply.FunctionStatistics statistics) {
        return Views.object()
                .put("function", statistics.function().toString())
                .put("calls", statistics.calls())
                .put("errors", statistics.errors())
                .put("bytesIn", statistics.bytesIn())
                .put("bytesOut", statistics.bytesOut())
                .put("fuel", statistics.fuel())
                .put("cpuMillis", statistics.cpuMicros() / 1000.0)
                .put("p50Millis", statistics.p50Micros() / 1000.0)
                .put("p99Millis", statistics.p99Micros() / 1000.0)
                .put("peakMemory", statistics.peakMemory().bytes())
                .put("earned", statistics.earned().toString())
                .put("earnedMicro", statistics.earned().micro());
    }

    private static ObjectNode worker(UseReport.Worker worker) {
        return Views.object()
                .put("worker", worker.number())
                .put("cpuSeconds", worker.cpuMicros() / 1e6)
                .put("residentBytes", worker.residentBytes());
    }

    private static ObjectNode use(UseReport report) {
        ObjectNode node = Views.object().put("workersStarted", report.started());
        node.set("workers", Views.list(report.workers(), NodeViews::worker));
        return node.put("functions", report.functions().size());
    }

    private static ObjectNode peer(NodeReply.PeerView peer) {
        return Views.object()
                .put("id", peer.id().toString())
                .put("role", peer.role())
                .put("address", peer.address())
                .put("source", peer.source())
                .put("link", peer.link())
                .put("live", peer.isLive())
                .put("lastSeen", peer.lastSeen().toString());
    }
}
