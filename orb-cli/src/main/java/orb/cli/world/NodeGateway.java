package orb.cli.world;

import java.net.InetSocketAddress;
import java.util.Optional;
import orb.host.net.CallReply;
import orb.host.net.Gateway;
import orb.host.net.GatewayLimits;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.port.Reply;
import orb.node.Node;
import orb.node.NodeCommand;
import orb.node.NodeReply;

/**
 * A node's own function endpoints, on loopback. They serve what costs the caller nothing; calls for
 * which the logged-in account pays need the control plane's token.
 */
final class NodeGateway {
    private NodeGateway() {}

    /** Starts to listen; returns the port. */
    static int start(RealWorld<Node> world, int port, String api) {
        Gateway gateway =
                world.part(
                        new Gateway(
                                world.threads(),
                                GatewayLimits.DEFAULT,
                                (name, request, token, reply) ->
                                        call(world, api, name, request, token, reply)));
        return gateway.listen(new InetSocketAddress("127.0.0.1", port)).orThrow().getPort();
    }

    private static void call(
            RealWorld<Node> world,
            String api,
            FunctionName name,
            Request request,
            Optional<Bytes> token,
            CallReply reply) {
        if (token.isPresent()) {
            reply.refuse(
                    new Refusal(
                            ErrorCode.TOKEN_REFUSED,
                            "access tokens are spent at the tracker that holds their channel",
                            "send it to the function's URL on the tracker"));
            return;
        }
        world.desk()
                .command(new NodeCommand.Call(name, request, false))
                .thenAccept(result -> answer(result, reply, api));
    }

    private static void answer(Result<Reply> result, CallReply reply, String api) {
        switch (result) {
            case Result.Ok<Reply>(NodeReply.Called called) ->
                    CallGate.answer(
                            reply,
                            new CallGate.Ended(
                                    called.call(), called.outcome(), called.host(), called.timing()),
                            api);
            case Result.Ok<Reply>(var other) ->
                    throw new IllegalStateException("Call is answered by Called, not " + other);
            case Result.Refused<Reply>(var refusal) -> reply.refuse(refusal);
        }
    }
}
