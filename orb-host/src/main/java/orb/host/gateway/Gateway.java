package orb.host.gateway;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.function.Function;
import orb.host.net.Listening;
import orb.host.net.MemoryBudget;
import orb.host.net.NetThreads;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Refusal;
import orb.kernel.Result;

/**
 * The data plane's HTTP/1.1 listener: functions at {@code /f/<owner>/<name>}, and {@code /healthz}.
 *
 * <p>Errors are JSON with a code ({@link RefusalJson}). What a connection may cost is bounded by
 * {@link GatewayLimits}. Thread-safe.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel
public final class Gateway implements AutoCloseable {
    private static final int BACKLOG = 4096;
    private static final WriteBufferWaterMark WATER = new WriteBufferWaterMark(64 << 10, 256 << 10);

    private final NetThreads threads;
    private final GatewayLimits limits;
    private final Calls calls;
    private final Function<String, Result<Route>> routes;
    private final Pages pages;
    private final MemoryBudget bodies;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ChannelGroup listeners = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    /**
     * A gateway that listens nowhere yet.
     *
     * @param threads carry the bytes; stay the caller's to close, after this
     * @param calls takes each call
     */
    public Gateway(NetThreads threads, GatewayLimits limits, Calls calls) {
        this(threads, limits, calls, Pages.HEALTH);
    }

    /** The same with other pages beside the functions. */
    public Gateway(NetThreads threads, GatewayLimits limits, Calls calls, Pages pages) {
        this(threads, limits, calls, Route::of, pages);
    }

    private Gateway(
            NetThreads threads,
            GatewayLimits limits,
            Calls calls,
            Function<String, Result<Route>> routes,
            Pages pages) {
        this.threads = threads;
        this.limits = limits;
        this.calls = calls;
        this.routes = routes;
        this.pages = pages;
        bodies = new MemoryBudget(limits.bodiesMax());
    }

    /**
     * A gateway for one function alone, which gets every path; that below its own URL in a swarm
     * too, {@code /f/<owner>/<name>}. It listens nowhere yet.
     *
     * @param name of the function
     */
    public static Gateway alone(
            NetThreads threads, GatewayLimits limits, FunctionName name, Calls calls) {
        return new Gateway(
                threads, limits, calls, target -> Route.alone(name, target), Pages.HEALTH);
    }

    /**
     * Accepts connections at an address and returns the one that was bound, which differs if port 0
     * was asked for. {@code PORT_IN_USE} if another program has the port, {@code BAD_ARGUMENT} if
     * the address cannot be bound otherwise.
     */
    public Result<InetSocketAddress> listen(InetSocketAddress address) {
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(threads.group())
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, false)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        accept(channel);
                                    }
                                })
                        .bind(address)
                        .awaitUninterruptibly();
        Result<InetSocketAddress> result = Listening.at(address, bound);
        if (result.isOk()) {
            listeners.add(bound.channel());
        }
        return result;
    }

    private void accept(Channel channel) {
        int open = connections.size();
        if (open >= 2 * limits.connectionsMax()) {
            channel.close(); // a flood: not even an answer
            return;
        }
        boolean full = open >= limits.connectionsMax();
        connections.add(channel);
        GatewayConnection connection = new GatewayConnection(calls, routes, pages, limits, bodies);
        channel.pipeline().addLast(connection);
        if (full) {
            connection.turnAway(
                    new Refusal(
                            ErrorCode.BUSY,
                            limits.connectionsMax() + " connections are open already",
                            "try again in a moment"));
        }
    }

    /** Number of open connections; a snapshot. */
    public int connectionCount() {
        return connections.size();
    }

    /** Bytes of half-received bodies; a snapshot. */
    long bodiesHeld() {
        return bodies.taken();
    }

    /** Stops listening and closes all connections. */
    @Override
    public void close() {
        listeners.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
    }
}
