package orb.cli.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import orb.host.web.Exchange;
import orb.host.web.Route;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.message.Registry;
import orb.kernel.port.Command;
import orb.kernel.port.Reply;
import orb.ledger.Genesis;
import orb.ledger.Plan;
import orb.node.NodeCommand;
import orb.node.NodeReply;

/** A node's operations under {@code /v1}; login, wallet and deploying have classes of their own. */
public final class NodeApi {
    private final Asker node;
    private final Genesis genesis;

    public NodeApi(Asker node, Genesis genesis) {
        this.node = node;
        this.genesis = genesis;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/v1/status", x -> answer(x, new NodeCommand.FindStatus())),
                Route.get("/v1/stats", x -> answer(x, new NodeCommand.FindStatistics())),
                Route.get("/v1/incidents", x -> answer(x, new NodeCommand.FindIncidents())),
                Route.get("/v1/whoami", x -> answer(x, new NodeCommand.WhoAmI())),
                Route.get("/v1/nodes", x -> answer(x, new NodeCommand.FindNodes())),
                Route.get("/v1/peers", this::peers),
                Route.get("/v1/plans", this::plans),
                Route.get("/v1/functions", this::functions),
                Route.get(
                        "/v1/functions/{owner}/{name}",
                        x -> answer(x, new NodeCommand.Describe(function(x)))),
                Route.get(
                        "/v1/functions/{owner}/{name}/logs",
                        x -> answer(x, new NodeCommand.FindLogs(function(x)))),
                Route.post("/v1/functions/{owner}/{name}/subscribe", this::subscribe),
                Route.post("/v1/seeds", this::seed),
                Route.delete(
                        "/v1/seeds/{owner}/{name}",
                        x -> answer(x, new NodeCommand.Unseed(function(x)))),
                Route.get("/v1/wallet", x -> answer(x, new NodeCommand.FindAccount())),
                Route.get("/v1/wallet/history", this::history),
                Route.get("/v1/entries/{index}", this::entry),
                Route.get(
                        "/v1/calls/{call}/proof",
                        x -> answer(x, new NodeCommand.FindProof(Digest.parse(x.part("call"))))));
    }

    private void peers(Exchange exchange) {
        boolean linkedOnly = exchange.query("linked").orElse("").equals("true");
        boolean liveOnly = exchange.query("live").orElse("").equals("true");
        JsonNode all = reply(node.ask(new NodeCommand.FindPeers()));
        ArrayNode shown = Views.list(List.<JsonNode>of(), peer -> peer);
        all.forEach(peer -> {
            boolean isLinked = !peer.path("link").asText().equals("none");
            if ((isLinked || !linkedOnly) && (peer.path("live").asBoolean() || !liveOnly)) {
                shown.add(peer);
            }
        });
        exchange.json(200, shown);
    }

    private void plans(Exchange exchange) {
        exchange.json(200, Views.list(genesis.plans(), NodeApi::plan));
    }

    private static ObjectNode plan(Plan plan) {
        ObjectNode view = Views.object();
        view.put("name", plan.name());
        view.put("payer", plan.payer().name().toLowerCase(java.util.Locale.ROOT));
        Views.credits(view, "base", plan.base());
        Views.credits(view, "perMillionFuel", plan.perMillionFuel());
        Plan.Shares shares = plan.payer() == Plan.Payer.OWNER ? plan.sponsored() : plan.requested();
        view.put("host", shares.host() / 10.0 + "%");
        view.put("owner", shares.owner() / 10.0 + "%");
        view.put("tracker", shares.tracker() / 10.0 + "%");
        view.put("includedCalls", plan.includedCalls());
        view.put("hash", plan.hash().hex());
        return view;
    }

    private void functions(Exchange exchange) {
        String text = exchange.query("search").orElse("");
        boolean mine = exchange.query("mine").orElse("").equals("true");
        int offset = (int) exchange.number("offset", 0, 0, 1 << 30);
        int limit = (int) exchange.number("limit", 100, 1, Registry.ROWS_MAX);
        if (!mine) {
            answer(exchange, new NodeCommand.Search(text, offset, limit));
            return;
        }
        if (!(node.ask(new NodeCommand.WhoAmI()).orThrow()
                instanceof NodeReply.Identity identity)) {
            throw new IllegalStateException("WhoAmI is answered by an identity");
        }
        List<JsonNode> owned = new ArrayList<>();
        for (FunctionName name : identity.owns()) {
            if (name.toString().contains(text)
                    && node.ask(new NodeCommand.Describe(name))
                            instanceof Result.Ok<Reply>(NodeReply.Described described)) {
                owned.add(NodeViews.of(described));
            }
        }
        exchange.json(200, Views.list(owned, function -> function));
    }

    private void subscribe(Exchange exchange) throws IOException {
        FunctionName name = function(exchange);
        long credits = exchange.jsonBody().path("credits").asLong(5);
        if (credits < 1 || credits > 1_000_000) {
            throw new RefusedException(
                    ErrorCode.BAD_ARGUMENT, "credits are 1..1000000, not " + credits);
        }
        JsonNode described = reply(node.ask(new NodeCommand.Describe(name)));
        Plan plan =
                genesis.plan(Digest.parse(described.path("planHash").asText()))
                        .orElseThrow(() -> new IllegalStateException("a plan without a genesis"));
        ObjectNode answer = Views.object();
        answer.put("function", name.toString());
        answer.put("plan", plan.name());
        Views.credits(answer, "base", plan.base());
        Views.credits(answer, "perMillionFuel", plan.perMillionFuel());
        if (plan.payer() != Plan.Payer.OWNER) {
            Credits amount = Credits.whole(credits);
            answer.setAll(
                    (ObjectNode)
                            reply(
                                    node.ask(
                                            new NodeCommand.OpenChannel(
                                                    amount, java.util.Optional.empty()))));
        }
        exchange.json(200, answer);
    }

    private void seed(Exchange exchange) throws IOException {
        String name = exchange.jsonBody().path("function").asText();
        answer(exchange, new NodeCommand.Seed(FunctionName.parse(name)));
    }

    private void history(Exchange exchange) {
        answer(
                exchange,
                new NodeCommand.FindHistory(
                        exchange.number("before", Long.MAX_VALUE, 0, Long.MAX_VALUE),
                        (int) exchange.number("limit", 100, 1, Registry.ROWS_MAX)));
    }

    private void entry(Exchange exchange) {
        try {
            answer(exchange, new NodeCommand.FindEntry(Long.parseLong(exchange.part("index"))));
        } catch (NumberFormatException e) {
            throw new RefusedException(ErrorCode.BAD_ARGUMENT, "an index is a whole number");
        }
    }

    private void answer(Exchange exchange, Command command) {
        exchange.json(200, reply(node.ask(command)));
    }

    /** The reply as JSON; throws what was refused. */
    static JsonNode reply(Result<Reply> result) {
        if (result.orThrow() instanceof NodeReply reply) {
            return NodeViews.of(reply);
        }
        throw new IllegalStateException("not a node's reply");
    }

    static FunctionName function(Exchange exchange) {
        return new FunctionName(exchange.part("owner"), exchange.part("name"));
    }
}
