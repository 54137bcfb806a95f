package orb.host.capability;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Header;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.message.Grants;
import orb.kernel.message.Origin;
import orb.kernel.port.HostCall;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where functions may send requests, and what may come back. */
class OutboundTest {
    private static final Duration TIME = Duration.ofSeconds(20);

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private ServerSocket server;
    private Optional<Outbound> outbound = Optional.empty();
    private volatile String answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().start(this::serve);
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        outbound.ifPresent(Outbound::close);
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                InputStream in = socket.getInputStream();
                StringBuilder head = new StringBuilder();
                while (head.indexOf("\r\n\r\n") < 0) {
                    int next = in.read();
                    if (next < 0) {
                        break;
                    }
                    head.append((char) next);
                }
                int length = head.indexOf("content-length: ");
                if (length >= 0) {
                    String rest = head.substring(length + 16);
                    int bytes = Integer.parseInt(rest.substring(0, rest.indexOf("\r")));
                    head.append(new String(in.readNBytes(bytes), StandardCharsets.UTF_8));
                }
                heard.add(head.toString());
                if (answer.isEmpty()) {
                    in.read(); // as long as the other end waits
                }
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                // the end of the test, or a client that left
            }
        }
    }

    private String here() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    private static Grants http(String... origins) {
        return new Grants(
                new ByteSize(0),
                List.of(origins).stream().map(Origin::parse).toList(),
                List.of(),
                false);
    }

    private static HostCall.Fetch get(String url) {
        return new HostCall.Fetch("GET", url, List.of(), Bytes.EMPTY);
    }

    private Outbound outbound(Egress egress, Outbound.Resolver resolver) {
        Outbound made = new Outbound(egress, resolver);
        outbound = Optional.of(made);
        return made;
    }

    private Result<Response> send(Egress egress, String granted, HostCall.Fetch fetch)
            throws InterruptedException {
        return outbound(egress, InetAddress::getAllByName).send(fetch, http(granted), TIME);
    }

    private static void refused(Result<Response> result, ErrorCode code) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        r -> assertThat(r.refusal().code()).as(r.toString()).isEqualTo(code));
    }

    @Test
    @Tag("H4")
    void aRequestGoesToAGrantedAddressWithItsFieldsAndNothingOfThisMachine() throws Exception {
        answer =
                "HTTP/1.1 201 Made\r\nContent-Length: 2\r\nConnection: close, x-hop\r\nX-Hop: 1\r\n"
                        + "Set-Cookie: a=b\r\n\r\nok";
        HostCall.Fetch fetch =
                new HostCall.Fetch(
                        "POST",
                        here() + "/v1/a?b=c",
                        List.of(new Header("x-mine", "yes")),
                        Bytes.utf8("body"));

        Response response = send(Egress.DEV, here(), fetch).orThrow();

        assertThat(response)
                .isEqualTo(
                        new Response(
                                201, List.of(new Header("set-cookie", "a=b")), Bytes.utf8("ok")));
        assertThat(heard)
                .containsExactly(
                        "POST /v1/a?b=c HTTP/1.1\r\nhost: 127.0.0.1:"
                                + server.getLocalPort()
                                + "\r\nx-mine: yes\r\ncontent-length: 4\r\n"
                                + "connection: close\r\n\r\nbody");
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.example.org, http://api.example.org/",
        "https://api.example.org, https://www.example.org/",
        "https://api.example.org, https://example.org/",
        "https://api.example.org, https://api.example.org.evil.org/",
        "https://api.example.org, https://api.example.org:8443/",
        "https://api.example.org/v1, https://api.example.org/",
        "https://api.example.org/v1, https://api.example.org/v10",
        "https://api.example.org/v1, https://api.example.org/v1/a%2f..%2f..%2fadmin"
    })
    @Tag("H4")
    void whatNoGrantCoversIsRefusedBeforeAnyNameIsLookedUp(String granted, String asked)
            throws Exception {
        Outbound here =
                outbound(
                        Egress.DEV,
                        host -> {
                            throw new AssertionError("looked up " + host);
                        });
        refused(here.send(get(asked), http(granted), TIME), ErrorCode.EGRESS_REFUSED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://api.example.org/",
                "file:///etc/passwd",
                "https://user@api.example.org/",
                "https://api.example.org/#fragment",
                "https://api.example.org/v1/../admin",
                "https://api.example.org/v1/%2e%2E/admin",
                "https://api.example.org/.",
                "//api.example.org/",
                "https://",
                "no URL"
            })
    @Tag("H4")
    void aMalformedUrlIsRefused(String url) throws Exception {
        Outbound here = outbound(Egress.DEV, InetAddress::getAllByName);
        if (url.contains(" ")) {
            org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
                    .isThrownBy(() -> get(url));
            return;
        }
        refused(
                here.send(get(url), http("https://api.example.org"), TIME),
                ErrorCode.BAD_HOST_CALL);
    }

    @Test
    @Tag("H4")
    void thisMachineIsReachedInASwarmOnLoopbackAloneAndByItsAddressAlone() throws Exception {
        String named = "http://localhost:" + server.getLocalPort();

        refused(send(Egress.PUBLIC, here(), get(here() + "/")), ErrorCode.EGRESS_REFUSED);
        refused(send(Egress.NONE, here(), get(here() + "/")), ErrorCode.EGRESS_REFUSED);
        refused(send(Egress.DEV, named, get(named + "/")), ErrorCode.EGRESS_REFUSED);

        assertThat(heard).isEmpty();
        assertThat(send(Egress.DEV, here(), get(here() + "/")).isOk()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.1.2.3",
                "172.16.0.1",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "0.0.0.0",
                "224.0.0.1",
                "255.255.255.255",
                "198.18.0.1",
                "::1",
                "::",
                "fe80::1",
                "fc00::1",
                "ff02::1",
                "::ffff:127.0.0.1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "2001::1"
            })
    @Tag("H4")
    void aNameThatLeadsToAnInnerAddressIsRefused(String address) throws Exception {
        for (Egress egress : List.of(Egress.PUBLIC, Egress.DEV)) {
            Outbound here =
                    outbound(egress, _ -> new InetAddress[] {InetAddress.ofLiteral(address)});
            refused(
                    here.send(get("http://api.example.org/"), http("http://api.example.org"), TIME),
                    ErrorCode.EGRESS_REFUSED);
        }
    }

    @Test
    @Tag("H4")
    void publicAddressesAreAllowed() throws UnknownHostException {
        for (String address : List.of("93.184.216.34", "8.8.8.8", "2606:4700::1111")) {
            assertThat(Egress.PUBLIC.allows(InetAddress.ofLiteral(address), false))
                    .as(address)
                    .isTrue();
        }
    }

    @Test
    @Tag("H4")
    void redirectsAreAnswersAndNotFollowed() throws Exception {
        answer =
                "HTTP/1.1 302 Found\r\nlocation: " + here() + "/inner\r\ncontent-length: 0\r\n\r\n";

        Response response = send(Egress.DEV, here(), get(here() + "/")).orThrow();

        assertThat(response.status()).isEqualTo(302);
        assertThat(heard).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host",
                "connection",
                "content-length",
                "transfer-encoding",
                "proxy-authorization",
                "upgrade",
                "te",
                "expect"
            })
    @Tag("H4")
    void fieldsOfTheConnectionAreTheNodes(String name) throws Exception {
        HostCall.Fetch fetch =
                new HostCall.Fetch(
                        "GET", here() + "/", List.of(new Header(name, "x")), Bytes.EMPTY);
        refused(send(Egress.DEV, here(), fetch), ErrorCode.BAD_HOST_CALL);
        assertThat(heard).isEmpty();
    }

    @Test
    void chunksAndBodiesWithoutALengthAreRead() throws Exception {
        answer =
                String.join(
                        "\r\n",
                        List.of(
                                "HTTP/1.1 200 OK",
                                "transfer-encoding: chunked",
                                "",
                                "3;x=y",
                                "abc",
                                "2",
                                "de",
                                "0",
                                "t: 1",
                                "",
                                ""));
        assertThat(send(Egress.DEV, here(), get(here() + "/")).orThrow().body().utf8())
                .isEqualTo("abcde");
        answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nto the end";
        assertThat(send(Egress.DEV, here(), get(here() + "/")).orThrow().body().utf8())
                .isEqualTo("to the end");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab",
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\ncontent-length: 1048577\r\n\r\n",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n100001\r\n",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
                "HTTP/1.1 101 Switching\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                "HTTP/1.1 200 OK\r\n"
            })
    @Tag("H2")
    void anAnswerThatIsNoneOrTooLargeIsRefused(String said) throws Exception {
        answer = said;
        refused(send(Egress.DEV, here(), get(here() + "/")), ErrorCode.EGRESS_FAILED);
    }

    @Test
    @Tag("H2")
    void aHeadOrABodyWithoutEndIsCutOff() throws Exception {
        answer = "HTTP/1.1 200 OK\r\na: " + "x".repeat(70_000);
        refused(send(Egress.DEV, here(), get(here() + "/")), ErrorCode.EGRESS_FAILED);
        answer = "HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(HostCall.BODY_MAX + 1);
        refused(send(Egress.DEV, here(), get(here() + "/")), ErrorCode.EGRESS_FAILED);
        answer = "HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(HostCall.BODY_MAX);
        assertThat(send(Egress.DEV, here(), get(here() + "/")).isOk()).isTrue();
    }

    @Test
    @Tag("H2")
    void anAnswerThatDoesNotComeIsGivenUp() throws Exception {
        answer = "";
        Outbound here = outbound(Egress.DEV, InetAddress::getAllByName);
        refused(
                here.send(get(here() + "/"), http(here()), Duration.ofMillis(50)),
                ErrorCode.EGRESS_FAILED);
    }

    @Test
    void aHostThatIsNotThereIsSaid() throws Exception {
        Outbound here =
                outbound(
                        Egress.PUBLIC,
                        host -> {
                            throw new UnknownHostException(host);
                        });
        refused(
                here.send(get("http://api.example.org/"), http("http://api.example.org"), TIME),
                ErrorCode.EGRESS_FAILED);
    }
}
