package orb.host.net;

import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.Http2Error;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import org.jspecify.annotations.Nullable;

/**
 * The standing links, one for each peer, and the questions that peers wait to have answered.
 *
 * <p>A newer link of a peer replaces the older one, since whoever dials again has lost it. Where
 * two peers dial each other at once, each would see the two links in another order and close the
 * other one; so of two links in opposite directions, both ends keep the one that the smaller Orb id
 * dialled. Thread-safe.
 */
final class Links {
    private final NodeId own;
    private final TransportLimits limits;
    private final MemoryBudget memory;
    private final Consumer<Event> reports;
    private final Map<NodeId, Link> byPeer = new ConcurrentHashMap<>();
    private final Map<Long, Inbound> inbounds = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private boolean closed;

    Links(NodeId own, TransportLimits limits, Consumer<Event> reports) {
        this.own = own;
        this.limits = limits;
        this.reports = reports;
        memory = new MemoryBudget(limits.memoryMax());
    }

    NodeId own() {
        return own;
    }

    TransportLimits limits() {
        return limits;
    }

    MemoryBudget memory() {
        return memory;
    }

    void post(Event event) {
        reports.accept(event);
    }

    /** A link's uplink stands: puts it in the place of an older one, or closes it. */
    void opened(Link link) {
        Refusal refusal = take(link);
        if (refusal != null) {
            link.close(refusal, Http2Error.REFUSED_STREAM);
        }
    }

    private synchronized @Nullable Refusal take(Link link) {
        Link older = byPeer.get(link.peer);
        if (closed) {
            return new Refusal(ErrorCode.NOT_RUNNING, "this peer is stopping");
        }
        if (older != null && older.isOpen()) {
            boolean preferred = link.dialled() == (own.compareTo(link.peer) < 0);
            if (older.dialled() != link.dialled() && !preferred) {
                return Link.busy("the link of the other direction is kept");
            }
            older.close(
                    new Refusal(ErrorCode.PEER_LOST, "replaced by a newer link of the same peer"),
                    Http2Error.NO_ERROR);
        } else if (byPeer.size() >= limits.linksMax()) {
            return Link.busy(limits.linksMax() + " links stand already");
        }
        byPeer.put(link.peer, link); // before the role hears of it and asks
        if (!link.announce()) {
            byPeer.remove(link.peer, link);
        }
        return null;
    }

    void closed(Link link) {
        byPeer.remove(link.peer, link);
    }

    int count() {
        return byPeer.size();
    }

    @Nullable Link find(NodeId peer) {
        return byPeer.get(peer);
    }

    void ask(Effect.Ask ask) {
        Link link = byPeer.get(ask.peer());
        if (link == null) {
            post(new Event.Unanswered(ask.exchange(), ask.peer(), notConnected(ask.peer())));
        } else {
            link.ask(ask);
        }
    }

    static Refusal notConnected(NodeId peer) {
        return new Refusal(
                ErrorCode.NOT_CONNECTED,
                "there is no link to peer " + peer.brief(),
                "the question was not sent; dial the peer first");
    }

    /** A peer's question is whole; called with its link's lock held. */
    void asked(Inbound inbound, Message message) {
        long number = numbers.incrementAndGet();
        inbounds.put(number, inbound);
        post(new Event.Asked(number, inbound.link.peer, message));
    }

    void answer(Effect.Answer answer) {
        Inbound inbound = inbounds.remove(answer.inbound());
        if (inbound != null) {
            inbound.link.inbounds.answer(inbound, answer.message());
        }
    }

    /** Closes all links and takes no more; returns what closes. */
    List<ChannelFuture> close() {
        synchronized (this) {
            closed = true;
        }
        List<ChannelFuture> closing = new ArrayList<>();
        for (Link link : byPeer.values()) {
            closing.add(link.channel.closeFuture());
            link.close(
                    new Refusal(ErrorCode.NOT_RUNNING, "this peer is stopping"),
                    Http2Error.NO_ERROR);
        }
        return closing;
    }
}
