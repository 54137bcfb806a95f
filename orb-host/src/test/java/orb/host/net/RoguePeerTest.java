package orb.host.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.Seeding;
import orb.kernel.port.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a stranger or a peer with a proper key sends, this peer goes on with the others. */
@Timeout(120)
final class RoguePeerTest {
    private static final Message BEAT = new Membership.Beat(1, 2, 3);

    private final TestPeer tracker = TestPeer.of(1);
    private final int port = tracker.listen();

    @AfterEach
    void theTrackerStillServesOthers() {
        try (tracker;
                TestPeer node = TestPeer.of(2)) {
            node.link(tracker, port);
            assertThat(node.answerTo(tracker.id(), BEAT)).isEqualTo(BEAT);
            assertThat(tracker.answerTo(node.id(), BEAT)).isEqualTo(BEAT);
        }
    }

    @Test
    void garbageInsteadOfTlsIsCutOff() throws Exception {
        byte[] garbage = new byte[4096];
        new Random(7).nextBytes(garbage);
        for (byte[] bytes :
                new byte[][] {
                    garbage,
                    "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                    {22, 3, 1, 0, 4, 1, 0, 0, 0}
                }) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(30_000);
                OutputStream out = socket.getOutputStream();
                out.write(bytes);
                out.flush();
                socket.shutdownOutput();
                drain(socket);
            }
        }
        assertThat(tracker.all(Event.Linked.class)).isEmpty();
    }

    private static void drain(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            // a reset is a way to be cut off, too
        }
    }

    @Test
    void aCallerWithoutACertificateIsNotLinked() throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, new TrustManager[] {new TrustsAnybody()}, new SecureRandom());
        try (SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(InetAddress.getLoopbackAddress(), port)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {LinkTls.ALPN});
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(30_000);
            socket.startHandshake(); // in TLS 1.3 the client ends first and hears of it later
            drain(socket);
        }
        assertThat(tracker.all(Event.Linked.class)).isEmpty();
    }

    @Test
    void garbageInsteadOfHttp2EndsTheConnection() {
        byte[] garbage = new byte[512];
        new Random(8).nextBytes(garbage);
        try (RogueDialler rogue = new RogueDialler(5, port, false)) {
            rogue.raw(garbage);
            TestPeer.until(rogue::isClosed);
        }
        assertThat(tracker.all(Event.Linked.class)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000000", // shorter than a frame's head
                "ffffffff", // 4 GiB
                "000000095500000000000000010000", // no such kind
                "000000090100000000000000010000", // a question without its own head
                "000000090200000000000000010000" // an answer where only questions come
            })
    void aFrameThatBreaksTheRulesEndsTheLink(String hex) {
        try (RogueDialler rogue = new RogueDialler(5, port, true)) {
            rogue.onUplink(Unpooled.wrappedBuffer(Bytes.hex(hex).toArray()));
            Event.Unlinked unlinked = tracker.await(Event.Unlinked.class);
            assertThat(unlinked.peer()).isEqualTo(rogue.id);
            TestPeer.until(rogue::isClosed);
        }
    }

    @Test
    void aQuestionThatIsNoMessageIsRefusedAndTheLinkGoesOn() {
        try (RogueDialler rogue = new RogueDialler(5, port, true)) {
            rogue.ask(1, 5, new byte[] {1, 2, 3, 4, 5});
            assertThat(refusalTo(rogue, 1)).isEqualTo(ErrorCode.MALFORMED_BYTES);

            rogue.ask(2, 0, new byte[0]);
            assertThat(refusalTo(rogue, 2)).isEqualTo(ErrorCode.MALFORMED_BYTES);

            Bytes beat = BEAT.encoded();
            rogue.ask(3, beat.length(), beat.toArray());
            TestPeer.until(() -> rogue.answerTo(3).isPresent());
            assertThat(rogue.answerTo(3)).contains(beat);
            assertThat(tracker.all(Event.Unlinked.class)).isEmpty();
        }
    }

    @Test
    void aQuestionThatAnnouncesTooMuchOrSendsMoreThanItAnnouncedIsRefused() {
        try (RogueDialler rogue = new RogueDialler(5, port, true)) {
            rogue.ask(1, 0xffff_ffffL, new byte[10]);
            assertThat(refusalTo(rogue, 1)).isEqualTo(ErrorCode.BODY_TOO_LARGE);
            rogue.ask(2, 5, new byte[10]);
            assertThat(refusalTo(rogue, 2)).isEqualTo(ErrorCode.BODY_TOO_LARGE);
            rogue.frame(UplinkFrame.MORE, 77, Unpooled.buffer().writeZero(100)); // of nothing
            rogue.frame(UplinkFrame.CANCEL, 78, Unpooled.EMPTY_BUFFER);
            rogue.ask(3, BEAT.encoded().length(), BEAT.encoded().toArray());
            TestPeer.until(() -> rogue.answerTo(3).isPresent());
        }
    }

    @Test
    void oneExchangeNumberForTwoOpenQuestionsEndsTheLink() {
        tracker.answering(message -> List.of());
        try (RogueDialler rogue = new RogueDialler(5, port, true)) {
            Bytes beat = BEAT.encoded();
            rogue.ask(1, beat.length(), beat.toArray());
            rogue.ask(1, beat.length(), beat.toArray());
            tracker.await(Event.Unlinked.class);
        }
        tracker.answering(List::of);
    }

    @Test
    void anAnswerThatIsNoMessageIsReportedAsMalformed() {
        try (RogueDialler rogue = new RogueDialler(5, port, true)) {
            tracker.await(Event.Linked.class);
            long garbage = tracker.ask(rogue.id, BEAT);
            TestPeer.until(() -> rogue.asked.size() == 1);
            rogue.answer(rogue.asked.get(0), "200", false);
            rogue.data(rogue.asked.get(0), new byte[] {9, 9, 9}, true);
            assertThat(codeOfEnd(garbage)).isEqualTo(ErrorCode.MALFORMED_BYTES);

            long status = tracker.ask(rogue.id, BEAT);
            TestPeer.until(() -> rogue.asked.size() == 2);
            rogue.answer(rogue.asked.get(1), "500", true);
            assertThat(codeOfEnd(status)).isEqualTo(ErrorCode.MALFORMED_BYTES);

            long empty = tracker.ask(rogue.id, BEAT);
            TestPeer.until(() -> rogue.asked.size() == 3);
            rogue.answer(rogue.asked.get(2), "200", false);
            rogue.data(rogue.asked.get(2), new byte[0], true);
            assertThat(codeOfEnd(empty)).isEqualTo(ErrorCode.MALFORMED_BYTES);

            long good = tracker.ask(rogue.id, BEAT);
            TestPeer.until(() -> rogue.asked.size() == 4);
            rogue.answer(rogue.asked.get(3), "200", false);
            rogue.data(rogue.asked.get(3), BEAT.encoded().toArray(), true);
            assertThat(
                            tracker.await(Event.Answered.class, event -> event.exchange() == good)
                                    .message())
                    .isEqualTo(BEAT);
        }
    }

    @Test
    void anAnswerWithoutEndIsCutAtTheBoundOfAMessage() {
        try (RogueDialler rogue = new RogueDialler(5, port, true)) {
            tracker.await(Event.Linked.class);
            long endless =
                    tracker.ask(
                            rogue.id, new Seeding.Chunk(Bytes.EMPTY, 0), Duration.ofSeconds(90));
            TestPeer.until(() -> rogue.asked.size() == 1);
            rogue.answer(rogue.asked.get(0), "200", false);
            for (int i = 0; i < 41; i++) {
                rogue.data(rogue.asked.get(0), new byte[1 << 20], false);
            }
            assertThat(codeOfEnd(endless)).isEqualTo(ErrorCode.BODY_TOO_LARGE);
        }
    }

    private ErrorCode codeOfEnd(long exchange) {
        Event end = tracker.await(Event.class, event -> TestPeer.isEndOf(exchange, event));
        assertThat(end).isInstanceOf(Event.Unanswered.class);
        return ((Event.Unanswered) end).refusal().code();
    }

    private static ErrorCode refusalTo(RogueDialler rogue, long exchange) {
        TestPeer.until(() -> rogue.answerTo(exchange).isPresent());
        Optional<Bytes> answer = rogue.answerTo(exchange);
        Result<Message> message = Message.decode(answer.orElseThrow());
        assertThat(message.orThrow()).isInstanceOf(Message.Refused.class);
        return ((Message.Refused) message.orThrow()).refusal().code();
    }

    private static final class TrustsAnybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
