package orb.host.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import orb.host.net.NetThreads;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Header;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.Result;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class GatewayTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final String HOST = "Host: orb\r\n";

    private record Call(
            FunctionName function, Request request, Optional<Bytes> token, CallReply reply) {}

    private final NetThreads threads = new NetThreads(2);
    private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Calls handler = (function, request, token, reply) -> echo(request, reply);

    private static void echo(Request request, CallReply reply) {
        reply.send(
                new Response(
                        200,
                        List.of(new Header("content-type", "text/plain")),
                        Bytes.utf8(request.method() + " " + request.path() + " ")
                                .concat(request.body())));
    }

    private Gateway gateway(GatewayLimits limits) {
        Gateway gateway =
                new Gateway(
                        threads,
                        limits,
                        (function, request, token, reply) -> {
                            calls.add(new Call(function, request, token, reply));
                            handler.call(function, request, token, reply);
                        });
        opened.add(gateway);
        return gateway;
    }

    private static int listen(Gateway gateway) {
        return gateway.listen(new InetSocketAddress(LOOPBACK, 0)).orThrow().getPort();
    }

    private int listen() {
        return listen(gateway(GatewayLimits.DEFAULT));
    }

    private static GatewayLimits quick(int connections) {
        return new GatewayLimits(
                connections,
                ByteSize.kib(32),
                ByteSize.mib(64),
                Duration.ofSeconds(20),
                Duration.ofMillis(300),
                Duration.ofMillis(300),
                Duration.ofMillis(900),
                Duration.ofMillis(600));
    }

    private static void until(Callable<Boolean> condition) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(condition);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
        threads.close();
    }

    private static void assertError(HttpCaller.Got got, ErrorCode code) {
        assertThat(got.status()).isEqualTo(code.httpStatus());
        assertThat(got.headers()).containsEntry("content-type", "application/json");
        assertThat(got.body())
                .startsWith("{\"code\":\"" + code.code() + "\",\"what\":\"")
                .contains("\"next\":\"")
                .endsWith("\"page\":\"docs/errors/" + code.code() + ".md\"}\n");
    }

    @Test
    void aCallReachesItsFunctionWithoutWhatConcernsTheConnection() throws Exception {
        try (HttpCaller caller = new HttpCaller(listen())) {
            caller.say(
                    "POST /f/alice/add/deep/er?a=1&b=%20 HTTP/1.1\r\n"
                            + HOST
                            + "X-Kept: yes \r\nConnection: keep-alive, X-Named\r\nX-Named: 1\r\n"
                            + "TE: trailers\r\nUpgrade: h2c\r\nProxy-Authorization: x\r\n"
                            + "Authorization: Bearer tok-1\r\nContent-Length: 5\r\n\r\nhello");
            HttpCaller.Got got = caller.read();
            assertThat(got.status()).isEqualTo(200);
            assertThat(got.body()).isEqualTo("POST /deep/er hello");
            assertThat(got.headers()).containsKeys("date", "server", "content-length");
        }
        Call call = calls.remove();
        assertThat(call.function()).isEqualTo(new FunctionName("alice", "add"));
        assertThat(call.request().query()).isEqualTo("a=1&b=%20");
        assertThat(call.token()).contains(Bytes.utf8("tok-1"));
        assertThat(call.request().headers())
                .containsExactly(new Header("host", "orb"), new Header("x-kept", "yes"));
    }

    @Test
    void aFunctionCannotSpeakForTheConnectionOrForThePeer() throws Exception {
        handler =
                (function, request, token, reply) ->
                        reply.send(
                                new Response(
                                        201,
                                        List.of(
                                                new Header("connection", "close"),
                                                new Header("transfer-encoding", "chunked"),
                                                new Header("content-length", "999"),
                                                new Header("server", "mine"),
                                                new Header("x-orb-served-by", "forged"),
                                                new Header("x-own", "1")),
                                        Bytes.utf8("ok")),
                                List.of(new Header("x-orb-served-by", "true one")));
        try (HttpCaller caller = new HttpCaller(listen())) {
            for (int i = 0; i < 2; i++) { // the connection stays
                HttpCaller.Got got = caller.say("GET /f/a/b HTTP/1.1\r\n" + HOST + "\r\n").read();
                assertThat(got.status()).isEqualTo(201);
                assertThat(got.body()).isEqualTo("ok");
                assertThat(got.headers())
                        .containsEntry("x-orb-served-by", "true one")
                        .containsEntry("x-own", "1")
                        .containsEntry("server", "orb")
                        .containsEntry("content-length", "2")
                        .doesNotContainKeys("connection", "transfer-encoding");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nset-cookie: x", "a\nb", "a\rb", "a\u0000b", "caf\u00e9"})
    void aResponseHeaderThatCouldEndALineCannotBeMade(String value) {
        assertThat(Header.isValid("x-a", value)).isFalse();
        assertThat(Header.isValid(value, "x")).isFalse();
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrderWhateverTheCallsDo() throws Exception {
        int count = 200;
        try (ExecutorService pool = Executors.newFixedThreadPool(4);
                HttpCaller caller = new HttpCaller(listen())) {
            handler =
                    (function, request, token, reply) -> {
                        if (ThreadLocalRandom.current().nextBoolean()) {
                            echo(request, reply);
                        } else {
                            pool.execute(() -> echo(request, reply));
                        }
                    };
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < count; i++) {
                all.append("POST /f/a/b/").append(i).append(" HTTP/1.1\r\n").append(HOST);
                if (i % 2 == 0) {
                    all.append("Content-Length: 3\r\n\r\nabc");
                } else {
                    all.append(
                            "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
                }
            }
            caller.say(all.toString());
            for (int i = 0; i < count; i++) {
                assertThat(caller.read().body()).isEqualTo("POST /" + i + " abc");
            }
        }
    }

    @Test
    void bytesThatComeOneByOneAreOneRequest() throws Exception {
        try (HttpCaller caller = new HttpCaller(listen())) {
            String request =
                    "\r\nPOST /f/a/b HTTP/1.1\r\n"
                            + HOST
                            + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-T: 1\r\n\r\n";
            for (int i = 0; i < request.length(); i++) {
                caller.say(request.substring(i, i + 1));
            }
            assertThat(caller.read().body()).isEqualTo("POST / x");
        }
    }

    @Test
    void headTellsTheLengthAndOptionsTheMethods() throws Exception {
        try (HttpCaller caller = new HttpCaller(listen())) {
            HttpCaller.Got head =
                    caller.say("HEAD /f/a/b HTTP/1.1\r\n" + HOST + "\r\n").read(false);
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.headers()).containsEntry("content-length", "7");
            HttpCaller.Got options = caller.say("OPTIONS * HTTP/1.1\r\n" + HOST + "\r\n").read();
            assertThat(options.status()).isEqualTo(204);
            assertThat(options.headers()).containsKey("allow").doesNotContainKey("content-length");
            HttpCaller.Got health = caller.say("GET /healthz HTTP/1.1\r\n" + HOST + "\r\n").read();
            assertThat(health.body()).isEqualTo("ok\n");
        }
        assertThat(calls).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/f",
                "/f/",
                "/f/a",
                "/f/A/b",
                "/f/a/-b",
                "/f//b",
                "/g/a/b",
                "/f/a/b%2"
            })
    void otherPathsAreNotFound(String path) throws Exception {
        try (HttpCaller caller = new HttpCaller(listen())) {
            HttpCaller.Got got = caller.say("GET " + path + " HTTP/1.1\r\n" + HOST + "\r\n").read();
            assertError(got, ErrorCode.UNKNOWN_FUNCTION);
            assertThat(caller.say("GET /healthz HTTP/1.1\r\n" + HOST + "\r\n").read().status())
                    .isEqualTo(200);
        }
        assertThat(calls).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("orb.host.gateway.MalformedRequests#all")
    void malformedRequestsAreRefusedAndNeighboursServed(String request) throws Exception {
        int port = listen();
        try (HttpCaller neighbour = new HttpCaller(port);
                HttpCaller caller = new HttpCaller(port)) {
            assertError(caller.say(request).read(), ErrorCode.MALFORMED_HTTP);
            assertThat(neighbour.say("GET /f/a/b HTTP/1.1\r\n" + HOST + "\r\n").read().status())
                    .isEqualTo(200);
        }
        assertThat(calls).hasSize(1);
    }

    @Test
    void headsBeyondTheBoundsAreRefused() throws Exception {
        int port = listen();
        String line = "GET /f/a/b HTTP/1.1\r\n" + HOST;
        String[] requests = {
            line + "X: 1\r\n".repeat(65) + "\r\n",
            line + "X: " + "a".repeat(9_000) + "\r\n\r\n",
            line + "x".repeat(200) + ": 1\r\n\r\n",
            line + ("X: " + "a".repeat(8_000) + "\r\n").repeat(5) + "\r\n",
            "GET /f/a/b" + "x".repeat(60_000),
            "GET /f/a/b/" + "x".repeat(5_000) + " HTTP/1.1\r\n" + HOST + "\r\n",
        };
        for (String request : requests) {
            try (HttpCaller caller = new HttpCaller(port)) {
                assertError(caller.say(request).read(), ErrorCode.MALFORMED_HTTP);
            }
        }
        assertThat(calls).isEmpty();
    }

    @Test
    void aBodyOfAGigabyteIsRefusedBeforeItIsSent() throws Exception {
        Gateway gateway = gateway(GatewayLimits.DEFAULT);
        int port = listen(gateway);
        try (HttpCaller caller = new HttpCaller(port);
                HttpCaller polite = new HttpCaller(port)) {
            String head = "POST /f/a/b HTTP/1.1\r\n" + HOST + "Content-Length: 1073741824\r\n";
            HttpCaller.Got got = caller.say(head + "\r\nthe first bytes").read();
            assertError(got, ErrorCode.BODY_TOO_LARGE);
            assertThat(got.body()).contains("1073741824").contains("16777216");
            assertThat(got.headers()).containsEntry("connection", "close");
            assertThat(gateway.bodiesHeld()).isZero();
            assertThat(caller.isClosed()).isTrue();

            got = polite.say(head + "Expect: 100-continue\r\n\r\n").read();
            assertError(got, ErrorCode.BODY_TOO_LARGE); // and no 100 before
        }
        assertThat(calls).isEmpty();
    }

    @Test
    void chunksThatGoOnAreRefusedAtTheBound() throws Exception {
        Gateway gateway = gateway(GatewayLimits.DEFAULT);
        try (HttpCaller caller = new HttpCaller(listen(gateway))) {
            caller.say("POST /f/a/b HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n");
            byte[] chunk = new byte[(1 << 20) + 10];
            Arrays.fill(chunk, (byte) 'x');
            System.arraycopy("100000\r\n".getBytes(StandardCharsets.US_ASCII), 0, chunk, 0, 8);
            chunk[chunk.length - 2] = '\r';
            chunk[chunk.length - 1] = '\n';
            for (int i = 0; i < 17; i++) {
                caller.say(chunk);
            }
            assertError(caller.read(), ErrorCode.BODY_TOO_LARGE);
            until(() -> gateway.bodiesHeld() == 0);
        }
    }

    @Test
    void theLargestBodyAndTheLargestAnswerPass() throws Exception {
        Bytes large = Bytes.wrap(new byte[Request.BODY_MAX]);
        handler =
                (function, request, token, reply) ->
                        reply.send(Response.ok(request.body().equals(large) ? large : Bytes.EMPTY));
        try (HttpCaller caller = new HttpCaller(listen())) {
            caller.say("PUT /f/a/b HTTP/1.1\r\n" + HOST + "Content-Length: 16777216\r\n\r\n");
            caller.say(large.toArray());
            assertThat(caller.read().headers()).containsEntry("content-length", "16777216");
        }
    }

    @Test
    void whoWaitsForContinueIsToldToGoOn() throws Exception {
        try (HttpCaller caller = new HttpCaller(listen())) {
            caller.say(
                    "POST /f/a/b HTTP/1.1\r\n"
                            + HOST
                            + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(caller.read().status()).isEqualTo(100);
            assertThat(caller.say("hi").read().body()).isEqualTo("POST / hi");
        }
        assertThat(calls.remove().request().header("expect")).isEmpty();
    }

    @Test
    void slowHeadersSlowBodiesAndDrippingBodiesEndIn408() throws Exception {
        Gateway gateway = gateway(quick(100));
        int port = listen(gateway);
        String post = "POST /f/a/b HTTP/1.1\r\n" + HOST + "Content-Length: 100000\r\n\r\n";
        try (HttpCaller headers = new HttpCaller(port);
                HttpCaller body = new HttpCaller(port);
                HttpCaller drip = new HttpCaller(port)) {
            headers.say("GET /f/a/b HTTP/1.1\r\nHos");
            body.say(post + "a few bytes");
            Thread dripping = Thread.ofVirtual().start(() -> drip(drip, post));
            assertError(headers.read(), ErrorCode.BODY_TOO_SLOW);
            assertError(body.read(), ErrorCode.BODY_TOO_SLOW);
            assertError(drip.read(), ErrorCode.BODY_TOO_SLOW);
            dripping.interrupt();
            until(() -> gateway.bodiesHeld() == 0);
        }
        assertThat(calls).isEmpty();
    }

    private static void drip(HttpCaller caller, String head) {
        try {
            caller.say(head);
            while (true) {
                caller.say("x");
                Thread.sleep(20);
            }
        } catch (IOException | InterruptedException e) {
            // the test is over, or the gateway has closed
        }
    }

    @Test
    void aCallWithoutAnswerEndsIn504AndTheLateAnswerIsDropped() throws Exception {
        handler = (function, request, token, reply) -> {};
        try (HttpCaller caller = new HttpCaller(listen(gateway(quick(100))))) {
            caller.say("GET /f/a/b HTTP/1.1\r\n" + HOST + "\r\n");
            assertError(caller.read(), ErrorCode.TIMED_OUT);
            calls.remove().reply().send(Response.ok(Bytes.utf8("late")));
            assertThat(caller.isClosed()).isTrue();
        }
    }

    @Test
    void onlyTheFirstAnswerCounts() throws Exception {
        handler =
                (function, request, token, reply) -> {
                    reply.send(Response.ok(Bytes.utf8("first")));
                    reply.send(Response.ok(Bytes.utf8("second")));
                    reply.refuse(new Refusal(ErrorCode.BUSY, "third"));
                };
        try (HttpCaller caller = new HttpCaller(listen())) {
            for (int i = 0; i < 3; i++) {
                assertThat(caller.say("GET /f/a/b HTTP/1.1\r\n" + HOST + "\r\n").read().body())
                        .isEqualTo("first");
            }
        }
    }

    @Test
    void refusalsAreJsonWithTheStatusOfTheirCode() throws Exception {
        handler =
                (function, request, token, reply) ->
                        reply.refuse(
                                new Refusal(ErrorCode.BUSY, "say \"no\"\n\\ \u00e9", "wait"),
                                List.of(new Header("x-orb-call", "1")));
        try (HttpCaller caller = new HttpCaller(listen())) {
            HttpCaller.Got got = caller.say("GET /f/a/b HTTP/1.1\r\n" + HOST + "\r\n").read();
            assertError(got, ErrorCode.BUSY);
            assertThat(got.body()).contains("\"say \\\"no\\\"\\u000a\\\\ \u00e9\"");
            assertThat(got.headers())
                    .containsEntry("retry-after", "1")
                    .containsEntry("x-orb-call", "1");
        }
    }

    @Test
    void anOlderCallerIsAnsweredAndClosedUnlessItAsksToStay() throws Exception {
        int port = listen();
        try (HttpCaller caller = new HttpCaller(port);
                HttpCaller staying = new HttpCaller(port);
                HttpCaller leaving = new HttpCaller(port)) {
            HttpCaller.Got got = caller.say("GET /f/a/b HTTP/1.0\r\n\r\n").read();
            assertThat(got.headers()).containsEntry("connection", "close");
            assertThat(caller.isClosed()).isTrue();
            got = staying.say("GET /f/a/b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").read();
            assertThat(got.headers()).containsEntry("connection", "keep-alive");
            assertThat(staying.say("GET /f/a/b HTTP/1.0\r\n\r\n").read().status()).isEqualTo(200);
            leaving.say("GET /f/a/b HTTP/1.1\r\nConnection: Close\r\n" + HOST + "\r\n");
            assertThat(leaving.read().status()).isEqualTo(200);
            assertThat(leaving.isClosed()).isTrue();
        }
    }

    @Test
    void connectionsBeyondTheBoundAreTurnedAway() throws Exception {
        Gateway gateway = gateway(quick(2));
        int port = listen(gateway);
        try (HttpCaller one = new HttpCaller(port);
                HttpCaller two = new HttpCaller(port)) {
            until(() -> gateway.connectionCount() == 2);
            try (HttpCaller three = new HttpCaller(port)) {
                assertError(three.read(), ErrorCode.BUSY);
            }
            assertThat(one.say("GET /f/a/b HTTP/1.1\r\n" + HOST + "\r\n").read().status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aCallerThatLeavesMidBodyGivesItsMemoryBack() throws Exception {
        Gateway gateway = gateway(GatewayLimits.DEFAULT);
        try (HttpCaller caller = new HttpCaller(listen(gateway))) {
            caller.say("POST /f/a/b HTTP/1.1\r\n" + HOST + "Content-Length: 1000000\r\n\r\n");
            caller.say(new byte[500_000]);
            until(() -> gateway.bodiesHeld() > 400_000);
        }
        until(() -> gateway.bodiesHeld() == 0);
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Result<InetSocketAddress> result =
                    gateway(GatewayLimits.DEFAULT)
                            .listen(new InetSocketAddress(LOOPBACK, taken.getLocalPort()));
            assertThat(result)
                    .isInstanceOfSatisfying(
                            Result.Refused.class,
                            refused ->
                                    assertThat(refused.refusal().code())
                                            .isEqualTo(ErrorCode.PORT_IN_USE));
        }
    }
}
