package orb.host.net;

import io.netty.channel.ChannelFuture;
import java.net.BindException;
import java.net.InetSocketAddress;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;

/** What became of binding a listener, in words that say what to do. */
public final class Listening {
    private Listening() {}

    /** The address that was bound, or {@code PORT_IN_USE} or {@code BAD_ARGUMENT}. */
    public static Result<InetSocketAddress> at(InetSocketAddress asked, ChannelFuture bound) {
        if (bound.isSuccess()) {
            return Result.ok((InetSocketAddress) bound.channel().localAddress());
        }
        Throwable cause = bound.cause();
        String said = String.valueOf(cause.getMessage());
        if (cause instanceof BindException && said.contains("in use")) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.PORT_IN_USE,
                            "another program listens on port %d of %s"
                                    .formatted(asked.getPort(), asked.getHostString()),
                            "see which one with `ss -ltnp | grep :%d`, stop it, or choose"
                                            .formatted(asked.getPort())
                                    + " another port"));
        }
        return Result.refused(
                new Refusal(
                        ErrorCode.BAD_ARGUMENT,
                        "cannot listen on %s: %s".formatted(asked, said),
                        asked.getPort() < 1024
                                ? "ports below 1024 need root; choose a higher one"
                                : "choose an address of this machine, such as 127.0.0.1"));
    }
}
