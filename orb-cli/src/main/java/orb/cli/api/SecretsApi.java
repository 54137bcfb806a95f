package orb.cli.api;

import java.io.IOException;
import java.util.List;
import orb.host.capability.Granting;
import orb.host.web.Exchange;
import orb.host.web.Route;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.port.Reply;
import orb.node.NodeCommand;
import orb.node.NodeReply;

/**
 * What an owner keeps secret for a function on this node. Values go in and never come out: only
 * runs of the function get them.
 */
public final class SecretsApi {
    private final Asker node;
    private final Granting granting;

    public SecretsApi(Asker node, Granting granting) {
        this.node = node;
        this.granting = granting;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/v1/functions/{owner}/{name}/secrets", this::list),
                Route.post("/v1/functions/{owner}/{name}/secrets/{secret}", this::keep),
                Route.delete("/v1/functions/{owner}/{name}/secrets/{secret}", this::forget));
    }

    private void list(Exchange exchange) {
        List<String> names = granting.secretNames(function(exchange)).orThrow();
        exchange.json(200, Views.list(names, name -> Views.object().put("secret", name)));
    }

    private void keep(Exchange exchange) throws IOException {
        FunctionId function = function(exchange);
        String kept =
                granting.keepSecret(function, exchange.part("secret"), exchange.body()).orThrow();
        exchange.json(200, Views.object().put("secret", kept));
    }

    private void forget(Exchange exchange) {
        String forgotten =
                granting.forgetSecret(function(exchange), exchange.part("secret")).orThrow();
        exchange.json(200, Views.object().put("secret", forgotten));
    }

    /** The function, which has to be one that was deployed from this node. */
    private FunctionId function(Exchange exchange) {
        FunctionName name = NodeApi.function(exchange);
        if (node.ask(new NodeCommand.WhoAmI()).orThrow() instanceof NodeReply.Identity identity
                && identity.owns().contains(name)
                && node.ask(new NodeCommand.Describe(name))
                        instanceof Result.Ok<Reply>(NodeReply.Described described)) {
            return described.facts().id();
        }
        throw new RefusedException(
                new Refusal(
                        ErrorCode.NOT_OWNER,
                        name + " was not deployed from this node",
                        "orb fn ls shows what was; a secret is kept where its owner deploys"));
    }
}
