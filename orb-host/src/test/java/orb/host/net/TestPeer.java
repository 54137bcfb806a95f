package orb.host.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import orb.kernel.Address;
import orb.kernel.Contact;
import orb.kernel.NodeId;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import org.awaitility.Awaitility;

/** A peer with a real transport that keeps all it was told and answers as it is told to. */
final class TestPeer implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(30);

    final NettyTransport transport;
    private final Queue<Event> events = new ConcurrentLinkedQueue<>();
    private final NetThreads threads = new NetThreads(1);
    private final AtomicLong exchanges = new AtomicLong();
    private volatile Function<Message, List<Message>> answers = List::of;

    private TestPeer(NodeId id, LinkTls tls, TransportLimits limits) {
        transport = new NettyTransport(id, tls, threads, limits, this::report);
    }

    static TestPeer of(int number) {
        return of(number, TransportLimits.DEFAULT);
    }

    static TestPeer of(int number, TransportLimits limits) {
        KeyPair key = Keys.of(number);
        return new TestPeer(
                NodeId.of(key.publicKey()), LinkTls.of(LinkCertificate.make(key)), limits);
    }

    static TestPeer of(int number, SslProvider provider) {
        KeyPair key = Keys.of(number);
        return new TestPeer(
                NodeId.of(key.publicKey()),
                LinkTls.of(LinkCertificate.make(key), provider),
                TransportLimits.DEFAULT);
    }

    NodeId id() {
        return transport.id();
    }

    /** What each question is answered with: one message, or none. By default its echo. */
    TestPeer answering(Function<Message, List<Message>> with) {
        answers = with;
        return this;
    }

    private void report(Event event) {
        events.add(event);
        if (event instanceof Event.Asked(var inbound, var peer, var message)) {
            answers.apply(message)
                    .forEach(answer -> transport.answer(new Effect.Answer(inbound, answer)));
        }
    }

    int listen() {
        return transport
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .orThrow()
                .getPort();
    }

    void dial(NodeId id, int port) {
        transport.dial(new Effect.Dial(new Contact(id, new Address("127.0.0.1", port))));
    }

    /** Dials and waits until both ends have heard of the link. */
    void link(TestPeer other, int port) {
        int before = all(Event.Linked.class).size();
        int otherBefore = other.all(Event.Linked.class).size();
        dial(other.id(), port);
        until(() -> all(Event.Linked.class).size() > before);
        until(() -> other.all(Event.Linked.class).size() > otherBefore);
    }

    long ask(NodeId peer, Message message) {
        return ask(peer, message, LONG);
    }

    long ask(NodeId peer, Message message, Duration timeout) {
        long exchange = exchanges.incrementAndGet();
        transport.ask(new Effect.Ask(exchange, peer, message, timeout));
        return exchange;
    }

    /** Asks and waits for its one end. */
    Event askAndWait(NodeId peer, Message message) {
        long exchange = ask(peer, message);
        return await(Event.class, event -> isEndOf(exchange, event));
    }

    Message answerTo(NodeId peer, Message message) {
        Event end = askAndWait(peer, message);
        assertThat(end).isInstanceOf(Event.Answered.class);
        return ((Event.Answered) end).message();
    }

    static boolean isEndOf(long exchange, Event event) {
        return switch (event) {
            case Event.Answered(var number, var peer, var message) -> number == exchange;
            case Event.Unanswered(var number, var peer, var refusal) -> number == exchange;
            default -> false;
        };
    }

    /** All that was reported so far, in order. */
    List<Event> events() {
        return new ArrayList<>(events);
    }

    List<Event> endsOf(long exchange) {
        return events.stream().filter(event -> isEndOf(exchange, event)).toList();
    }

    <T extends Event> T await(Class<T> type) {
        return await(type, event -> true);
    }

    <T extends Event> T await(Class<T> type, Predicate<T> wanted) {
        until(() -> all(type).stream().anyMatch(wanted));
        return all(type).stream().filter(wanted).findFirst().orElseThrow();
    }

    <T extends Event> List<T> all(Class<T> type) {
        List<T> found = new ArrayList<>();
        for (Event event : events) {
            if (type.isInstance(event)) {
                found.add(type.cast(event));
            }
        }
        return found;
    }

    static void until(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(5))
                .pollDelay(Duration.ZERO)
                .until(condition);
    }

    @Override
    public void close() {
        transport.close();
        threads.close();
    }
}
