package orb.host.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import orb.kernel.Bytes;

/**
 * Writes messages to the uplink in pieces, the next piece only when the one before has left.
 *
 * <p>So a message of many megabytes does not hold up the small ones that are asked meanwhile: they
 * pass between its pieces. Not thread-safe; for the link's thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel
final class Uplink {
    private final Link link;
    private final ChannelHandlerContext ctx;
    private final Http2FrameStream stream;

    Uplink(Link link, ChannelHandlerContext ctx, Http2FrameStream stream) {
        this.link = link;
        this.ctx = ctx;
        this.stream = stream;
    }

    Http2FrameStream stream() {
        return stream;
    }

    boolean is(Http2FrameStream other) {
        return stream.id() == other.id();
    }

    /** Sends a question; stops between pieces once it is not wanted any more. */
    void ask(long exchange, long timeoutMillis, Bytes question, BooleanSupplier wanted) {
        int first = Math.min(question.length(), UplinkFrame.PIECE_MAX);
        ByteBuf out = frame(UplinkFrame.ASK, exchange, UplinkFrame.ASK_HEAD + first);
        out.writeInt((int) Math.min(timeoutMillis, Integer.MAX_VALUE));
        out.writeInt(question.length());
        new Sending(exchange, question, wanted).write(out, first);
    }

    /** Sends an answer. */
    void answer(long exchange, Bytes answer) {
        int first = Math.min(answer.length(), UplinkFrame.PIECE_MAX);
        ByteBuf out = frame(UplinkFrame.ANSWER, exchange, UplinkFrame.ANSWER_HEAD + first);
        out.writeInt(answer.length());
        new Sending(exchange, answer, () -> true).write(out, first);
    }

    void cancel(long exchange) {
        ctx.write(data(frame(UplinkFrame.CANCEL, exchange, 0)));
    }

    private ByteBuf frame(int kind, long exchange, int payload) {
        ByteBuf out = ctx.alloc().buffer(UplinkFrame.LENGTH_FIELD + UplinkFrame.HEAD + payload);
        UplinkFrame.head(out, kind, exchange, payload);
        return out;
    }

    private DefaultHttp2DataFrame data(ByteBuf content) {
        return new DefaultHttp2DataFrame(content, false).stream(stream);
    }

    /** A message on its way; all of it counts as queued until its last piece has left. */
    private final class Sending {
        private final long exchange;
        private final Bytes message;
        private final BooleanSupplier wanted;
        private int sent;

        Sending(long exchange, Bytes message, BooleanSupplier wanted) {
            this.exchange = exchange;
            this.message = message;
            this.wanted = wanted;
            link.queued(message.length());
        }

        void write(ByteBuf out, int length) {
            out.writeBytes(message.array(), sent, length);
            sent += length;
            ChannelPromise written = ctx.newPromise();
            written.addListener(this::wrote);
            ctx.write(data(out), written);
        }

        private void wrote(Future<?> written) {
            int left = message.length() - sent;
            if (left == 0 || !written.isSuccess() || !wanted.getAsBoolean()) {
                link.queued(-message.length());
                return;
            }
            int next = Math.min(left, UplinkFrame.PIECE_MAX);
            write(frame(UplinkFrame.MORE, exchange, next), next);
            link.flushSoon();
        }
    }
}
