package orb.cli.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Limits;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Timing;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Grants;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.NodeView;
import orb.kernel.message.Origin;
import orb.kernel.message.Registry;
import orb.kernel.port.Notice;

/** Values that both roles answer with, as JSON; the shapes stand in {@code openapi.yaml}. */
final class Views {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Views() {}

    static ObjectNode object() {
        return JSON.objectNode();
    }

    static <T> ArrayNode list(List<T> items, Function<T, ? extends JsonNode> view) {
        ArrayNode array = JSON.arrayNode();
        items.forEach(item -> array.add(view.apply(item)));
        return array;
    }

    static <T> ArrayNode texts(List<T> items) {
        return list(items, item -> JSON.textNode(String.valueOf(item)));
    }

    /** What a peer said, as JSON. */
    static JsonNode message(Message message) {
        return switch (message) {
            case Registry.Account account -> account(account);
            case Registry.History(var rows) -> list(rows, Views::row);
            case Registry.Functions(var functions) -> list(functions, Views::listed);
            case Registry.Entry(var entry, var at) -> entry(entry.orElse(Bytes.EMPTY), at);
            case Membership.Nodes(var nodes) -> list(nodes, Views::node);
            case Calling.Proof(var proof) -> object().put("proof", proof.hex());
            case Registry.Submitted(var index) -> object().put("index", index);
            case Message.Done() -> object().put("ok", true);
            default -> throw new IllegalStateException("no view for " + message.getClass());
        };
    }

    static ObjectNode account(Registry.Account account) {
        ObjectNode node = object();
        node.put("known", account.known());
        node.put("name", account.name());
        credits(node, "balance", account.balance());
        credits(node, "pending", account.pending());
        credits(node, "escrow", account.escrow());
        node.put("nonce", account.nonce());
        node.set("channels", list(account.channels(), Views::channel));
        return node;
    }

    static ObjectNode channel(Registry.ChannelView view) {
        ObjectNode node = object();
        node.put("id", view.id().hex());
        node.put("purpose", view.purpose());
        credits(node, "locked", view.locked());
        credits(node, "paid", view.paid());
        node.put("hub", view.hub().toString());
        return node;
    }

    static ObjectNode row(Registry.Row row) {
        ObjectNode node = object();
        node.put("index", row.index());
        node.put("at", Instant.ofEpochMilli(row.atMillis()).toString());
        node.put("kind", row.kind());
        // the amounts sum to the balance, what is allocated to what lies in the holder's channels
        Credits change = new Credits(row.micro());
        credits(node, "amount", row.kind().equals("consume") ? Credits.ZERO : change);
        Credits allocated =
                switch (row.kind()) {
                    case "consume" -> change;
                    case "lock", "refund" -> Credits.ZERO.minus(change);
                    default -> Credits.ZERO;
                };
        credits(node, "allocated", allocated);
        node.put("other", row.other());
        node.put("evidence", row.evidence().hex());
        node.put("entry", "/v1/entries/" + row.index());
        return node;
    }

    static ObjectNode listed(Registry.Listed listed) {
        return function(listed.facts())
                .put("seeders", listed.seeders())
                .put("calls", listed.calls());
    }

    static ObjectNode function(FunctionFacts facts) {
        ObjectNode node = object();
        node.put("name", facts.name().toString());
        node.put("id", facts.id().toString());
        node.put("owner", facts.owner().toString());
        node.put("version", facts.version());
        node.put("artefact", facts.artefact().hex());
        node.put("size", facts.size().bytes());
        node.put("shape", facts.shape());
        node.put("deterministic", facts.isDeterministic());
        node.set("limits", limits(facts.limits()));
        node.set("capabilities", capabilities(facts.grants()));
        node.put("plan", facts.plan());
        node.put("planHash", facts.planHash().hex());
        node.put("complexity", facts.complexity().units());
        node.put("peakMemory", facts.peakMemory().bytes());
        node.put("replicas", facts.replicas());
        node.put("path", facts.name().path());
        return node;
    }

    static ObjectNode limits(Limits limits) {
        return object().put("memory", limits.memory().bytes())
                .put("fuel", limits.fuel().units())
                .put("wallMillis", limits.wall().toMillis());
    }

    /** What the owner signed that the function may ask of its host. */
    static ObjectNode capabilities(Grants grants) {
        ObjectNode node = object();
        node.put("kv", grants.kv().bytes());
        node.set("http", texts(grants.http().stream().map(Origin::toString).toList()));
        node.set("secrets", texts(grants.secrets()));
        node.put("idempotent", grants.idempotent());
        return node;
    }

    static ObjectNode node(NodeView view) {
        NodeView.Machine machine = view.machine();
        ObjectNode node =
                object().put("id", view.id().toString())
                        .put("owner", view.owner())
                        .put("state", view.state())
                        .put("live", view.state().equals("alive"))
                        .put("standing", view.standing())
                        .put("address", view.address())
                        .put("running", view.running())
                        .put("capacity", view.capacity())
                        .put("seeds", view.seeds())
                        .put("lastSeen", Instant.ofEpochMilli(view.lastSeenMillis()).toString())
                        .put("cpus", machine.cpus())
                        .put("memoryBytes", machine.memory())
                        .put("upBytesPerSecond", machine.up())
                        .put("downBytesPerSecond", machine.down())
                        .put("assurance", machine.assurance());
        node.set("features", texts(machine.features()));
        return node;
    }

    private static ObjectNode entry(Bytes entry, long atMillis) {
        return object().put("bytes", entry.hex())
                .put("digest", Digest.of(entry).hex())
                .put("at", Instant.ofEpochMilli(atMillis).toString());
    }

    static ObjectNode notice(Notice notice) {
        return object().put("at", notice.at().toString())
                .put("kind", notice.kind())
                .put("subject", notice.subject())
                .put("detail", notice.detail());
    }

    /** What became of a call, where, and where the time went. */
    record CallRecord(
            Digest call,
            Outcome outcome,
            NodeId host,
            Bytes receipt,
            Timing timing,
            List<String> trail) {}

    static ObjectNode call(CallRecord record) {
        ObjectNode node = object();
        node.put("call", record.call().hex());
        node.put("outcome", record.outcome().getClass().getSimpleName());
        switch (record.outcome()) {
            case Outcome.Completed(var response, var used) ->
                    node.put("status", response.status())
                            .put("fuel", used.units())
                            .put("body", response.body().utf8());
            case Outcome.OutOfFuel(var limit) -> node.put("fuel", limit.units());
            case Outcome.Trapped(var code, var detail, var used) ->
                    node.put("trap", code.name()).put("detail", detail).put("fuel", used.units());
            case Outcome.Refused(var refusal) -> node.put("refusal", refusal.toString());
        }
        node.put("host", record.host().toString());
        node.put("receipt", record.receipt().hex());
        node.set("timing", timing(record.timing()));
        node.set("trail", texts(record.trail()));
        return node;
    }

    private static ObjectNode timing(Timing timing) {
        return object().put("waitMicros", timing.waitNanos() / 1000)
                .put("fetchMicros", timing.fetchNanos() / 1000)
                .put("compileMicros", timing.compileNanos() / 1000)
                .put("instantiateMicros", timing.instantiateNanos() / 1000)
                .put("runMicros", timing.runNanos() / 1000)
                .put("warm", timing.warm());
    }

    static void credits(ObjectNode node, String name, Credits credits) {
        node.put(name, credits.toString());
        node.put(name + "Micro", credits.micro());
    }
}
