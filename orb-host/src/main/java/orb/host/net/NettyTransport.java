package orb.host.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import orb.kernel.Address;
import orb.kernel.Contact;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Transport;

/**
 * Links over TCP, TLS 1.3 and HTTP/2, in the shape of C2SP https-bastion: whoever dials then serves
 * HTTP/2 on that connection, so a node behind a NAT needs no open port, and questions go both ways
 * on the one connection.
 *
 * <p>Refusals of {@link Event.Unanswered}: {@code NOT_CONNECTED} and {@code BUSY} mean that the
 * question was not sent; {@code PEER_LOST} and {@code TIMED_OUT} that it may have been carried out;
 * {@code MALFORMED_BYTES} that the answer was none. The bytes are in {@code
 * docs/protocol/transport.md}. Thread-safe; no method blocks but {@link #listen} and {@link
 * #close}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel
public final class NettyTransport implements Transport, AutoCloseable {
    private static final WriteBufferWaterMark WATER = new WriteBufferWaterMark(64 << 10, 256 << 10);
    private static final int BACKLOG = 1024;
    private static final Duration CLOSE_MAX = Duration.ofSeconds(2);

    private final NetThreads threads;
    private final TransportLimits limits;
    private final Consumer<Event> reports;
    private final Links links;
    private final LinkTls tls;
    private final Set<NodeId> dialled = ConcurrentHashMap.newKeySet();
    private final List<Channel> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger handshakes = new AtomicInteger();

    /**
     * A transport without links that listens nowhere yet.
     *
     * @param machine the key that proves who this peer is
     * @param threads carry the bytes; stay the caller's to close, after this
     * @param reports where events go; a mailbox that never blocks
     */
    public NettyTransport(
            KeyPair machine, NetThreads threads, TransportLimits limits, Consumer<Event> reports) {
        this(
                NodeId.of(machine.publicKey()),
                LinkTls.of(LinkCertificate.make(machine)),
                threads,
                limits,
                reports);
    }

    /** For tests that choose the TLS library or the certificate. */
    NettyTransport(
            NodeId own,
            LinkTls tls,
            NetThreads threads,
            TransportLimits limits,
            Consumer<Event> reports) {
        this.threads = threads;
        this.limits = limits;
        this.reports = reports;
        this.tls = tls;
        links = new Links(own, limits, reports);
    }

    /** This peer's own Orb id. */
    public NodeId id() {
        return links.own();
    }

    /** Number of links that stand; a snapshot. */
    public int linkCount() {
        return links.count();
    }

    /**
     * Accepts links at an address and returns the one that was bound, which differs if port 0 was
     * asked for. {@code PORT_IN_USE} if another program has the port, {@code BAD_ARGUMENT} if the
     * address cannot be bound otherwise.
     */
    public Result<InetSocketAddress> listen(InetSocketAddress address) {
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(threads.group())
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER)
                        .childHandler(initializer(this::accepted))
                        .bind(address)
                        .awaitUninterruptibly();
        Result<InetSocketAddress> result = Listening.at(address, bound);
        if (result.isOk()) {
            listeners.add(bound.channel());
        }
        return result;
    }

    private static ChannelInitializer<Channel> initializer(Consumer<Channel> body) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                body.accept(channel);
            }
        };
    }

    // ---- accepting --------------------------------------------------------------------------

    private void accepted(Channel channel) {
        if (handshakes.incrementAndGet() > limits.linksMax()) {
            handshakes.decrementAndGet();
            channel.close();
            return;
        }
        AtomicInteger once = new AtomicInteger(1);
        Runnable over = () -> handshakes.addAndGet(-once.getAndSet(0));
        channel.closeFuture().addListener(closed -> over.run());
        Accepting accepting = new Accepting(over);
        channel.pipeline().addLast(tlsHandler(tls.accepting().newHandler(channel.alloc())));
        channel.pipeline().addLast(accepting);
        channel.eventLoop()
                .schedule(
                        () -> {
                            over.run();
                            accepting.expire(channel);
                        },
                        limits.handshakeMax().toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    private SslHandler tlsHandler(SslHandler handler) {
        handler.setHandshakeTimeoutMillis(limits.handshakeMax().toMillis());
        return handler;
    }

    private final class Accepting extends Handshake {
        private final Runnable over;
        private volatile Optional<Link> made = Optional.empty();

        Accepting(Runnable over) {
            this.over = over;
        }

        @Override
        Result<Link> link(NodeId peer, Channel channel) {
            if (peer.equals(links.own())) {
                return Result.refused(ErrorCode.WRONG_PEER_KEY, "a peer with this very key");
            }
            Link link = new AcceptedLink(peer, channel, links);
            made = Optional.of(link);
            over.run();
            return Result.ok(link);
        }

        @Override
        Http2FrameCodec http() {
            return LinkHttp.client(limits);
        }

        @Override
        void failed(Refusal refusal) {} // a stranger; who dialled hears of it

        void expire(Channel channel) {
            if (made.isEmpty()) {
                channel.close();
            } else if (!made.get().isOpen()) {
                made.get().close(late(), Http2Error.NO_ERROR);
            }
        }
    }

    private Refusal late() {
        return new Refusal(
                ErrorCode.TIMED_OUT, "no link within " + limits.handshakeMax() + " of dialling");
    }

    // ---- dialling ---------------------------------------------------------------------------

    @Override
    public void dial(Effect.Dial dial) {
        Contact contact = dial.contact();
        if (contact.id().equals(links.own())) {
            Refusal self = new Refusal(ErrorCode.BAD_ARGUMENT, "that is this peer itself");
            reports.accept(new Event.DialFailed(contact, self));
        } else if (!dialled.add(contact.id())) {
            Refusal twice = Link.busy("peer " + contact.id().brief() + " is being dialled already");
            reports.accept(new Event.DialFailed(contact, twice));
        } else {
            Dialling dialling = new Dialling(contact, reports, () -> dialled.remove(contact.id()));
            threads.group()
                    .next()
                    .schedule(
                            () -> dialling.failed(late()),
                            limits.handshakeMax().toNanos(),
                            TimeUnit.NANOSECONDS);
            // names are looked up by blocking calls
            Thread.ofVirtual().name("orb-dial").start(() -> resolve(dialling));
        }
    }

    private void resolve(Dialling dialling) {
        Address address = dialling.contact.address();
        try {
            InetAddress[] found = InetAddress.getAllByName(address.host());
            connect(dialling, found, 0);
        } catch (UnknownHostException e) {
            dialling.failed(
                    new Refusal(
                            ErrorCode.DOMAIN_UNREACHABLE,
                            "the name " + address.host() + " does not resolve",
                            "check the name in the bootstrap file, and this machine's DNS"));
        }
    }

    private void connect(Dialling dialling, InetAddress[] found, int index) {
        Address address = dialling.contact.address();
        new Bootstrap()
                .group(threads.group())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER)
                .option(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        (int) Math.min(Integer.MAX_VALUE, limits.handshakeMax().toMillis()))
                .handler(initializer(channel -> connected(channel, dialling)))
                .connect(new InetSocketAddress(found[index], address.port()))
                .addListener(done -> {
                    if (!done.isSuccess() && index + 1 < found.length) {
                        connect(dialling, found, index + 1);
                    } else if (!done.isSuccess()) {
                        dialling.failed(
                                new Refusal(
                                        ErrorCode.NOT_CONNECTED,
                                        "connecting to " + address + ": " + done.cause(),
                                        "make sure that the peer runs and that no"
                                                + " firewall is in between"));
                    }
                });
    }

    private void connected(Channel channel, Dialling dialling) {
        channel.pipeline().addLast(tlsHandler(tls.dialling().newHandler(channel.alloc())));
        channel.pipeline().addLast(new Dialed(dialling));
        channel.eventLoop()
                .schedule(
                        () -> {
                            if (!isLinked(channel)) {
                                channel.close();
                            }
                        },
                        limits.handshakeMax().toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    private static boolean isLinked(Channel channel) {
        DialledLink link = channel.pipeline().get(DialledLink.class);
        return link != null && link.isOpen();
    }

    private final class Dialed extends Handshake {
        private final Dialling dialling;

        Dialed(Dialling dialling) {
            this.dialling = dialling;
        }

        @Override
        Result<Link> link(NodeId peer, Channel channel) {
            NodeId expected = dialling.contact.id();
            if (!peer.equals(expected)) {
                return Result.refused(
                        new Refusal(
                                ErrorCode.WRONG_PEER_KEY,
                                "at %s answers peer %s, not %s"
                                        .formatted(dialling.contact.address(), peer, expected),
                                "if the peer was set up anew, take its new id into the bootstrap"
                                        + " file; else someone is in between"));
            }
            return Result.ok(new DialledLink(peer, channel, links, dialling));
        }

        @Override
        Http2FrameCodec http() {
            return LinkHttp.server(limits);
        }

        @Override
        void failed(Refusal refusal) {
            dialling.failed(refusal);
        }
    }

    // ---- the standing links -----------------------------------------------------------------

    @Override
    public void hangUp(Effect.HangUp hangUp) {
        Link link = links.find(hangUp.peer());
        if (link != null) {
            link.close(
                    new Refusal(
                            ErrorCode.PEER_LOST,
                            hangUp.reason().isBlank() ? "hung up" : hangUp.reason()),
                    Http2Error.NO_ERROR);
        }
    }

    @Override
    public void ask(Effect.Ask ask) {
        links.ask(ask);
    }

    @Override
    public void answer(Effect.Answer answer) {
        links.answer(answer);
    }

    /**
     * Stops listening and closes all links; what is under way ends as unanswered. Waits a moment
     * for the peers to be told.
     */
    @Override
    public void close() {
        listeners.forEach(listener -> listener.close().awaitUninterruptibly());
        long until = System.nanoTime() + CLOSE_MAX.toNanos();
        for (ChannelFuture closing : links.close()) {
            closing.awaitUninterruptibly(
                    Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
    }
}
