package orb.cli.accept;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import orb.host.net.NetThreads;
import orb.host.net.NettyTransport;
import orb.host.net.TransportLimits;
import orb.kernel.Address;
import orb.kernel.ByteSize;
import orb.kernel.Contact;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.overlay.Assurance;
import orb.overlay.Bandwidth;
import orb.overlay.Capabilities;
import orb.overlay.PeerRecord;
import org.jspecify.annotations.Nullable;

/** Somebody with a key of his own who links to a tracker and says what he likes. */
final class Stranger implements AutoCloseable {
    private final KeyPair key = KeyPair.generate(new SecureRandom()::nextBytes);
    private final NetThreads threads = new NetThreads(1);
    private final Queue<Event> events = new ConcurrentLinkedQueue<>();
    private final NettyTransport transport =
            new NettyTransport(key, threads, TransportLimits.DEFAULT, events::add);
    private final NodeId tracker;
    private long exchanges;

    /** Links to the tracker. */
    Stranger(Member member) {
        tracker = NodeId.parse(member.id());
        transport.dial(
                new Effect.Dial(new Contact(tracker, Address.parse(member.control().listen()))));
        Swarm.until("a link", () -> events.stream().anyMatch(Event.Linked.class::isInstance));
    }

    /** What the tracker answers. */
    Message ask(Message message) {
        long exchange = ++exchanges;
        transport.ask(new Effect.Ask(exchange, tracker, message, Duration.ofSeconds(30)));
        Swarm.until("an answer to " + message, () -> answer(exchange) != null);
        return answer(exchange);
    }

    private @Nullable Message answer(long exchange) {
        for (Event event : events) {
            if (event instanceof Event.Answered(long number, _, var message)
                    && number == exchange) {
                return message;
            }
        }
        return null;
    }

    /** Introduces himself by his own record. */
    Message sayHello(Digest network) {
        PeerRecord record =
                new PeerRecord(
                        key.publicKey(),
                        PeerRecord.Role.NODE,
                        false,
                        "",
                        List.of(),
                        new Capabilities(1, ByteSize.mib(1), Bandwidth.UNKNOWN, List.of()),
                        Assurance.L0,
                        Credits.ZERO,
                        1,
                        Instant.now().plusSeconds(3600));
        return ask(new Membership.Hello(network, record.sign(key).bytes(), "stranger"));
    }

    @Override
    public void close() {
        transport.close();
        threads.close();
    }
}
