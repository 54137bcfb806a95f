package orb.cli.api;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import orb.host.web.Exchange;
import orb.host.web.Route;
import orb.kernel.FunctionName;
import orb.kernel.Header;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.node.NodeCommand;
import orb.node.NodeReply;

/** Calls through the control plane, for which the logged-in account pays by the plan. */
public final class InvokeApi {
    /** Headers that belong to the way here, not to the function. */
    private static final Set<String> DROPPED =
            Set.of(
                    "authorization",
                    "connection",
                    "host",
                    "transfer-encoding",
                    "content-length",
                    "keep-alive",
                    "upgrade",
                    "te",
                    "trailer",
                    "proxy-authorization",
                    "expect");

    private final Asker node;

    public InvokeApi(Asker node) {
        this.node = node;
    }

    public List<Route> routes() {
        return List.of(
                Route.post("/v1/invoke/{owner}/{name}", this::invoke),
                Route.post("/v1/invoke/{owner}/{name}/{+rest}", this::invoke),
                Route.get("/v1/invoke/{owner}/{name}", this::invoke),
                Route.get("/v1/invoke/{owner}/{name}/{+rest}", this::invoke));
    }

    private void invoke(Exchange exchange) throws IOException {
        FunctionName name = NodeApi.function(exchange);
        Request request =
                new Request(
                        exchange.method(),
                        exchange.rest("rest"),
                        exchange.rawQuery(),
                        headers(exchange),
                        exchange.body());
        if (!(node.ask(new NodeCommand.Call(name, request, true)).orThrow()
                instanceof NodeReply.Called called)) {
            throw new IllegalStateException("Call is answered by Called");
        }
        exchange.set(new Header("x-orb-call", called.call().hex()));
        if (!(called.outcome() instanceof Outcome.Refused)) {
            exchange.set(new Header("x-orb-served-by", called.host().toString()));
        }
        exchange.set(new Header("x-orb-fuel", Long.toString(called.outcome().used().units())));
        exchange.set(new Header("x-orb-warm", Boolean.toString(called.timing().warm())));
        switch (called.outcome()) {
            case Outcome.Completed(var response, _) -> show(exchange, response);
            case Outcome.OutOfFuel _, Outcome.Trapped _, Outcome.Refused _ ->
                    exchange.refuse(Outcomes.refusal(called.outcome()));
        }
    }

    private static void show(Exchange exchange, Response response) {
        String type = "application/octet-stream";
        for (Header header : response.headers()) {
            if (header.name().equals("content-type")) {
                type = header.value();
            } else if (!DROPPED.contains(header.name())) {
                exchange.set(header);
            }
        }
        exchange.bytes(response.status(), type, response.body());
    }

    private static List<Header> headers(Exchange exchange) {
        List<Header> headers = new ArrayList<>();
        for (var field : exchange.headers()) {
            String name = field.name().toLowerCase(Locale.ROOT);
            if (!DROPPED.contains(name)
                    && headers.size() < Request.HEADERS_MAX
                    && Header.isValid(name, field.get())) {
                headers.add(new Header(name, field.get()));
            }
        }
        return headers;
    }
}
