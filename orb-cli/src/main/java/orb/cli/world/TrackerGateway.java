package orb.cli.world;

import java.net.InetSocketAddress;
import orb.host.gateway.CallReply;
import orb.host.gateway.Gateway;
import orb.host.gateway.GatewayLimits;
import orb.host.gateway.Pages;
import orb.kernel.Result;
import orb.kernel.port.Reply;
import orb.tracker.TrackerCommand;
import orb.tracker.TrackerReply;

/** A tracker's function endpoints and the files of its log, for everyone. */
final class TrackerGateway {
    private TrackerGateway() {}

    /** Starts to listen; returns the port. */
    static int start(RealWorld<?> world, InetSocketAddress address, Pages pages) {
        Gateway gateway =
                world.part(
                        new Gateway(
                                world.threads(),
                                GatewayLimits.DEFAULT,
                                (name, request, token, reply) ->
                                        call(
                                                world,
                                                new TrackerCommand.Call(name, request, token),
                                                reply),
                                pages));
        return gateway.listen(address).orThrow().getPort();
    }

    private static void call(RealWorld<?> world, TrackerCommand.Call call, CallReply reply) {
        // a desk always completes its answers, and with values
        var _ = world.desk().command(call).thenAccept(result -> answer(result, reply));
    }

    private static void answer(Result<Reply> result, CallReply reply) {
        switch (result) {
            case Result.Ok<Reply>(TrackerReply.Called called) ->
                    CallGate.answer(
                            reply,
                            new CallGate.Ended(
                                    called.call(),
                                    called.outcome(),
                                    called.host(),
                                    called.timing()),
                            "");
            case Result.Ok<Reply>(var other) ->
                    throw new IllegalStateException("Call is answered by Called, not " + other);
            case Result.Refused<Reply>(var refusal) -> reply.refuse(refusal);
        }
    }
}
