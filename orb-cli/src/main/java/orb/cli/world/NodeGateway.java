package orb.cli.world;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import orb.host.gateway.CallReply;
import orb.host.gateway.Calls;
import orb.host.gateway.Gateway;
import orb.host.gateway.GatewayLimits;
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
record NodeGateway(RealWorld<Node> world, String api) implements Calls {

    /** Starts to listen; returns the port. */
    static int start(RealWorld<Node> world, int port, String api) {
        Gateway gateway =
                world.part(
                        new Gateway(
                                world.threads(),
                                GatewayLimits.DEFAULT,
                                new NodeGateway(world, api)));
        return gateway.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .orThrow()
                .getPort();
    }

    @Override
    public void call(FunctionName name, Request request, Optional<Bytes> token, CallReply reply) {
        if (token.isPresent()) {
            reply.refuse(
                    new Refusal(
                            ErrorCode.TOKEN_REFUSED,
                            "access tokens are spent at the tracker that holds their channel",
                            "send it to the function's URL on the tracker"));
            return;
        }
        // a desk always completes its answers, and with values
        var _ =
                world.desk()
                        .command(new NodeCommand.Call(name, request, false))
                        .thenAccept(result -> answer(result, reply));
    }

    private void answer(Result<Reply> result, CallReply reply) {
        switch (result) {
            case Result.Ok<Reply>(NodeReply.Called called) ->
                    CallGate.answer(
                            reply,
                            new CallGate.Ended(
                                    called.call(),
                                    called.outcome(),
                                    called.host(),
                                    called.timing()),
                            api);
            case Result.Ok<Reply>(var other) ->
                    throw new IllegalStateException("Call is answered by Called, not " + other);
            case Result.Refused<Reply>(var refusal) -> reply.refuse(refusal);
        }
    }
}
