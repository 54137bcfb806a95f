package orb.cli.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import orb.host.store.Json;
import orb.host.web.Exchange;
import orb.host.web.Forms;
import orb.host.web.Route;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.FunctionName;
import orb.kernel.Header;
import orb.kernel.Limits;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.message.Grants;
import orb.kernel.message.Origin;
import orb.kernel.port.Notice;
import orb.kernel.port.Reply;
import orb.node.NodeCommand;

/**
 * Quoting and deploying: a form with the executable and what the manifest says. What the form may
 * hold stands in {@code openapi.yaml}; the source is never part of it.
 */
public final class DeployApi {
    private final Asker node;
    private final WalletApi wallet;
    private final Consumer<String> plans;

    /**
     * @param plans refuses the name of a plan that does not exist
     */
    public DeployApi(Asker node, WalletApi wallet, Consumer<String> plans) {
        this.node = node;
        this.wallet = wallet;
        this.plans = plans;
    }

    public List<Route> routes() {
        return List.of(
                Route.post("/v1/quote", this::quote), Route.post("/v1/functions", this::deploy));
    }

    private void quote(Exchange exchange) throws IOException {
        Form form = Form.read(exchange);
        exchange.json(
                200,
                NodeApi.reply(
                        node.ask(
                                new NodeCommand.Quote(
                                        form.artefact(),
                                        form.limits(),
                                        form.grants(),
                                        form.sample()))));
    }

    private void deploy(Exchange exchange) throws IOException {
        Form form = Form.read(exchange);
        String plan = form.text("plan", "");
        plans.accept(plan);
        String name = form.text("name", "");
        if (!FunctionName.isLabel(name)) {
            throw new RefusedException(
                    ErrorCode.BAD_ARGUMENT,
                    "a function's name is 1..63 of a-z, 0-9 and inner hyphens, not '" + name + "'");
        }
        NodeCommand.Proposal proposal =
                new NodeCommand.Proposal(
                        name,
                        form.source(),
                        form.artefact(),
                        form.limits(),
                        form.grants(),
                        plan,
                        (int) form.number("replicas", 1, 1, 100),
                        form.sample(),
                        Credits.whole(form.number("allocation", 0, 0, 1_000_000)));
        NodeCommand.Deploy command =
                new NodeCommand.Deploy(proposal, wallet.functionKey(proposal.name()));
        if (exchange.wantsLines()) {
            withProgress(exchange, command);
        } else {
            exchange.json(201, NodeApi.reply(node.ask(command)));
        }
    }

    private void withProgress(Exchange exchange, NodeCommand.Deploy command) throws IOException {
        try (Exchange.Lines lines = exchange.lines()) {
            Result<Reply> result = node.ask(command, notice -> tell(lines, notice));
            switch (result) {
                case Result.Ok<Reply> ok -> {
                    ObjectNode last = Views.object();
                    last.set("result", NodeApi.reply(ok));
                    lines.send(last);
                }
                case Result.Refused<Reply>(var refusal) -> lines.send(Exchange.errorBody(refusal));
            }
        }
    }

    private static void tell(Exchange.Lines lines, Notice notice) {
        try {
            lines.send(Views.notice(notice));
        } catch (IOException e) {
            throw new UncheckedIOException("telling how far the deploy is", e);
        }
    }

    /**
     * The fields of a deploy form.
     *
     * @param fields by name
     */
    private record Form(Map<String, Bytes> fields) {
        static Form read(Exchange exchange) throws IOException {
            String type = exchange.header("Content-Type").orElse("");
            if (!type.startsWith("multipart/form-data")) {
                throw new RefusedException(
                        new Refusal(
                                ErrorCode.BAD_ARGUMENT,
                                "a deploy is a multipart/form-data form, not '" + type + "'",
                                "curl -F artefact=@add.wasm -F name=add -F plan=sponsored ..."));
            }
            return new Form(Forms.read(type, exchange.body()));
        }

        Bytes artefact() {
            Bytes artefact = fields.getOrDefault("artefact", Bytes.EMPTY);
            if (artefact.isEmpty()) {
                throw new RefusedException(ErrorCode.BAD_ARGUMENT, "the form lacks an artefact");
            }
            return artefact;
        }

        /** Where no source is named, the executable is the source, as for a hand-made module. */
        Digest source() {
            String hex = text("source", "");
            return hex.isEmpty() ? Digest.of(artefact()) : Digest.parse(hex);
        }

        Limits limits() {
            Limits standard = Limits.DEFAULT;
            return new Limits(
                    new ByteSize(number("memory", standard.memory().bytes(), 0, Long.MAX_VALUE)),
                    new Fuel(number("fuel", standard.fuel().units(), 0, Long.MAX_VALUE)),
                    Duration.ofMillis(
                            number("wallMillis", standard.wall().toMillis(), 0, 1_000_000_000)));
        }

        Grants grants() {
            return new Grants(
                    new ByteSize(number("kv", 0, 0, Grants.KV_MAX.bytes())),
                    words("http").map(Origin::parse).toList(),
                    words("secrets").toList(),
                    text("idempotent", "").equals("true"));
        }

        private Stream<String> words(String name) {
            return Stream.of(text(name, "").split(" ")).filter(word -> !word.isEmpty());
        }

        Request sample() {
            List<Header> headers = new ArrayList<>();
            JsonNode listed = Json.parse(Bytes.utf8(text("sampleHeaders", "{}"))).orThrow();
            listed.properties()
                    .forEach(f -> headers.add(new Header(f.getKey(), f.getValue().asText())));
            return new Request(
                    text("sampleMethod", "POST"),
                    text("samplePath", "/"),
                    text("sampleQuery", ""),
                    headers,
                    fields.getOrDefault("sample", Bytes.EMPTY));
        }

        String text(String name, String fallback) {
            Bytes bytes = fields.get(name);
            return bytes == null ? fallback : bytes.utf8();
        }

        long number(String name, long fallback, long min, long max) {
            String text = text(name, "");
            try {
                long number = text.isEmpty() ? fallback : Long.parseLong(text);
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // refused below, with the bounds
            }
            throw new RefusedException(
                    ErrorCode.BAD_ARGUMENT,
                    name + " is a whole number in " + min + ".." + max + ", not " + text);
        }
    }
}
