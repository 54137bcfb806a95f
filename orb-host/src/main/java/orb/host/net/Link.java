package orb.host.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2ChannelDuplexHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.util.collection.LongObjectHashMap;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;

/**
 * One connection to one peer that has proved who it is; questions go both ways on it.
 *
 * <p>What must be true however threads meet: a role hears {@code Linked}, then whatever happens on
 * the link, then {@code Unlinked}, and exactly one end of each question. So the set of open
 * questions and the link's state change under this object's lock, and reports are posted while it
 * is held (a mailbox never blocks). Everything else belongs to the channel's thread; other threads
 * hand it over through {@link #hand}, which wakes that thread once for many and writes to the
 * socket once for many.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel
abstract sealed class Link extends Http2ChannelDuplexHandler permits AcceptedLink, DialledLink {
    private enum State {
        OPENING,
        OPEN,
        CLOSED
    }

    private static final int REASON_MAX = 200;

    final NodeId peer;
    final Channel channel;
    final TransportLimits limits;
    final MemoryBudget memory;
    final Inbounds inbounds;
    private final Links links;
    private final Queue<Runnable> handed = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean emptying = new AtomicBoolean();

    // guarded by this
    private final LongObjectHashMap<Exchange> asks = new LongObjectHashMap<>();
    private volatile State state = State.OPENING;
    private long serials;

    // the channel's thread only
    private final ArrayDeque<Exchange> waiting = new ArrayDeque<>();
    private int onWire;
    private long queued;
    private boolean heard = true;
    private int silentPings;

    Link(NodeId peer, Channel channel, Links links) {
        this.peer = peer;
        this.channel = channel;
        this.links = links;
        limits = links.limits();
        memory = links.memory().part(limits.linkMemoryMax());
        inbounds = new Inbounds(this);
    }

    /** Whether this end dialled. */
    abstract boolean dialled();

    /** Puts a question on the wire. */
    abstract void sendAsk(Exchange exchange, Bytes question);

    /** Tells the peer that a question on the wire is no longer awaited. */
    abstract void cancelAsk(Exchange exchange);

    /** Puts the answer to a question on the wire. */
    abstract void sendAnswer(Inbound inbound, Bytes answer);

    /** Asked once before the link is taken into use; false if whoever wanted it gave up. */
    boolean mayOpen() {
        return true;
    }

    /** The link ended before it was taken into use. */
    void neverOpened(Refusal why) {}

    /** Forgets half-received things. */
    abstract void dropReceived();

    // ---- life -----------------------------------------------------------------------------

    @Override
    protected void handlerAdded0(ChannelHandlerContext ctx) {
        long every = limits.pingEvery().toNanos();
        var pings =
                ctx.executor()
                        .scheduleWithFixedDelay(
                                () -> checkLife(ctx), every, every, TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(closed -> pings.cancel(false));
    }

    /** The uplink stands: takes this link into use, unless another one is kept. */
    final void opened() {
        links.opened(this);
    }

    /** Called by {@link Links} with its own lock held, so that links of one peer come in order. */
    final synchronized boolean announce() {
        if (state != State.OPENING || !mayOpen()) {
            return false;
        }
        state = State.OPEN;
        links.post(new Event.Linked(peer, remote(), dialled()));
        return true;
    }

    final boolean isOpen() {
        return state == State.OPEN;
    }

    final boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Ends the link and every question on it; any thread, and only the first call counts. */
    final void close(Refusal why, Http2Error error) {
        List<Exchange> ended = new ArrayList<>();
        boolean wasOpen;
        synchronized (this) {
            if (state == State.CLOSED) {
                return;
            }
            wasOpen = state == State.OPEN;
            state = State.CLOSED;
            ended.addAll(asks.values());
            asks.clear();
            for (Exchange exchange : ended) {
                links.post(new Event.Unanswered(exchange.ask.exchange(), peer, lost(why)));
            }
            if (wasOpen) {
                links.post(new Event.Unlinked(peer, why.what()));
            }
        }
        links.closed(this);
        if (!wasOpen) {
            neverOpened(why);
        }
        inLoop(() -> dismantle(ended, why, error));
    }

    private static Refusal lost(Refusal why) {
        return new Refusal(
                ErrorCode.PEER_LOST,
                "the link was lost before the answer: " + why.what(),
                "the question may or may not have been carried out");
    }

    private void dismantle(List<Exchange> ended, Refusal why, Http2Error error) {
        ended.forEach(Exchange::release);
        waiting.clear();
        dropReceived();
        if (channel.isActive()) {
            String reason =
                    why.what().length() > REASON_MAX
                            ? why.what().substring(0, REASON_MAX)
                            : why.what();
            channel.writeAndFlush(
                    new DefaultHttp2GoAwayFrame(
                            error, ByteBufUtil.writeUtf8(channel.alloc(), reason)));
        }
        channel.close();
    }

    private void checkLife(ChannelHandlerContext ctx) {
        if (heard) {
            silentPings = 0;
            heard = false;
        } else if (++silentPings >= limits.silentPingsMax()) {
            // counted in pings, not in time: a machine that slept must not think its peers dead
            close(
                    new Refusal(
                            ErrorCode.PEER_LOST,
                            "no sign of life in %d pings of %s"
                                    .formatted(silentPings, limits.pingEvery())),
                    Http2Error.NO_ERROR);
            return;
        }
        ctx.writeAndFlush(new DefaultHttp2PingFrame(System.nanoTime()));
    }

    final void alive() {
        heard = true;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        close(
                new Refusal(ErrorCode.PEER_LOST, "the peer closed the connection"),
                Http2Error.NO_ERROR);
        super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof Http2FrameStreamException failed) {
            streamFailed(failed.stream(), failed.error().name());
        } else {
            close(
                    new Refusal(ErrorCode.PEER_LOST, "the connection failed: " + cause),
                    Http2Error.PROTOCOL_ERROR);
        }
    }

    /** One stream broke the rules; the others go on. */
    abstract void streamFailed(Http2FrameStream stream, String error);

    private Address remote() {
        return channel.remoteAddress() instanceof InetSocketAddress remote
                ? new Address(remote.getAddress().getHostAddress(), remote.getPort())
                : new Address("unknown", 1);
    }

    // ---- own questions --------------------------------------------------------------------

    /** Asks; any thread. */
    final void ask(Effect.Ask ask) {
        Exchange exchange;
        synchronized (this) {
            if (state != State.OPEN) {
                links.post(new Event.Unanswered(ask.exchange(), peer, Links.notConnected(peer)));
                return;
            }
            if (asks.size() >= limits.asksOnWireMax() + limits.asksWaitingMax()) {
                Refusal busy =
                        busy(asks.size() + " questions to peer " + peer.brief() + " wait already");
                links.post(new Event.Unanswered(ask.exchange(), peer, busy));
                return;
            }
            long until = System.nanoTime() + ask.timeout().toNanos();
            exchange = new Exchange(++serials, ask, until);
            asks.put(exchange.serial, exchange);
        }
        hand(() -> begin(exchange));
    }

    private void begin(Exchange exchange) {
        if (isClosed()) {
            return; // ended when the link closed
        }
        long left = Math.max(0, exchange.until - System.nanoTime());
        exchange.timer =
                channel.eventLoop().schedule(() -> timeOut(exchange), left, TimeUnit.NANOSECONDS);
        if (onWire < limits.asksOnWireMax()) {
            send(exchange);
        } else {
            waiting.add(exchange);
        }
    }

    private void send(Exchange exchange) {
        Bytes question = exchange.ask.message().encoded();
        if (question.length() > DecodeLimits.MESSAGE.bytesMax()) {
            Refusal large =
                    new Refusal(
                            ErrorCode.BODY_TOO_LARGE,
                            "a message of %d bytes; at most %d can be sent"
                                    .formatted(question.length(), DecodeLimits.MESSAGE.bytesMax()));
            end(exchange, unanswered(exchange, large));
        } else if (queued + question.length() > limits.queuedMax().bytes()) {
            Refusal slow =
                    busy("peer %s has not taken %d bytes yet".formatted(peer.brief(), queued));
            end(exchange, unanswered(exchange, slow));
        } else {
            onWire++;
            exchange.place = Exchange.Place.ON_WIRE;
            sendAsk(exchange, question);
        }
    }

    private void sendWaiting() {
        while (onWire < limits.asksOnWireMax() && !waiting.isEmpty()) {
            Exchange next = waiting.remove();
            if (next.place == Exchange.Place.WAITING) {
                send(next);
            }
        }
    }

    private void timeOut(Exchange exchange) {
        Refusal late =
                new Refusal(
                        ErrorCode.TIMED_OUT,
                        "peer %s did not answer within %s"
                                .formatted(peer.brief(), exchange.ask.timeout()),
                        "the question may or may not have been carried out");
        boolean sent = exchange.place == Exchange.Place.ON_WIRE;
        if (end(exchange, unanswered(exchange, late))) {
            if (sent) {
                cancelAsk(exchange);
            }
            sendWaiting();
            channel.flush();
        }
    }

    /** The answer is whole. */
    final void answered(Exchange exchange) {
        Gathering gathered = exchange.answer;
        Bytes answer = gathered == null ? Bytes.EMPTY : gathered.finish();
        exchange.answer = null;
        Event event =
                switch (Message.decode(answer)) {
                    case Result.Ok<Message>(var message) ->
                            new Event.Answered(exchange.ask.exchange(), peer, message);
                    case Result.Refused<Message>(var refusal) -> unanswered(exchange, refusal);
                };
        end(exchange, event);
        sendWaiting();
    }

    /** There will be no answer to a question on the wire. */
    final void unanswered(Exchange exchange, ErrorCode code, String what) {
        end(exchange, unanswered(exchange, new Refusal(code, what)));
        sendWaiting();
    }

    /** Takes a piece of an answer; false if the question ended because of it. */
    final boolean gather(Exchange exchange, ByteBuf piece) {
        Gathering gathering = exchange.answer;
        if (gathering == null) {
            gathering = new Gathering(memory, DecodeLimits.MESSAGE.bytesMax());
            exchange.answer = gathering;
        }
        Gathering.Added added = gathering.add(piece);
        if (added == Gathering.Added.YES) {
            return true;
        }
        cancelAsk(exchange);
        Refusal why = why(added);
        unanswered(exchange, why.code(), why.what());
        return false;
    }

    private Event unanswered(Exchange exchange, Refusal why) {
        return new Event.Unanswered(exchange.ask.exchange(), peer, why);
    }

    private boolean end(Exchange exchange, Event event) {
        synchronized (this) {
            if (asks.remove(exchange.serial) == null) {
                return false;
            }
            links.post(event);
        }
        if (exchange.place == Exchange.Place.ON_WIRE) {
            onWire--;
        }
        exchange.release();
        return true;
    }

    // ---- the peer's questions -------------------------------------------------------------

    /** A whole question goes to the role, unless the link is not in use. */
    final synchronized void tell(Inbound inbound, Message message) {
        if (state == State.OPEN) {
            links.asked(inbound, message);
        }
    }

    /** Whether the peer has not taken so much yet that this may be sent as well. */
    final boolean hasRoomFor(int bytes) {
        return bytes <= DecodeLimits.MESSAGE.bytesMax()
                && queued + bytes <= limits.queuedMax().bytes();
    }

    // ---- both -----------------------------------------------------------------------------

    /** A promise for bytes of a message; they count as queued until it is kept or broken. */
    final ChannelPromise queue(int bytes) {
        queued += bytes;
        ChannelPromise promise = channel.newPromise();
        promise.addListener(written -> queued -= bytes);
        return promise;
    }

    /** Counts bytes of a message as queued, or, negative, as such no longer. */
    final void queued(int bytes) {
        queued += bytes;
    }

    /** Flushes once for everything that is written now. */
    final void flushSoon() {
        hand(() -> {});
    }

    static Refusal failed(String what) {
        return new Refusal(ErrorCode.PEER_LOST, what);
    }

    static Refusal hungUp(Http2GoAwayFrame away) {
        ByteBuf said = away.content();
        String reason =
                said.toString(
                        said.readerIndex(),
                        Math.min(said.readableBytes(), REASON_MAX),
                        StandardCharsets.UTF_8);
        return failed(reason.isBlank() ? "the peer hung up" : reason);
    }

    static Refusal busy(String what) {
        return new Refusal(ErrorCode.BUSY, what, "ask another peer, or again in a moment");
    }

    static Refusal why(Gathering.Added added) {
        return added == Gathering.Added.TOO_LARGE
                ? new Refusal(
                        ErrorCode.BODY_TOO_LARGE,
                        "a message of more than %d bytes or than it announced"
                                .formatted(DecodeLimits.MESSAGE.bytesMax()))
                : busy("no memory is left for half-received messages");
    }

    /** Has the channel's thread do something soon, together with whatever else was handed over. */
    final void hand(Runnable work) {
        handed.add(work);
        if (emptying.compareAndSet(false, true)) {
            inLoop(this::doHanded);
        }
    }

    private void doHanded() {
        emptying.set(false);
        Runnable work;
        while ((work = handed.poll()) != null) {
            work.run();
        }
        channel.flush();
    }

    private void inLoop(Runnable work) {
        try {
            channel.eventLoop().execute(work);
        } catch (RejectedExecutionException e) {
            // the process is closing its network threads; channelInactive ended what was open
            channel.close();
        }
    }
}
