package orb.host.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.Objects;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.RefusedException;
import orb.kernel.codec.DecodeLimits;
import org.jspecify.annotations.Nullable;

/**
 * The end of a link that was dialled: the HTTP/2 client.
 *
 * <p>It opens the uplink at once. Each own question is a stream of its own; the peer's questions
 * come, and are answered, in frames on the uplink.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel
final class AcceptedLink extends Link implements UplinkFrame.Reader {
    private final IntObjectHashMap<Exchange> byStream = new IntObjectHashMap<>();
    private final LongObjectHashMap<Inbound> byExchange = new LongObjectHashMap<>();
    private final UplinkDecoder decoder = new UplinkDecoder(this);
    private @Nullable Uplink uplink;
    private @Nullable ChannelHandlerContext context;

    AcceptedLink(NodeId peer, Channel channel, Links links) {
        super(peer, channel, links);
    }

    @Override
    boolean dialled() {
        return false;
    }

    @Override
    protected void handlerAdded0(ChannelHandlerContext ctx) {
        super.handlerAdded0(ctx);
        context = ctx;
        Uplink opening = new Uplink(this, ctx, newStream());
        uplink = opening;
        ctx.writeAndFlush(
                        new DefaultHttp2HeadersFrame(request(LinkHttp.UPLINK_PATH), false)
                                .stream(opening.stream()))
                .addListener(sent -> {
                    if (!sent.isSuccess()) {
                        close(failed("the uplink could not be opened"), Http2Error.INTERNAL_ERROR);
                    }
                });
    }

    private static Http2Headers request(AsciiString path, AsciiString... more) {
        return ReadOnlyHttp2Headers.clientHeaders(
                false, LinkHttp.POST, path, LinkHttp.HTTPS, LinkHttp.AUTHORITY, more);
    }

    // ---- own questions, a stream each -------------------------------------------------------

    @Override
    void sendAsk(Exchange exchange, Bytes question) {
        ChannelHandlerContext ctx = context();
        Http2FrameStream stream = newStream();
        exchange.stream = stream;
        AsciiString timeout = AsciiString.of(Long.toString(exchange.ask.timeout().toMillis()));
        ChannelPromise opened = ctx.newPromise();
        opened.addListener(sent -> openedStream(exchange, sent));
        ctx.write(
                new DefaultHttp2HeadersFrame(
                                request(LinkHttp.ASK_PATH, LinkHttp.TIMEOUT, timeout), false)
                        .stream(stream),
                opened);
        if (exchange.place == Exchange.Place.ON_WIRE) {
            byStream.put(stream.id(), exchange);
            ctx.write(
                    new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(question.array()), true)
                            .stream(stream),
                    queue(question.length()));
        }
    }

    private void openedStream(Exchange exchange, Future<?> sent) {
        if (!sent.isSuccess() && exchange.place == Exchange.Place.ON_WIRE) {
            forget(exchange);
            unanswered(
                    exchange,
                    ErrorCode.PEER_LOST,
                    "the question could not be sent: " + sent.cause());
        }
    }

    @Override
    void cancelAsk(Exchange exchange) {
        Http2FrameStream stream = forget(exchange);
        if (stream != null) {
            context().write(new DefaultHttp2ResetFrame(Http2Error.CANCEL).stream(stream));
        }
    }

    private @Nullable Http2FrameStream forget(Exchange exchange) {
        Http2FrameStream stream = exchange.stream;
        return stream != null && byStream.remove(stream.id()) == exchange ? stream : null;
    }

    // ---- what comes in ------------------------------------------------------------------------

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        alive();
        try {
            switch (frame) {
                case Http2HeadersFrame headers -> read(headers);
                case Http2DataFrame data -> read(ctx, data);
                case Http2ResetFrame reset -> streamFailed(reset.stream(), "reset by the peer");
                case Http2GoAwayFrame away -> close(hungUp(away), Http2Error.NO_ERROR);
                default -> {} // settings, pings and windows are the codec's business
            }
        } catch (RefusedException e) {
            close(e.refusal(), Http2Error.PROTOCOL_ERROR);
        } finally {
            ReferenceCountUtil.release(frame);
        }
    }

    private void read(Http2HeadersFrame frame) {
        boolean ok = LinkHttp.OK.contentEquals(status(frame));
        if (uplink().is(frame.stream())) {
            if (!ok || frame.isEndStream()) {
                close(failed("the uplink was refused"), Http2Error.PROTOCOL_ERROR);
            } else {
                opened();
            }
            return;
        }
        Exchange exchange = byStream.get(frame.stream().id());
        if (exchange != null && (!ok || frame.isEndStream())) {
            cancelAsk(exchange);
            unanswered(exchange, ErrorCode.MALFORMED_BYTES, "the peer answered without a message");
        }
    }

    private static CharSequence status(Http2HeadersFrame frame) {
        CharSequence status = frame.headers().status();
        return status == null ? "" : status;
    }

    private void read(ChannelHandlerContext ctx, Http2DataFrame frame) {
        int flowed = frame.initialFlowControlledBytes();
        if (flowed > 0) {
            ctx.write(new DefaultHttp2WindowUpdateFrame(flowed).stream(frame.stream()));
        }
        if (uplink().is(frame.stream())) {
            decoder.read(frame.content());
            if (frame.isEndStream()) {
                close(failed("the peer ended the uplink"), Http2Error.NO_ERROR);
            }
            return;
        }
        Exchange exchange = byStream.get(frame.stream().id());
        if (exchange != null && gather(exchange, frame.content()) && frame.isEndStream()) {
            byStream.remove(frame.stream().id());
            answered(exchange);
        }
    }

    @Override
    void streamFailed(Http2FrameStream stream, String error) {
        if (uplink().is(stream)) {
            close(failed("the uplink failed: " + error), Http2Error.PROTOCOL_ERROR);
            return;
        }
        Exchange exchange = byStream.remove(stream.id());
        if (exchange != null) {
            unanswered(exchange, ErrorCode.PEER_LOST, "the exchange failed: " + error);
        }
    }

    // ---- the peer's questions, frames on the uplink -------------------------------------------

    @Override
    public void frame(int kind, long exchange, ByteBuf payload) {
        switch (kind) {
            case UplinkFrame.ASK -> firstPiece(exchange, payload);
            case UplinkFrame.MORE -> {
                Inbound inbound = byExchange.get(exchange);
                if (inbound != null) {
                    piece(inbound, payload);
                }
            }
            case UplinkFrame.CANCEL -> {
                Inbound inbound = byExchange.remove(exchange);
                if (inbound != null) {
                    inbounds.abandon(inbound);
                }
            }
            default ->
                    throw new RefusedException(
                            ErrorCode.MALFORMED_BYTES, "an uplink frame of kind " + kind);
        }
    }

    private void firstPiece(long exchange, ByteBuf payload) {
        if (payload.readableBytes() < UplinkFrame.ASK_HEAD || byExchange.containsKey(exchange)) {
            throw new RefusedException(
                    ErrorCode.MALFORMED_BYTES,
                    "a question on the uplink is cut short or its number %d is in use"
                            .formatted(exchange));
        }
        long timeoutMillis = payload.readUnsignedInt();
        long announced = payload.readUnsignedInt();
        Inbound inbound = new Inbound(this, exchange, timeoutMillis);
        byExchange.put(exchange, inbound);
        inbounds.begin(inbound);
        if (announced > DecodeLimits.MESSAGE.bytesMax()) {
            inbounds.refuse(inbound, why(Gathering.Added.TOO_LARGE));
            return;
        }
        inbound.announced = (int) announced;
        piece(inbound, payload);
    }

    private void piece(Inbound inbound, ByteBuf payload) {
        inbounds.gather(inbound, payload);
        Gathering question = inbound.question;
        if (question != null && question.length() > inbound.announced) {
            inbounds.refuse(inbound, why(Gathering.Added.TOO_LARGE));
        } else if (question != null && question.length() == inbound.announced) {
            inbounds.asked(inbound);
        }
    }

    @Override
    void sendAnswer(Inbound inbound, Bytes answer) {
        byExchange.remove(inbound.wire);
        uplink().answer(inbound.wire, answer);
    }

    @Override
    void dropReceived() {
        byStream.clear();
        for (Inbound inbound : new ArrayList<>(byExchange.values())) {
            inbound.drop();
        }
        byExchange.clear();
    }

    private Uplink uplink() {
        return Objects.requireNonNull(uplink, "the uplink is opened when the link is added");
    }

    private ChannelHandlerContext context() {
        return Objects.requireNonNull(context, "the link was added to its channel");
    }
}
