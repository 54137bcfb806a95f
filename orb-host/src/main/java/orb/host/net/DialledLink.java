package orb.host.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
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
import java.util.ArrayList;
import java.util.Objects;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.codec.DecodeLimits;
import org.jspecify.annotations.Nullable;

/**
 * The end of a link that dialled: the HTTP/2 server (C2SP https-bastion).
 *
 * <p>The peer opens the uplink as its first stream. Each of the peer's questions is a stream of its
 * own; own questions go, and are answered, in frames on the uplink.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel
final class DialledLink extends Link implements UplinkFrame.Reader {
    private static final long TIMEOUT_MAX = 3_600_000;

    private final IntObjectHashMap<Inbound> byStream = new IntObjectHashMap<>();
    private final LongObjectHashMap<Exchange> byExchange = new LongObjectHashMap<>();
    private final UplinkDecoder decoder = new UplinkDecoder(this);
    private final Dialling dialling;
    private @Nullable Uplink uplink;

    DialledLink(NodeId peer, Channel channel, Links links, Dialling dialling) {
        super(peer, channel, links);
        this.dialling = dialling;
    }

    @Override
    boolean mayOpen() {
        return dialling.linked();
    }

    @Override
    void neverOpened(Refusal why) {
        dialling.failed(why);
    }

    @Override
    boolean dialled() {
        return true;
    }

    // ---- own questions, frames on the uplink --------------------------------------------------

    @Override
    void sendAsk(Exchange exchange, Bytes question) {
        byExchange.put(exchange.serial, exchange);
        uplink().ask(
                        exchange.serial,
                        exchange.ask.timeout().toMillis(),
                        question,
                        () -> exchange.place == Exchange.Place.ON_WIRE);
    }

    @Override
    void cancelAsk(Exchange exchange) {
        if (byExchange.remove(exchange.serial) != null) {
            uplink().cancel(exchange.serial);
        }
    }

    @Override
    public void frame(int kind, long exchange, ByteBuf payload) {
        switch (kind) {
            case UplinkFrame.ANSWER -> firstPiece(byExchange.get(exchange), payload);
            case UplinkFrame.MORE -> piece(byExchange.get(exchange), payload);
            default ->
                    throw new RefusedException(
                            ErrorCode.MALFORMED_BYTES, "an uplink frame of kind " + kind);
        }
    }

    private void firstPiece(@Nullable Exchange exchange, ByteBuf payload) {
        if (payload.readableBytes() < UplinkFrame.ANSWER_HEAD) {
            throw new RefusedException(
                    ErrorCode.MALFORMED_BYTES, "an answer on the uplink is cut short");
        }
        long announced = payload.readUnsignedInt();
        if (exchange == null) {
            return; // it came after its time-out
        }
        if (exchange.answer != null || announced > DecodeLimits.MESSAGE.bytesMax()) {
            byExchange.remove(exchange.serial);
            unanswered(exchange, ErrorCode.MALFORMED_BYTES, "an answer twice or too large");
            return;
        }
        exchange.announced = (int) announced;
        piece(exchange, payload);
    }

    private void piece(@Nullable Exchange exchange, ByteBuf payload) {
        if (exchange == null || !gather(exchange, payload)) {
            return;
        }
        Gathering answer = exchange.answer;
        int length = answer == null ? 0 : answer.length();
        if (length > exchange.announced) {
            byExchange.remove(exchange.serial);
            unanswered(exchange, ErrorCode.MALFORMED_BYTES, "an answer longer than it announced");
        } else if (length == exchange.announced) {
            byExchange.remove(exchange.serial);
            answered(exchange);
        }
    }

    // ---- what comes in ------------------------------------------------------------------------

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        alive();
        try {
            switch (frame) {
                case Http2HeadersFrame headers -> read(ctx, headers);
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

    private void read(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
        Inbound known = byStream.get(frame.stream().id());
        if (known != null || isUplink(frame.stream())) {
            if (frame.isEndStream()) {
                ended(frame.stream(), known); // trailers: what they say does not matter
            }
            return;
        }
        CharSequence path = frame.headers().path();
        if (LinkHttp.UPLINK_PATH.contentEquals(path == null ? "" : path)) {
            openUplink(ctx, frame);
        } else if (LinkHttp.ASK_PATH.contentEquals(path == null ? "" : path)) {
            openAsk(ctx, frame);
        } else {
            refuse(ctx, frame, LinkHttp.NOT_FOUND);
        }
    }

    private void openUplink(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
        if (uplink != null || frame.isEndStream()) {
            refuse(ctx, frame, LinkHttp.BAD_REQUEST);
            return;
        }
        uplink = new Uplink(this, ctx, frame.stream());
        ctx.writeAndFlush(
                new DefaultHttp2HeadersFrame(status(LinkHttp.OK), false).stream(frame.stream()));
        opened();
    }

    private void openAsk(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
        long timeoutMillis = timeout(frame.headers());
        if (!isOpen() || timeoutMillis < 0) {
            refuse(ctx, frame, LinkHttp.BAD_REQUEST);
            return;
        }
        Inbound inbound = new Inbound(this, frame.stream().id(), timeoutMillis);
        inbound.stream = frame.stream();
        byStream.put(frame.stream().id(), inbound);
        inbounds.begin(inbound);
        if (frame.isEndStream()) {
            ended(frame.stream(), inbound);
        }
    }

    /** Milliseconds, at most an hour; -1 where the header is missing or is no such number. */
    private static long timeout(Http2Headers headers) {
        CharSequence text = headers.get(LinkHttp.TIMEOUT);
        if (text == null || text.length() == 0 || text.length() > 10) {
            return -1;
        }
        long millis = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            millis = millis * 10 + digit;
        }
        return Math.min(millis, TIMEOUT_MAX);
    }

    /** Answers without a message; what the peer still sends on the stream is not wanted. */
    private static void refuse(
            ChannelHandlerContext ctx, Http2HeadersFrame frame, AsciiString status) {
        ctx.write(new DefaultHttp2HeadersFrame(status(status), true).stream(frame.stream()));
        if (!frame.isEndStream()) {
            ctx.write(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR).stream(frame.stream()));
        }
        ctx.flush();
    }

    private static Http2Headers status(AsciiString status) {
        return ReadOnlyHttp2Headers.serverHeaders(false, status);
    }

    private void read(ChannelHandlerContext ctx, Http2DataFrame frame) {
        int flowed = frame.initialFlowControlledBytes();
        if (flowed > 0) {
            ctx.write(new DefaultHttp2WindowUpdateFrame(flowed).stream(frame.stream()));
        }
        Inbound inbound = byStream.get(frame.stream().id());
        if (isUplink(frame.stream())) {
            decoder.read(frame.content());
        } else if (inbound != null) {
            inbounds.gather(inbound, frame.content());
        }
        if (frame.isEndStream()) {
            ended(frame.stream(), inbound);
        }
    }

    private void ended(Http2FrameStream stream, @Nullable Inbound inbound) {
        if (isUplink(stream)) {
            close(failed("the peer ended the uplink"), Http2Error.NO_ERROR);
        } else if (inbound != null) {
            inbound.whole = true;
            if (inbound.answered) {
                byStream.remove(stream.id());
            } else {
                inbounds.asked(inbound);
            }
        }
    }

    @Override
    void streamFailed(Http2FrameStream stream, String error) {
        if (isUplink(stream)) {
            close(failed("the uplink failed: " + error), Http2Error.PROTOCOL_ERROR);
            return;
        }
        Inbound inbound = byStream.remove(stream.id());
        if (inbound != null) {
            inbounds.abandon(inbound);
        }
    }

    // ---- answers to the peer's questions ------------------------------------------------------

    @Override
    void sendAnswer(Inbound inbound, Bytes answer) {
        Http2FrameStream stream =
                Objects.requireNonNull(inbound.stream, "the peer's questions come on streams");
        channel.write(new DefaultHttp2HeadersFrame(status(LinkHttp.OK), false).stream(stream));
        channel.write(
                new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(answer.array()), true)
                        .stream(stream),
                queue(answer.length()));
        if (inbound.whole) {
            byStream.remove(stream.id());
        }
    }

    @Override
    void dropReceived() {
        byExchange.clear();
        for (Inbound inbound : new ArrayList<>(byStream.values())) {
            inbound.drop();
        }
        byStream.clear();
    }

    private boolean isUplink(Http2FrameStream stream) {
        return uplink != null && uplink.is(stream);
    }

    private Uplink uplink() {
        return Objects.requireNonNull(uplink, "a link is open once its uplink stands");
    }
}
