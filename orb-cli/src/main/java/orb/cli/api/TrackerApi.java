package orb.cli.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import orb.host.web.Exchange;
import orb.host.web.Route;
import orb.kernel.AccountId;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.port.Command;
import orb.kernel.port.Reply;
import orb.tracker.TrackerCommand;
import orb.tracker.TrackerReply;

/** A tracker's operations under {@code /v1}. */
public final class TrackerApi {
    private final Asker tracker;

    public TrackerApi(Asker tracker) {
        this.tracker = tracker;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/metrics", this::metrics),
                Route.get("/v1/incidents", x -> answer(x, new TrackerCommand.FindIncidents())),
                Route.get("/v1/analytics", x -> answer(x, UsageViews.wanted(x))),
                Route.get("/v1/status", x -> answer(x, new TrackerCommand.FindStatus())),
                Route.get("/v1/nodes", x -> ask(x, new Membership.FindNodes(Optional.empty()))),
                Route.get("/v1/nodes/{id}", this::node),
                Route.get("/v1/functions", this::search),
                Route.get("/v1/functions/{owner}/{name}", this::function),
                Route.get(
                        "/v1/accounts/{id}",
                        x -> ask(x, new Registry.FindAccount(AccountId.parse(x.part("id"))))),
                Route.get("/v1/accounts/{id}/history", this::history),
                Route.get("/v1/entries/{index}", this::entry),
                Route.get(
                        "/v1/calls/{call}/proof",
                        x ->
                                answer(
                                        x,
                                        new TrackerCommand.FindProof(
                                                Digest.parse(x.part("call"))))));
    }

    /** What the nodes said last of themselves, and this tracker's counts. */
    private void metrics(Exchange exchange) {
        if (!(tracker.ask(new TrackerCommand.FindUse()).orThrow()
                        instanceof TrackerReply.Use(var nodes))
                || !(tracker.ask(new TrackerCommand.FindIncidents()).orThrow()
                        instanceof TrackerReply.Incidents incidents)
                || !(tracker.ask(new TrackerCommand.FindStatus()).orThrow()
                        instanceof TrackerReply.Status status)) {
            throw new IllegalStateException("each of these has one kind of answer");
        }
        MetricsText text = new MetricsText();
        text.family("orb_nodes", MetricsText.Kind.GAUGE, "Nodes that are alive.")
                .sample(List.of(), status.nodes());
        text.family("orb_functions", MetricsText.Kind.GAUGE, "Functions in the registry.")
                .sample(List.of(), status.functions());
        text.family("orb_ledger_entries_total", MetricsText.Kind.COUNTER, "Length of the log.")
                .sample(List.of(), status.entries());
        new UseMetrics(
                        text,
                        nodes.stream()
                                .map(said ->
                                        new UseMetrics.Source(
                                                List.of(
                                                        new MetricsText.Label(
                                                                "node", said.node().toString())),
                                                said.report()))
                                .toList())
                .write();
        IncidentViews.write(text, incidents);
        text.answer(exchange);
    }

    private void node(Exchange exchange) throws IOException {
        ask(exchange, new Membership.FindNodes(Optional.of(Digest.parse(exchange.part("id")))));
    }

    private void search(Exchange exchange) throws IOException {
        ask(
                exchange,
                new Registry.Search(
                        exchange.query("search").orElse(""),
                        (int) exchange.number("offset", 0, 0, 1 << 30),
                        (int) exchange.number("limit", 100, 1, Registry.ROWS_MAX)));
    }

    private void function(Exchange exchange) throws IOException {
        FunctionName name = new FunctionName(exchange.part("owner"), exchange.part("name"));
        Result<Message> found = told(new TrackerCommand.Ask(new Registry.FindFunction(name)));
        if (found instanceof Result.Ok<Message>(Registry.Functions(var functions))
                && !functions.isEmpty()) {
            exchange.json(200, Views.listed(functions.getFirst()));
        } else if (found instanceof Result.Refused<Message>(var refusal)) {
            exchange.refuse(refusal);
        } else {
            exchange.refuse(unknown(name));
        }
    }

    static Refusal unknown(FunctionName name) {
        return new Refusal(
                ErrorCode.UNKNOWN_FUNCTION,
                "there is no function " + name,
                "`orb fn search` lists what there is");
    }

    private void history(Exchange exchange) throws IOException {
        ask(
                exchange,
                new Registry.FindHistory(
                        AccountId.parse(exchange.part("id")),
                        exchange.number("before", Long.MAX_VALUE, 0, Long.MAX_VALUE),
                        (int) exchange.number("limit", 100, 1, Registry.ROWS_MAX)));
    }

    private void entry(Exchange exchange) throws IOException {
        long index;
        try {
            index = Long.parseLong(exchange.part("index"));
        } catch (NumberFormatException e) {
            exchange.refuse(new Refusal(ErrorCode.BAD_ARGUMENT, "an index is a whole number"));
            return;
        }
        ask(exchange, new Registry.FindEntry(index));
    }

    private void ask(Exchange exchange, Message question) {
        switch (told(new TrackerCommand.Ask(question))) {
            case Result.Ok<Message>(Message.Refused(var refusal)) -> exchange.refuse(refusal);
            case Result.Ok<Message>(var message) -> exchange.json(200, Views.message(message));
            case Result.Refused<Message>(var refusal) -> exchange.refuse(refusal);
        }
    }

    private Result<Message> told(Command command) {
        return tracker.ask(command)
                .then(reply ->
                        reply instanceof TrackerReply.Told(var message)
                                ? Result.ok(message)
                                : Result.refused(ErrorCode.INTERNAL, "an answer of another kind"));
    }

    private void answer(Exchange exchange, Command command) {
        switch (tracker.ask(command)) {
            case Result.Ok<Reply>(TrackerReply reply) -> exchange.json(200, view(reply));
            case Result.Ok<Reply>(var other) ->
                    throw new IllegalStateException("not a tracker's reply: " + other.getClass());
            case Result.Refused<Reply>(var refusal) -> exchange.refuse(refusal);
        }
    }

    private static JsonNode view(TrackerReply reply) {
        return switch (reply) {
            case TrackerReply.Told(var message) -> Views.message(message);
            case TrackerReply.Called called ->
                    Views.call(
                            new Views.CallRecord(
                                    called.call(),
                                    called.outcome(),
                                    called.host(),
                                    called.receipt(),
                                    called.timing(),
                                    called.trail()));
            case TrackerReply.Status status -> status(status);
            case TrackerReply.Incidents all -> IncidentViews.of(all);
            case TrackerReply.Sums(var usage) -> UsageViews.of(usage);
            case TrackerReply.Log _, TrackerReply.Tile _ ->
                    throw new IllegalStateException("the log is served as files");
            case TrackerReply.Use(var nodes) ->
                    Views.list(nodes, node -> Views.object().put("node", node.node().toString()));
        };
    }

    private static ObjectNode status(TrackerReply.Status status) {
        return Views.object()
                .put("tracker", status.tracker().toString())
                .put("network", status.network().hex())
                .put("dev", status.dev())
                .put("domain", status.domain())
                .put("nodes", status.nodes())
                .put("functions", status.functions())
                .put("entries", status.entries())
                .put("stateRoot", status.stateRoot().hex());
    }
}
