package orb.host.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import orb.kernel.Address;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.message.Seeding;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
final class TransportTest {
    private static final Message BEAT = new Membership.Beat(1, 2, 3);

    private static Message chunk(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return new Seeding.Chunk(Bytes.wrap(bytes), size);
    }

    private static TransportLimits quickPings() {
        return limits(256, 1024, 256, Duration.ofMillis(300));
    }

    private static TransportLimits limits(
            int onWire, int waiting, int inbound, Duration pingEvery) {
        return new TransportLimits(
                onWire,
                waiting,
                inbound,
                ByteSize.mib(48),
                ByteSize.mib(64),
                ByteSize.mib(256),
                100,
                Duration.ofSeconds(10),
                pingEvery,
                3);
    }

    private static ErrorCode codeOf(Event end) {
        assertThat(end).isInstanceOf(Event.Unanswered.class);
        return ((Event.Unanswered) end).refusal().code();
    }

    @Test
    @Tag("C2")
    void questionsGoBothWaysOnTheOneConnectionThatTheNodeDialled() {
        try (TestPeer tracker = TestPeer.of(1);
                TestPeer node = TestPeer.of(2);
                Relay relay = new Relay(tracker.listen())) {
            node.link(tracker, relay.port());

            // the tracker notifies the node, and the node asks the tracker
            assertThat(tracker.answerTo(node.id(), chunk(300))).isEqualTo(chunk(300));
            assertThat(node.answerTo(tracker.id(), BEAT)).isEqualTo(BEAT);

            assertThat(relay.connections).hasValue(1);
            assertThat(node.events().getFirst())
                    .isInstanceOfSatisfying(
                            Event.Linked.class,
                            linked -> {
                                assertThat(linked.peer()).isEqualTo(tracker.id());
                                assertThat(linked.dialled()).isTrue();
                                assertThat(linked.remote().port()).isEqualTo(relay.port());
                            });
            assertThat(tracker.events().getFirst())
                    .isInstanceOfSatisfying(
                            Event.Linked.class,
                            linked -> {
                                assertThat(linked.peer()).isEqualTo(node.id());
                                assertThat(linked.dialled()).isFalse();
                            });
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"JDK", "OPENSSL"})
    void eitherTlsLibraryTalksToTheOther(SslProvider provider) {
        try (TestPeer tracker = TestPeer.of(1, provider);
                TestPeer node = TestPeer.of(2, SslProvider.JDK)) {
            int port = tracker.listen();
            node.link(tracker, port);
            assertThat(node.answerTo(tracker.id(), BEAT)).isEqualTo(BEAT);
            assertThat(tracker.answerTo(node.id(), BEAT)).isEqualTo(BEAT);
        }
    }

    @Test
    void aPeerWithAnotherKeyThanThePinnedOneIsNotLinked() {
        try (TestPeer tracker = TestPeer.of(1);
                TestPeer node = TestPeer.of(2);
                TestPeer expected = TestPeer.of(3)) {
            node.dial(expected.id(), tracker.listen());
            Event.DialFailed failed = node.await(Event.DialFailed.class);
            assertThat(failed.refusal().code()).isEqualTo(ErrorCode.WRONG_PEER_KEY);
            assertThat(failed.refusal().what())
                    .contains(tracker.id().toString())
                    .contains(expected.id().toString());
            assertThat(tracker.all(Event.Linked.class)).isEmpty();
        }
    }

