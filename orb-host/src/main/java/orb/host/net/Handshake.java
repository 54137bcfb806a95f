package orb.host.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;

/**
 * Stands behind TLS until it is agreed, looks who the peer proved to be, and puts the link in its
 * own place.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel
abstract class Handshake extends ChannelInboundHandlerAdapter {
    /** Whom the link is with; refused where it is not the right one. */
    abstract Result<Link> link(NodeId peer, Channel channel);

    /** The HTTP/2 of this end. */
    abstract Http2FrameCodec http();

    /** There will be no link. */
    abstract void failed(Refusal refusal);

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent completed) {
            if (completed.isSuccess()) {
                agreed(ctx);
            } else {
                give(ctx, tls(completed.cause()));
            }
        } else {
            super.userEventTriggered(ctx, event);
        }
    }

    private void agreed(ChannelHandlerContext ctx) {
        ChannelPipeline pipeline = ctx.pipeline();
        SslHandler tls = pipeline.get(SslHandler.class);
        if (!LinkTls.ALPN.equals(tls.applicationProtocol())) {
            give(
                    ctx,
                    new Refusal(
                            ErrorCode.PEER_LOST,
                            "the peer does not speak " + LinkTls.ALPN,
                            "make sure that an Orb peer listens there"));
            return;
        }
        Result<Link> linked =
                LinkTls.peerOf(tls.engine().getSession()).then(peer -> link(peer, ctx.channel()));
        switch (linked) {
            case Result.Ok<Link>(var link) -> {
                pipeline.addLast(http(), link);
                pipeline.remove(this);
            }
            case Result.Refused<Link>(var refusal) -> give(ctx, refusal);
        }
    }

    private void give(ChannelHandlerContext ctx, Refusal refusal) {
        failed(refusal);
        ctx.close();
    }

    private static Refusal tls(Throwable cause) {
        return new Refusal(
                ErrorCode.PEER_LOST,
                "TLS was not agreed: " + cause,
                "make sure that an Orb peer listens there");
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        failed(new Refusal(ErrorCode.PEER_LOST, "the peer closed the connection during TLS"));
        super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        give(ctx, tls(cause));
    }
}
