package orb.host.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import orb.kernel.Bytes;
import orb.kernel.Header;

/**
 * Writes HTTP/1.1 responses (RFC 9112) straight into one buffer; large bodies follow without a
 * copy.
 *
 * <p>Header names and values are kernel {@link Header}s, which hold no control character, so what a
 * function answers cannot end a line. Thread-safe.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel
final class HttpAnswer {
    private static final int COPY_MAX = 16 << 10;
    private static final byte[][] STATUS_LINES = new byte[600][];
    private static final byte[] SERVER = ascii("server: orb\r\ndate: ");
    private static final byte[] LENGTH = ascii("content-length: ");
    private static final byte[] CLOSE = ascii("connection: close\r\n");
    private static final byte[] KEEP = ascii("connection: keep-alive\r\n");
    private static final DateTimeFormatter IMF_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'\r\n", Locale.US)
                    .withZone(ZoneOffset.UTC);

    /** What the connection alone says; a function's own are dropped. */
    private static final Set<String> KEPT_FOR_US =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-connection",
                    "proxy-authenticate",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "content-length",
                    "date",
                    "server");

    static {
        for (int status = 100; status < STATUS_LINES.length; status++) {
            String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
            STATUS_LINES[status] = ascii("HTTP/1.1 " + status + " " + reason + "\r\n");
        }
    }

    private static volatile Second second = new Second(0, new byte[0]);

    private HttpAnswer() {}

    /**
     * What the answer is besides its headers and body.
     *
     * @param status 200..599
     * @param head whether it answers a HEAD request: the length is told, the body not sent
     * @param close whether the connection ends with it
     * @param sayKeepAlive whether it must say that the connection does not
     */
    record Manner(int status, boolean head, boolean close, boolean sayKeepAlive) {}

    /** Writes without flushing. */
    static void write(
            ChannelHandlerContext ctx,
            Manner manner,
            List<Header> theirs,
            List<Header> ours,
            Bytes body) {
        boolean bodiless = manner.status == 204 || manner.status == 304;
        int send = manner.head || bodiless ? 0 : body.length();
        boolean copy = send <= COPY_MAX;
        ByteBuf out = ctx.alloc().buffer(256 + (copy ? send : 0));
        out.writeBytes(STATUS_LINES[manner.status]).writeBytes(SERVER).writeBytes(date());
        for (int i = 0; i < theirs.size(); i++) {
            Header header = theirs.get(i);
            if (!KEPT_FOR_US.contains(header.name()) && !header.name().startsWith("x-orb-")) {
                write(out, header);
            }
        }
        for (int i = 0; i < ours.size(); i++) {
            write(out, ours.get(i));
        }
        if (!bodiless) {
            out.writeBytes(LENGTH);
            ByteBufUtil.writeAscii(out, Integer.toString(body.length()));
            out.writeShort('\r' << 8 | '\n');
        }
        if (manner.close) {
            out.writeBytes(CLOSE);
        } else if (manner.sayKeepAlive) {
            out.writeBytes(KEEP);
        }
        out.writeShort('\r' << 8 | '\n');
        if (copy) {
            out.writeBytes(body.array(), 0, send);
            ctx.write(out, ctx.voidPromise());
        } else {
            ctx.write(out, ctx.voidPromise());
            ctx.write(Unpooled.wrappedBuffer(body.array()), ctx.voidPromise());
        }
    }

    private static void write(ByteBuf out, Header header) {
        ByteBufUtil.writeAscii(out, header.name());
        out.writeShort(':' << 8 | ' ');
        ByteBufUtil.writeAscii(out, header.value());
        out.writeShort('\r' << 8 | '\n');
    }

    private static byte[] date() {
        long now = System.currentTimeMillis() / 1000;
        Second known = second;
        if (known.number != now) {
            known = new Second(now, ascii(IMF_DATE.format(Instant.ofEpochSecond(now))));
            second = known; // two threads may both write the same
        }
        return known.text;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static final class Second {
        final long number;
        final byte[] text;

        Second(long number, byte[] text) {
            this.number = number;
            this.text = text;
        }
    }
}
