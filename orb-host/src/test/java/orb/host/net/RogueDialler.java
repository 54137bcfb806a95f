package orb.host.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import orb.kernel.Bytes;
import orb.kernel.NodeId;

/** A dialler with a proper key that then says whatever a test wants it to say. */
@SuppressWarnings("FutureReturnValueIgnored") // tests look at what the other end does
final class RogueDialler extends ChannelInboundHandlerAdapter implements AutoCloseable {
    private final NetThreads threads = new NetThreads(1);
    private final CompletableFuture<ChannelHandlerContext> secured = new CompletableFuture<>();
    private final CompletableFuture<Http2FrameStream> uplink = new CompletableFuture<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final boolean http;
    final List<Http2FrameStream> asked = new CopyOnWriteArrayList<>();
    final NodeId id;

    /**
     * Connects at once.
     *
     * @param http whether it speaks HTTP/2 after TLS, and so gets as far as an uplink
     */
    RogueDialler(int number, int port, boolean http) {
        this.http = http;
        id = TestIds.of(number);
        LinkTls tls = LinkTls.of(LinkCertificate.make(Keys.of(number)));
        new Bootstrap()
                .group(threads.group())
                .channel(NioSocketChannel.class)
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline()
                                        .addLast(tls.dialling().newHandler(channel.alloc()));
                                channel.pipeline().addLast(RogueDialler.this);
                            }
                        })
                .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent) {
            if (http) {
                ctx.pipeline()
                        .addBefore(ctx.name(), "http", Http2FrameCodecBuilder.forServer().build());
            }
            secured.complete(ctx);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2HeadersFrame frame) {
            if ("/orb/uplink".contentEquals(frame.headers().path())) {
                answer(frame.stream(), "200", false);
                uplink.complete(frame.stream());
            } else {
                asked.add(frame.stream());
            }
        } else if (message instanceof Http2DataFrame frame) {
            synchronized (received) {
                received.writeBytes(ByteBufUtil.getBytes(frame.content()));
            }
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    void raw(byte[] bytes) {
        get(secured).writeAndFlush(Unpooled.wrappedBuffer(bytes));
    }

    void onUplink(ByteBuf bytes) {
        get(secured).writeAndFlush(new DefaultHttp2DataFrame(bytes, false).stream(get(uplink)));
    }

    void frame(int kind, long exchange, ByteBuf payload) {
        ByteBuf out = Unpooled.buffer();
        UplinkFrame.head(out, kind, exchange, payload.readableBytes());
        onUplink(out.writeBytes(payload));
    }

    /** A whole question in one frame, announcing a length of its own choice. */
    void ask(long exchange, long announced, byte[] question) {
        frame(
                UplinkFrame.ASK,
                exchange,
                Unpooled.buffer().writeInt(10_000).writeInt((int) announced).writeBytes(question));
    }

    void answer(Http2FrameStream stream, String status, boolean end) {
        get(secured)
                .writeAndFlush(
                        new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status(status), end)
                                .stream(stream));
    }

    void data(Http2FrameStream stream, byte[] bytes, boolean end) {
        get(secured)
                .writeAndFlush(
                        new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes), end)
                                .stream(stream));
    }

    /** The answer to an exchange, if one has come whole. */
    Optional<Bytes> answerTo(long exchange) {
        byte[] all;
        synchronized (received) {
            all = received.toByteArray();
        }
        Bytes[] found = new Bytes[1];
        new UplinkDecoder(
                        (kind, number, payload) -> {
                            if (kind == UplinkFrame.ANSWER && number == exchange) {
                                payload.skipBytes(UplinkFrame.ANSWER_HEAD);
                                found[0] = Bytes.wrap(ByteBufUtil.getBytes(payload));
                            }
                        })
                .read(Unpooled.wrappedBuffer(all));
        return Optional.ofNullable(found[0]);
    }

    boolean isClosed() {
        return !get(secured).channel().isActive();
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        threads.close();
    }
}
