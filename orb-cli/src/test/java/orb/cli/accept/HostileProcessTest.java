package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.StreamSupport;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Peers and callers that mean harm: each is ended or refused, and the others' calls go on. */
@ExtendWith(SharedSwarm.class)
@Timeout(300)
class HostileProcessTest {
    private static final int SOCKET_MILLIS = 60_000;
    private static final int TAKEN_MAX = 64 << 20;
    private static final String HEAD = "POST /f/alice/add HTTP/1.1\r\nHost: x\r\n";

    private static void assertOthersAreServed(Swarm swarm) throws IOException {
        assertThat(swarm.tracker().call("alice/add", "{\"a\":1,\"b\":1}").status()).isEqualTo(200);
    }

    private static Socket gateway(Swarm swarm) throws IOException {
        URI uri = URI.create(swarm.tracker().control().gateway());
        Socket socket = new Socket(uri.getHost(), uri.getPort());
        socket.setSoTimeout(SOCKET_MILLIS);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void whoSendsSlowlyIsEndedWhileOthersAreServed(Swarm swarm) throws Exception {
        try (Socket stalls = gateway(swarm);
                Socket drips = gateway(swarm);
                ExecutorService two = Executors.newFixedThreadPool(2)) {
            send(stalls, HEAD + "Content-Length: 100\r\n\r\nbegun");
            send(drips, HEAD);
            Future<String> stalled = two.submit(() -> rest(stalls));
            Future<String> dripping = two.submit(drip(drips));
            while (!stalled.isDone() || !dripping.isDone()) {
                assertOthersAreServed(swarm);
            }

            for (Future<String> ended : List.of(stalled, dripping)) {
                assertThat(ended.get()).startsWith("HTTP/1.1 408").contains("ORB-0004");
            }
        }
    }

    /** A header a second, for as long as somebody listens. */
    private static Callable<String> drip(Socket socket) {
        return () -> {
            for (int i = 0; socket.getInputStream().available() == 0 && i < 60; i++) {
                send(socket, "X-" + i + ": y\r\n");
                Thread.sleep(1_000);
            }
            return rest(socket);
        };
    }

    @Test
    void aBodyWithoutAnEndIsRefusedAtItsBound(Swarm swarm) throws IOException {
        byte[] chunk = new byte[64 << 10];
        byte[] size =
                (Integer.toHexString(chunk.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = gateway(swarm)) {
            send(socket, HEAD + "Transfer-Encoding: chunked\r\n\r\n");
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            long sent = 0;
            while (in.available() == 0 && sent < 1L << 30) {
                out.write(size);
                out.write(chunk);
                out.write('\r');
                out.write('\n');
                sent += chunk.length;
            }

            assertThat(sent).as("bytes taken before the refusal").isLessThan(TAKEN_MAX);
            byte[] answer = new byte[4096];
            int count = in.read(answer);
            assertThat(new String(answer, 0, count, StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 413")
                    .contains("ORB-0003");
        }
        assertOthersAreServed(swarm);
    }

    @Test
    void anEntryThatIsSubmittedAgainIsRefusedAndMovesNothing(Swarm swarm) throws IOException {
        Member alice = swarm.member("alice");
        List<JsonNode> grants = grants(alice);
        String index = grants.getFirst().path("entry").asText().replaceAll(".*/", "");
        Bytes entry = Bytes.hex(alice.api().get("/v1/entries/" + index).path("bytes").asText());
        try (Stranger stranger = new Stranger(swarm.tracker())) {
            assertThat(stranger.ask(new Registry.Submit(entry)))
                    .as("before a Hello nothing is answered")
                    .isInstanceOfSatisfying(
                            Message.Refused.class,
                            refused -> assertCode(refused, ErrorCode.NOT_CONNECTED));
            assertThat(stranger.sayHello(Digest.ZERO)).isInstanceOf(Membership.Welcome.class);

            for (int i = 0; i < 2; i++) {
                assertThat(stranger.ask(new Registry.Submit(entry)))
                        .isInstanceOfSatisfying(
                                Message.Refused.class,
                                refused -> assertCode(refused, ErrorCode.REPLAYED_ENTRY));
            }
            assertThat(stranger.ask(new Registry.Submit(Bytes.utf8("no entry"))))
                    .isInstanceOfSatisfying(
                            Message.Refused.class,
                            refused -> assertCode(refused, ErrorCode.MALFORMED_BYTES));
        }
        assertThat(grants(alice)).as("it was paid once").isEqualTo(grants);
        assertOthersAreServed(swarm);
    }

    private static List<JsonNode> grants(Member owner) {
        return StreamSupport.stream(owner.history().spliterator(), false)
                .filter(row -> row.path("kind").asText().equals("grant"))
                .toList();
    }

    private static void assertCode(Message.Refused refused, ErrorCode code) {
        assertThat(refused.refusal().code()).as("" + refused).isEqualTo(code);
    }

    @Test
    void whoSpeaksNoProtocolOnALinksPortIsHungUpOn(Swarm swarm) throws IOException {
        Address address = Address.parse(swarm.tracker().control().listen());
        byte[] noise = new byte[4096];
        new Random(7).nextBytes(noise);
        byte[] http = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        for (byte[] said : new byte[][] {noise, http}) {
            try (Socket socket = new Socket(address.host(), address.port())) {
                socket.setSoTimeout(SOCKET_MILLIS);
                socket.getOutputStream().write(said);
                assertThat(isClosed(socket)).isTrue();
            }
        }
        for (String name : new String[] {"alice", "bob", "carol", "dave"}) {
            assertThat(swarm.stateOf(swarm.member(name).id())).as(name).isEqualTo("alive");
        }
        assertOthersAreServed(swarm);
    }

    /** Reads to the end, of which a reset is one too. */
    private static boolean isClosed(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