    @Test
    void diallingWhereNobodyListensFailsWithTheAddress() throws Exception {
        int free;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = probe.getLocalPort();
        }
        try (TestPeer node = TestPeer.of(2)) {
            node.dial(TestIds.of(9), free);
            Event.DialFailed failed = node.await(Event.DialFailed.class);
            assertThat(failed.refusal().code()).isEqualTo(ErrorCode.NOT_CONNECTED);
            assertThat(failed.refusal().what()).contains("127.0.0.1:" + free);
            assertThat(failed.refusal().next()).isNotBlank();
        }
    }

    @Test
    void aNameThatDoesNotResolveIsNamed() {
        try (TestPeer node = TestPeer.of(2)) {
            Contact contact = new Contact(TestIds.of(9), new Address("no..such..name", 1));
            node.transport.dial(new Effect.Dial(contact));
            Event.DialFailed failed = node.await(Event.DialFailed.class);
            assertThat(failed.contact()).isEqualTo(contact);
            assertThat(failed.refusal().code()).isEqualTo(ErrorCode.DOMAIN_UNREACHABLE);
        }
    }

    @Test
    void aPeerDoesNotDialItself() {
        try (TestPeer node = TestPeer.of(2)) {
            node.dial(node.id(), node.listen());
            assertThat(node.await(Event.DialFailed.class).refusal().code())
                    .isEqualTo(ErrorCode.BAD_ARGUMENT);
        }
    }

    @Test
    void aTakenPortIsNamedWithTheNextStep() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TestPeer tracker = TestPeer.of(1)) {
            Result<InetSocketAddress> result =
                    tracker.transport.listen(
                            new InetSocketAddress(
                                    InetAddress.getLoopbackAddress(), taken.getLocalPort()));
            assertThat(result)
                    .isInstanceOfSatisfying(
                            Result.Refused.class,
                            refused -> {
                                var refusal = refused.refusal();
                                assertThat(refusal.code()).isEqualTo(ErrorCode.PORT_IN_USE);
                                assertThat(refusal.what()).contains("" + taken.getLocalPort());
                                assertThat(refusal.next()).contains("ss -ltnp");
                            });
        }
    }

    @Test
    void askingWithoutALinkSaysThatNothingWasSent() {
        try (TestPeer node = TestPeer.of(2)) {
            assertThat(codeOf(node.askAndWait(TestIds.of(9), BEAT)))
                    .isEqualTo(ErrorCode.NOT_CONNECTED);
        }
    }

    @Test
    void aQuestionThatIsNotAnsweredTimesOutAndALateAnswerIsDropped() {
        List<Long> held = new ArrayList<>();
        try (TestPeer tracker = TestPeer.of(1).answering(message -> List.of());
                TestPeer node = TestPeer.of(2).answering(message -> List.of())) {
            node.link(tracker, tracker.listen());
            for (TestPeer asker : List.of(node, tracker)) {
                TestPeer other = asker == node ? tracker : node;
                long exchange = asker.ask(other.id(), BEAT, Duration.ofMillis(50));
                Event end = asker.await(Event.class, event -> TestPeer.isEndOf(exchange, event));
                assertThat(codeOf(end)).isEqualTo(ErrorCode.TIMED_OUT);
                long inbound = other.await(Event.Asked.class).inbound();
                other.transport.answer(new Effect.Answer(inbound, BEAT));
                other.transport.answer(new Effect.Answer(inbound, BEAT)); // twice: no harm
                held.add(exchange);
                other.answering(List::of);
                assertThat(asker.answerTo(other.id(), BEAT)).isEqualTo(BEAT);
                assertThat(asker.endsOf(exchange)).hasSize(1);
            }
        }
        assertThat(held).hasSize(2);
    }

    @Test
    void theLargestMessagePassesWhileSmallOnesOvertakeIt() {
        try (TestPeer tracker = TestPeer.of(1);
                TestPeer node = TestPeer.of(2)) {
            node.link(tracker, tracker.listen());
            Message large =
                    new Registry.Deploy(
                            Bytes.EMPTY,
                            Bytes.wrap(new byte[Registry.ARTEFACT_MAX]),
                            Request.post(Bytes.wrap(new byte[Request.BODY_MAX])));
            for (TestPeer asker : List.of(node, tracker)) {
                TestPeer other = asker == node ? tracker : node;
                long slow = asker.ask(other.id(), large);
                long fast = asker.ask(other.id(), BEAT);
                asker.await(Event.Answered.class, answered -> answered.exchange() == fast);
                Event.Answered answered =
                        asker.await(Event.Answered.class, event -> event.exchange() == slow);
                assertThat(answered.message()).isEqualTo(large);
                List<Long> order =
                        asker.all(Event.Answered.class).stream()
                                .map(Event.Answered::exchange)
                                .filter(number -> number == slow || number == fast)
                                .toList();
                assertThat(order).containsExactly(fast, slow);
            }
        }
    }

    @Test
    void aMessageBeyondTheBoundIsNotSent() {
        try (TestPeer tracker = TestPeer.of(1);
                TestPeer node = TestPeer.of(2)) {
            node.link(tracker, tracker.listen());
            Message huge =
                    new Registry.Deploy(
                            Bytes.EMPTY, Bytes.wrap(new byte[41 << 20]), Request.post(Bytes.EMPTY));
            assertThat(codeOf(node.askAndWait(tracker.id(), huge)))
                    .isEqualTo(ErrorCode.BODY_TOO_LARGE);
            assertThat(node.answerTo(tracker.id(), BEAT)).isEqualTo(BEAT);
        }
    }

    @Test
    void questionsBeyondTheInboundBoundAreRefusedAtOnce() {
        TransportLimits few = limits(64, 64, 4, Duration.ofSeconds(2));
        try (TestPeer tracker = TestPeer.of(1, few).answering(message -> List.of());
                TestPeer node =
                        TestPeer.of(2, limits(64, 64, 32, Duration.ofSeconds(2)))
                                .answering(message -> List.of())) {
            node.link(tracker, tracker.listen());
            List<Long> asked = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                asked.add(node.ask(tracker.id(), BEAT));
            }
            TestPeer.until(() -> node.all(Event.Answered.class).size() == 3);
            for (Event.Answered refused : node.all(Event.Answered.class)) {
                assertThat(refused.message())
                        .isInstanceOfSatisfying(
                                Message.Refused.class,
                                message ->
                                        assertThat(message.refusal().code())
                                                .isEqualTo(ErrorCode.BUSY));
            }
            assertThat(tracker.all(Event.Asked.class)).hasSize(4);
            tracker.all(Event.Asked.class)
                    .forEach(one ->
                            tracker.transport.answer(new Effect.Answer(one.inbound(), BEAT)));
            TestPeer.until(() -> node.all(Event.Answered.class).size() == 7);
            assertThat(asked).allSatisfy(one -> assertThat(node.endsOf(one)).hasSize(1));
        }
    }

    @Test
    void aPeerThatTakesNothingMakesQuestionsFailInsteadOfPilingUp() {
        try (TestPeer tracker = TestPeer.of(1);
                TestPeer node = TestPeer.of(2);
                Relay relay = new Relay(tracker.listen())) {
            node.link(tracker, relay.port());
            relay.stall();
            List<Long> asked = new ArrayList<>();
            for (int i = 0; i < 80; i++) {
                asked.add(tracker.ask(node.id(), chunk(1 << 20), Duration.ofSeconds(20)));
            }
            // 48 MiB may be queued, so some of 80 end at once as BUSY while the rest wait
            TestPeer.until(() -> tracker.all(Event.Unanswered.class).size() >= 20);
            assertThat(tracker.all(Event.Unanswered.class))
                    .allSatisfy(end -> assertThat(end.refusal().code()).isEqualTo(ErrorCode.BUSY));
            relay.flow();
            TestPeer.until(() -> asked.stream().allMatch(one -> tracker.endsOf(one).size() == 1));
            assertThat(tracker.all(Event.Answered.class)).isNotEmpty();
        }
    }

    @Test
    void aPeerThatShowsNoLifeIsUnlinkedAndItsQuestionsEnd() {
        try (TestPeer tracker = TestPeer.of(1, quickPings());
                TestPeer node = TestPeer.of(2, quickPings()).answering(message -> List.of());
                Relay relay = new Relay(tracker.listen())) {
            node.link(tracker, relay.port());
            long open = tracker.ask(node.id(), BEAT);
            node.await(Event.Asked.class);
            relay.stall();
            Event end = tracker.await(Event.class, event -> TestPeer.isEndOf(open, event));
            assertThat(codeOf(end)).isEqualTo(ErrorCode.PEER_LOST);
            assertThat(tracker.await(Event.Unlinked.class).reason()).contains("no sign of life");
            node.await(Event.Unlinked.class);
            assertThat(tracker.transport.linkCount()).isZero();
        }
    }

    @Test
    void aLinkThatIsOnlyQuietLives() throws Exception {
        try (TestPeer tracker = TestPeer.of(1, quickPings());
                TestPeer node = TestPeer.of(2, quickPings())) {
            node.link(tracker, tracker.listen());
            Thread.sleep(2_000); // twice what would be death
            assertThat(node.all(Event.Unlinked.class)).isEmpty();
            assertThat(node.answerTo(tracker.id(), BEAT)).isEqualTo(BEAT);
        }
    }

    @Test
    void aPeerThatIsKilledIsUnlinkedAndCanBeDialledAgain() {
        try (TestPeer tracker = TestPeer.of(1).answering(message -> List.of());
                TestPeer node = TestPeer.of(2);
                Relay relay = new Relay(tracker.listen())) {
            node.link(tracker, relay.port());
            long open = node.ask(tracker.id(), BEAT);
            tracker.await(Event.Asked.class);
            relay.cut();
            node.await(Event.Unlinked.class);
            tracker.await(Event.Unlinked.class);
            assertThat(codeOf(node.endsOf(open).getFirst())).isEqualTo(ErrorCode.PEER_LOST);
            assertThat(node.events().indexOf(node.endsOf(open).getFirst()))
                    .as("questions end before the link is reported gone")
                    .isLessThan(node.events().indexOf(node.all(Event.Unlinked.class).getFirst()));

            tracker.answering(List::of);
            node.link(tracker, relay.port());
            assertThat(node.answerTo(tracker.id(), BEAT)).isEqualTo(BEAT);
            assertThat(tracker.answerTo(node.id(), BEAT)).isEqualTo(BEAT);
        }
    }

    @Test
    void hangingUpTellsThePeerWhy() {
        try (TestPeer tracker = TestPeer.of(1);
                TestPeer node = TestPeer.of(2)) {
            node.link(tracker, tracker.listen());
            tracker.transport.hangUp(new Effect.HangUp(node.id(), "wrong network"));
            assertThat(node.await(Event.Unlinked.class).reason()).isEqualTo("wrong network");
            assertThat(tracker.await(Event.Unlinked.class).reason()).isEqualTo("wrong network");
        }
    }

    @Test
    void aNewerLinkOfTheSamePeerReplacesTheOlder() {
        try (TestPeer tracker = TestPeer.of(1);
                TestPeer node = TestPeer.of(2)) {
            int port = tracker.listen();
            node.link(tracker, port);
            node.link(tracker, port);
            for (TestPeer peer : List.of(node, tracker)) {
                List<Event> life =
                        peer.events().stream()
                                .filter(e ->
                                        e instanceof Event.Linked || e instanceof Event.Unlinked)
                                .toList();
                assertThat(life)
                        .extracting(event -> event.getClass().getSimpleName())
                        .containsExactly("Linked", "Unlinked", "Linked");
                assertThat(peer.transport.linkCount()).isEqualTo(1);
            }
            assertThat(node.answerTo(tracker.id(), BEAT)).isEqualTo(BEAT);
        }
    }

    @Test
    void peersThatDialEachOtherAtOnceKeepOneLink() {
        for (int round = 0; round < 5; round++) {
            try (TestPeer one = TestPeer.of(1);
                    TestPeer two = TestPeer.of(2)) {
                int onePort = one.listen();
                int twoPort = two.listen();
                one.dial(two.id(), twoPort);
                two.dial(one.id(), onePort);
                TestPeer.until(() -> dialsEnded(one) && dialsEnded(two));
                TestPeer.until(() -> standing(one) == 1 && standing(two) == 1);
                assertThat(one.answerTo(two.id(), BEAT)).isEqualTo(BEAT);
                assertThat(two.answerTo(one.id(), BEAT)).isEqualTo(BEAT);
                assertThat(standing(one)).isEqualTo(1);
            }
        }
    }

    private static boolean dialsEnded(TestPeer peer) {
        return !peer.all(Event.DialFailed.class).isEmpty()
                || peer.all(Event.Linked.class).stream().anyMatch(Event.Linked::dialled);
    }

    private static int standing(TestPeer peer) {
        return peer.all(Event.Linked.class).size() - peer.all(Event.Unlinked.class).size();
    }

    @Test
    void ofThousandsOfQuestionsBothWaysEachEndsExactlyOnce() {
        AtomicInteger answered = new AtomicInteger();
        TransportLimits limits = limits(64, 3_000, 128, Duration.ofSeconds(2));
        try (TestPeer tracker = TestPeer.of(1, limits);
                TestPeer node = TestPeer.of(2, limits)) {
            // every ninth question is never answered, so that time-outs mix in
            for (TestPeer peer : List.of(tracker, node)) {
                peer.answering(message ->
                        answered.incrementAndGet() % 9 == 0 ? List.of() : List.of(message));
            }
            node.link(tracker, tracker.listen());
            Map<TestPeer, List<Long>> asked = new TreeMap<>(TransportTest::byId);
            for (TestPeer asker : List.of(node, tracker)) {
                TestPeer other = asker == node ? tracker : node;
                List<Long> numbers = new ArrayList<>();
                for (int i = 0; i < 3_000; i++) {
                    numbers.add(asker.ask(other.id(), chunk(i % 700), Duration.ofMillis(800)));
                }
                asked.put(asker, numbers);
            }
            asked.forEach((asker, numbers) -> {
                TestPeer.until(() -> ends(asker).size() >= numbers.size());
                assertThat(ends(asker)).containsExactlyInAnyOrderElementsOf(numbers);
            });
            assertThat(node.all(Event.Answered.class)).isNotEmpty();
            assertThat(node.all(Event.Unanswered.class)).isNotEmpty();
            for (TestPeer peer : List.of(tracker, node)) { // what was held back, and twice the rest
                peer.answering(List::of);
                for (Event.Asked one : peer.all(Event.Asked.class)) {
                    peer.transport.answer(new Effect.Answer(one.inbound(), BEAT));
                }
            }
            // places become free as the answers are handed over, a moment after they were given
            TestPeer.until(() -> isEcho(node.askAndWait(tracker.id(), BEAT)));
            TestPeer.until(() -> isEcho(tracker.askAndWait(node.id(), BEAT)));
            asked.forEach((asker, numbers) -> assertThat(ends(asker)).doesNotHaveDuplicates());
        }
    }

    private static boolean isEcho(Event end) {
        return end instanceof Event.Answered answered && answered.message().equals(BEAT);
    }

    private static int byId(TestPeer left, TestPeer right) {
        return left.id().compareTo(right.id());
    }

    private static List<Long> ends(TestPeer peer) {
        List<Long> numbers = new ArrayList<>();
        for (Event event : peer.events()) {
            switch (event) {
                case Event.Answered(var number, var other, var message) -> numbers.add(number);
                case Event.Unanswered(var number, var other, var refusal) -> numbers.add(number);
                default -> {}
            }
        }
        return numbers;
    }

    @Test
    void closingATransportEndsEveryQuestionOnce() {
        TestPeer node = TestPeer.of(2);
        try (TestPeer tracker = TestPeer.of(1).answering(message -> List.of())) {
            node.link(tracker, tracker.listen());
            List<Long> asked = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                asked.add(node.ask(tracker.id(), new Seeding.Fetch(Digest.ZERO, i, 1)));
            }
            node.close();
            TestPeer.until(() -> ends(node).size() >= asked.size());
            assertThat(ends(node)).containsExactlyInAnyOrderElementsOf(asked);
            assertThat(tracker.await(Event.Unlinked.class).reason()).contains("stopping");
        }
    }
}
