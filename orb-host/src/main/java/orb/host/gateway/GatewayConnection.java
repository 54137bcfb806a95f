package orb.host.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import orb.host.net.MemoryBudget;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Header;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.Result;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP connection: reads a request, hands it over, writes the answer, and only then looks at
 * the next one, so that pipelined requests are answered in their order whatever the calls do.
 *
 * <p>Written for speed: a request without a body costs the head's strings, the request and the
 * response buffer. Bytes are written when the calls answer and flushed once per read; an answer
 * from another thread is flushed by itself. Its channel's thread alone touches it, but for {@link
 * OneReply}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel
final class GatewayConnection extends ChannelInboundHandlerAdapter {
    private enum Phase {
        /** Between requests, or inside a head. */
        HEAD,
        /** Inside a body. */
        BODY,
        /** A call is under way. */
        CALL,
        /** The last answer is out; what the caller still sends is thrown away for a moment. */
        LINGER
    }

    private static final System.Logger LOG = System.getLogger("orb.gateway");
    private static final ByteBuf CONTINUE =
            Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer()
                            .writeBytes(
                                    "HTTP/1.1 100 Continue\r\n\r\n"
                                            .getBytes(StandardCharsets.US_ASCII))
                            .asReadOnly());
    private static final List<Header> JSON =
            List.of(new Header("content-type", "application/json"));
    private static final List<Header> ALLOW =
            List.of(new Header("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
    private static final Header RETRY = new Header("retry-after", "1");
    private static final Duration LINGER_MAX = Duration.ofSeconds(2);
    private static final long LINGER_BYTES_MAX = 4L << 20;

    private final Calls calls;
    private final Function<String, Result<Route>> routes;
    private final Pages pages;
    private final GatewayLimits limits;
    private final MemoryBudget bodies;
    private final long tickNanos;

    private ByteBuf in = Unpooled.EMPTY_BUFFER;
    private int scanned;
    private Phase phase = Phase.HEAD;
    private long deadline;
    private long bodyEnd;
    private boolean paused;
    private boolean processing;
    private long lingered;
    private long untakenBefore;

    private @Nullable ChannelHandlerContext context;
    private @Nullable HttpHead head;
    private @Nullable RequestBody body;
    private @Nullable OneReply reply;
    private @Nullable Route route;
    private String routed = "";

    GatewayConnection(
            Calls calls,
            Function<String, Result<Route>> routes,
            Pages pages,
            GatewayLimits limits,
            MemoryBudget bodies) {
        this.calls = calls;
        this.pages = pages;
        this.routes = routes;
        this.limits = limits;
        this.bodies = bodies;
        tickNanos = limits.tick().toNanos();
    }

    // ---- the channel's events -----------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        within(limits.idleMax());
        schedule(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf piece = (ByteBuf) message;
        try {
            if (phase == Phase.LINGER) {
                lingered += piece.readableBytes();
                if (lingered > LINGER_BYTES_MAX) {
                    ctx.close();
                }
                return;
            }
            if (phase == Phase.HEAD && !in.isReadable()) {
                within(limits.headTimeMax()); // the first byte of a request
            }
            keep(piece);
        } finally {
            piece.release();
        }
        process(ctx);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            process(ctx);
            ctx.flush();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (reply != null) {
            reply.used.set(true);
        }
        dropBody();
        in = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) { // else the socket broke; there is nobody to tell
            LOG.log(Level.ERROR, "a connection is closed because of a bug", cause);
        }
        ctx.close();
    }

    private void keep(ByteBuf piece) {
        if (!in.isReadable()) {
            in.clear();
            scanned = 0;
        } else if (in.readerIndex() > 0 && in.writableBytes() < piece.readableBytes()) {
            in.discardReadBytes();
        }
        if (in.capacity() == 0) {
            in = Unpooled.buffer(Math.max(1024, piece.readableBytes()));
        }
        in.writeBytes(piece);
    }

    // ---- from bytes to calls --------------------------------------------------------------------

    private void process(ChannelHandlerContext ctx) {
        processing = true;
        try {
            while (ctx.channel().isActive() && step(ctx)) {
                // each step takes a head, a part of a body, or ends
            }
        } catch (RefusedException e) {
            dropBody();
            end(ctx, e.refusal());
        } finally {
            processing = false;
        }
        pause(ctx, phase == Phase.CALL && in.readableBytes() > limits.headMax().bytes());
    }

    private void pause(ChannelHandlerContext ctx, boolean wanted) {
        if (paused != wanted) {
            paused = wanted;
            ctx.channel().config().setAutoRead(!wanted);
        }
    }

    /** Goes on as far as the bytes allow; whether it is worth going on further. */
    private boolean step(ChannelHandlerContext ctx) {
        return switch (phase) {
            case HEAD -> ctx.channel().isWritable() && readHead(ctx);
            case BODY -> readBody(ctx);
            case CALL -> false;
            case LINGER -> {
                in = Unpooled.EMPTY_BUFFER;
                yield false;
            }
        };
    }

    private boolean readHead(ChannelHandlerContext ctx) {
        byte[] array = in.isReadable() ? in.array() : new byte[0];
        int start = in.arrayOffset() + in.readerIndex();
        int end = start + in.readableBytes();
        if (end - start >= 2 && array[start] == '\r' && array[start + 1] == '\n') {
            in.skipBytes(2); // RFC 9112 2.2: an empty line before a request is ignored
            scanned = 0;
            return true;
        }
        int headEnd = HttpHeadParser.endOf(array, start + Math.max(0, scanned - 3), end);
        if (headEnd < 0 ? end - start > headMax() : headEnd - start > headMax()) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.MALFORMED_HTTP,
                            "the request line and headers are more than " + limits.headMax(),
                            "send large input in the body"));
        }
        if (headEnd < 0) {
            scanned = end - start;
            return false;
        }
        HttpHead read = HttpHeadParser.parse(array, start, headEnd);
        in.skipBytes(headEnd - start);
        scanned = 0;
        head = read;
        accept(ctx, read);
        return true;
    }

    private int headMax() {
        return (int) limits.headMax().bytes();
    }

    private void accept(ChannelHandlerContext ctx, HttpHead read) {
        if (!read.hasBody()) {
            call(ctx, read, Bytes.EMPTY);
            return;
        }
        RequestBody receiving = new RequestBody(read.bodyLength(), bodies);
        if (read.awaitsContinue() && !in.isReadable()) {
            ctx.writeAndFlush(CONTINUE.duplicate(), ctx.voidPromise());
        }
        body = receiving;
        phase = Phase.BODY;
        bodyEnd = System.nanoTime() + limits.bodyTimeMax().toNanos();
        within(limits.bodyPauseMax());
    }

    private boolean readBody(ChannelHandlerContext ctx) {
        HttpHead read = head;
        RequestBody receiving = body;
        if (read == null || receiving == null) {
            throw new IllegalStateException("a body without its head");
        }
        if (!receiving.read(in)) {
            within(limits.bodyPauseMax());
            deadline = bodyEnd - deadline < 0 ? bodyEnd : deadline;
            return false;
        }
        body = null;
        call(ctx, read, receiving.finish());
        return true;
    }

    private void dropBody() {
        if (body != null) {
            body.drop();
            body = null;
        }
    }

    // ---- calls and answers ----------------------------------------------------------------------
    private void call(ChannelHandlerContext ctx, HttpHead read, Bytes content) {
        phase = Phase.CALL;
        within(limits.replyMax());
        OneReply one = new OneReply(ctx);
        reply = one;
        if (pages.serve(read.target(), one)) {
            return;
        } else if (read.method().equals("OPTIONS")) {
            one.send(new Response(204, ALLOW, Bytes.EMPTY));
        } else {
            switch (route(read.target())) {
                case Result.Ok<Route>(var found) -> callFunction(read, found, content, one);
                case Result.Refused<Route>(var refusal) -> one.refuse(refusal);
            }
        }
    }

    private void callFunction(HttpHead read, Route found, Bytes content, OneReply one) {
        if (read.method().equals("CONNECT") || read.method().equals("TRACE")) {
            one.refuse(
                    new Refusal(
                            ErrorCode.MALFORMED_HTTP,
                            "the method " + read.method() + " means nothing here",
                            "call functions with GET or POST"));
            return;
        }
        Request request =
                new Request(read.method(), found.path(), found.query(), read.headers(), content);
        calls.call(found.function(), request, read.bearerToken(), one);
    }

    private Result<Route> route(String target) {
        if (route != null && routed.equals(target)) {
            return Result.ok(route); // most connections call one URL
        }
        Result<Route> read = routes.apply(target);
        if (read instanceof Result.Ok<Route>(var found)) {
            route = found;
            routed = target;
        }
        return read;
    }

    private void answer(ChannelHandlerContext ctx, int status, Answer answer) {
        HttpHead read = head;
        boolean close = read == null || !read.keepAlive();
        HttpAnswer.write(
                ctx,
                new HttpAnswer.Manner(
                        status,
                        read != null && read.method().equals("HEAD"),
                        close,
                        read != null && read.sayKeepAlive()),
                answer.theirs,
                answer.ours,
                answer.body);
        head = null;
        reply = null;
        if (close) {
            linger(ctx);
        } else {
            phase = Phase.HEAD;
            within(in.isReadable() ? limits.headTimeMax() : limits.idleMax());
        }
    }

    /** Answers with an error and ends the connection, because what follows cannot be trusted. */
    private void end(ChannelHandlerContext ctx, Refusal refusal) {
        HttpAnswer.write(
                ctx,
                new HttpAnswer.Manner(refusal.code().httpStatus(), false, true, false),
                JSON,
                List.of(),
                RefusalJson.of(refusal));
        head = null;
        reply = null;
        linger(ctx);
    }

    /**
     * Closes so that the answer arrives: closing a socket with unread input resets it, and the
     * reset can overtake the answer (RFC 9112 section 9.6).
     */
    private void linger(ChannelHandlerContext ctx) {
        phase = Phase.LINGER;
        in = Unpooled.EMPTY_BUFFER;
        within(limits.replyMax()); // for a slow caller to take the answer
        pause(ctx, false);
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(
                        (ChannelFutureListener)
                                written -> {
                                    within(LINGER_MAX);
                                    if (written.channel() instanceof DuplexChannel duplex
                                            && written.isSuccess()) {
                                        duplex.shutdownOutput();
                                    } else {
                                        written.channel().close();
                                    }
                                });
    }

    /** Refuses the connection itself. */
    void turnAway(Refusal refusal) {
        ChannelHandlerContext ctx = context;
        if (ctx != null) {
            ctx.executor().execute(() -> end(ctx, refusal)); // once the channel is active
        }
    }

    // ---- time -----------------------------------------------------------------------------------
    private void within(Duration time) {
        deadline = System.nanoTime() + time.toNanos();
    }

    /** One timer for each connection: it looks at the deadline, which moves without touching it. */
    private void schedule(ChannelHandlerContext ctx) {
        long left = deadline - System.nanoTime();
        long delay = Math.max(0, Math.min(left, tickNanos));
        ctx.executor().schedule(() -> tick(ctx), delay, TimeUnit.NANOSECONDS);
    }

    private void tick(ChannelHandlerContext ctx) {
        if (!ctx.channel().isActive()) {
            return;
        }
        if (deadline - System.nanoTime() > 0) {
            schedule(ctx);
            return;
        }
        switch (phase) {
            case HEAD -> {
                long untaken = ctx.channel().bytesBeforeWritable();
                if (untaken > 0 && untaken != untakenBefore) {
                    untakenBefore = untaken;
                    within(limits.idleMax()); // slow, but it takes its answer
                } else if (in.isReadable() && untaken == 0) {
                    end(ctx, slow("the headers", limits.headTimeMax()));
                } else {
                    ctx.close(); // idle, or does not take its answers
                }
            }
            case BODY -> {
                dropBody();
                end(ctx, slow("the body", limits.bodyPauseMax()));
            }
            case CALL -> late(ctx);
            case LINGER -> ctx.close();
        }
        schedule(ctx);
    }

    private static Refusal slow(String what, Duration bound) {
        return new Refusal(
                ErrorCode.BODY_TOO_SLOW,
                "%s did not arrive in time (%s)".formatted(what, bound),
                "send the request without long pauses");
    }

    private void late(ChannelHandlerContext ctx) {
        if (reply != null && reply.used.compareAndSet(false, true)) {
            end(
                    ctx,
                    new Refusal(
                            ErrorCode.TIMED_OUT,
                            "the call was not answered within " + limits.replyMax(),
                            "try again"));
        }
    }

    private record Answer(List<Header> theirs, List<Header> ours, Bytes body) {}

    /** Takes the one answer of a call, from any thread. */
    private final class OneReply implements CallReply {
        private final ChannelHandlerContext ctx;
        private final AtomicBoolean used = new AtomicBoolean();

        OneReply(ChannelHandlerContext ctx) {
            this.ctx = ctx;
        }

        @Override
        public void send(Response response, List<Header> own) {
            if (used.compareAndSet(false, true)) {
                give(response.status(), new Answer(response.headers(), own, response.body()));
            }
        }

        @Override
        public void refuse(Refusal refusal, List<Header> own) {
            if (used.compareAndSet(false, true)) {
                int status = refusal.code().httpStatus();
                List<Header> headers = status == 503 ? List.of(JSON.getFirst(), RETRY) : JSON;
                give(status, new Answer(headers, own, RefusalJson.of(refusal)));
            }
        }

        private void give(int status, Answer answer) {
            if (ctx.executor().inEventLoop() && processing) {
                answer(ctx, status, answer); // process() goes on, channelReadComplete flushes
            } else {
                ctx.executor().execute(() -> giveLater(status, answer));
            }
        }

        private void giveLater(int status, Answer answer) {
            if (reply == this) {
                answer(ctx, status, answer);
                process(ctx);
                ctx.flush();
            }
        }
    }
}
