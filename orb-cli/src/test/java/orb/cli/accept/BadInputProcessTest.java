package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import orb.cli.client.Api;
import orb.cli.client.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Input that is wrong, huge or hostile: a coded refusal each time, and the neighbours go on. */
@ExtendWith(SharedSwarm.class)
@Timeout(300)
class BadInputProcessTest {
    private static final int SOCKET_MILLIS = 60_000;

    private static void assertNeighboursAnswer(Swarm swarm) throws IOException {
        assertThat(swarm.tracker().call("alice/add", "{\"a\":1,\"b\":1}").status()).isEqualTo(200);
    }

    static Stream<Arguments> modules() {
        byte[] whole = Wasm.countDown(10);
        byte[] simd = Wasm.countDown(10);
        simd[simd.length - 2] = (byte) 0xfd;
        return Stream.of(
                Arguments.of("text", "not wasm".getBytes(StandardCharsets.UTF_8), "ORB-0101"),
                Arguments.of("nothing", new byte[0], "ORB-0005"),
                Arguments.of("cut", Arrays.copyOf(whole, whole.length / 2), "ORB-01"),
                Arguments.of("header only", Arrays.copyOf(whole, 8), "ORB-01"),
                Arguments.of("a huge table", Wasm.table(Integer.MAX_VALUE), "ORB-01"),
                Arguments.of("many locals", Wasm.locals(Integer.MAX_VALUE), "ORB-01"),
                Arguments.of("a wrong opcode", simd, "ORB-01"),
                Arguments.of("a trap", Wasm.trap(), "ORB-0202"),
                Arguments.of("recursion", Wasm.recursion(), "ORB-0205"),
                Arguments.of("an endless loop", Wasm.endless(), "ORB-020"),
                Arguments.of("growth", Wasm.growth(), "ORB-020"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("modules")
    void aBadModuleIsRefusedByTheDeployOperation(
            String what, byte[] module, String code, Swarm swarm) throws IOException {
        Form form = new Form();
        form.file("artefact", module);
        form.text("name", "bad");
        form.text("plan", "metered");
        form.text("fuel", "50000000");
        Api.Raw raw =
                swarm.member("bob")
                        .api()
                        .raw("POST", "/v1/functions", form.type(), form.content(), Map.of());

        assertThat(raw.status()).isBetween(400, 504);
        JsonNode why = Orb.parse(new String(raw.body(), StandardCharsets.UTF_8));
        assertThat(why.path("code").asText()).as("" + why).startsWith(code);
        assertThat(why.path("what").asText()).isNotBlank();
        assertThat(swarm.tracker().api().get("/v1/functions?search=bob/bad")).isEmpty();
        assertNeighboursAnswer(swarm);
    }

    /** Sends these characters to a listener and returns what it answers until it closes. */
    private static String exchange(String base, String request) throws IOException {
        URI uri = URI.create(base);
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.setSoTimeout(SOCKET_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            StringBuilder answer = new StringBuilder();
            byte[] buffer = new byte[4096];
            int count = in.read(buffer);
            while (count > 0 && !answer.toString().contains("\"code\"")) {
                answer.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
                count = answer.toString().contains("\"code\"") ? 0 : in.read(buffer);
            }
            return answer.toString();
        }
    }

    @Test
    void aBodyOfAGigabyteIsRefusedBeforeItIsSent(Swarm swarm) throws IOException {
        String head = "Host: 127.0.0.1\r\nContent-Length: 1073741824\r\n";
        for (String name : new String[] {"tracker", "alice"}) {
            Member member = swarm.member(name);
            assertThat(
                            exchange(
                                    member.control().gateway(),
                                    "POST /f/alice/add HTTP/1.1\r\n" + head + "\r\n"))
                    .as(name)
                    .startsWith("HTTP/1.1 413")
                    .contains("ORB-0003");
        }
        Member bob = swarm.member("bob");
        String answer =
                exchange(
                        bob.control().api(),
                        "POST /v1/functions HTTP/1.1\r\n"
                                + head
                                + "Content-Type: multipart/form-data; boundary=x\r\n"
                                + "Authorization: Bearer "
                                + bob.control().token()
                                + "\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 413").contains("ORB-0003");
        assertNeighboursAnswer(swarm);
    }

    @Test
    void malformedHttpIsRefused(Swarm swarm) throws IOException {
        for (String request :
                new String[] {
                    "GARBAGE\r\n\r\n",
                    "GET /f/alice/add HTTP/1.1\r\nno colon\r\n\r\n",
                    "POST /f/alice/add HTTP/1.1\r\nHost: x\r\nContent-Length: -4\r\n\r\n",
                    String.join(
                            "\r\n",
                            "POST /f/alice/add HTTP/1.1",
                            "Host: x",
                            "Content-Length: 1",
                            "Transfer-Encoding: chunked",
                            "",
                            "0",
                            "",
                            "")
                }) {
            assertThat(exchange(swarm.tracker().control().gateway(), request))
                    .as(request)
                    .startsWith("HTTP/1.1 400")
                    .contains("ORB-0002");
        }
        assertNeighboursAnswer(swarm);
    }

    @Test
    void theApiWantsItsTokenAndALoopbackName(Swarm swarm) throws IOException {
        String api = swarm.member("bob").control().api();
        String token = swarm.member("bob").control().token();

        assertThat(exchange(api, "GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
                .startsWith("HTTP/1.1 401")
                .contains("ORB-0504");
        assertThat(
                        exchange(
                                api,
                                "GET /v1/status HTTP/1.1\r\n"
                                        + "Host: evil.example\r\n"
                                        + "Authorization: Bearer "
                                        + token
                                        + "\r\n\r\n"))
                .startsWith("HTTP/1.1 403")
                .contains("ORB-0505");
        assertThat(
                        exchange(
                                api,
                                "GET /v1/nothing HTTP/1.1\r\n"
                                        + "Host: 127.0.0.1\r\n"
                                        + "Authorization: Bearer "
                                        + token
                                        + "\r\n\r\n"))
                .contains("ORB-0005");
    }

    @Test
    void anUnknownFunctionIsNamed(Swarm swarm) throws IOException {
        Api.Raw raw = swarm.tracker().call("alice/nothing", "");
        assertThat(raw.status()).isEqualTo(404);
        assertThat(new String(raw.body(), StandardCharsets.UTF_8)).contains("ORB-0301");

        Orb.Ran described = swarm.member("dave").orb("fn", "describe", "alice/nothing");
        assertThat(described.code()).isEqualTo(13);
        assertThat(described.err()).contains("ORB-0301", "alice/nothing");
        Orb.Ran invoked = swarm.member("dave").orb("invoke", "alice/nothing");
        assertThat(invoked.code()).isNotZero();
        assertThat(invoked.out() + invoked.err()).contains("ORB-0301");
    }

    @Test
    void wrongWordsAndNumbersAreRefusedWithTheReason(Swarm swarm) {
        Member bob = swarm.member("bob");

        assertThat(bob.orb("token", "--credits", "-1").err()).contains("ORB-0005");
        assertThat(bob.orb("fn", "describe", "no-slash").code()).isNotZero();
        assertThat(bob.orb("audit", "export", "not-a-call").code()).isNotZero();
        assertThat(bob.orb("wallet", "history", "--limit", "0").err()).contains("ORB-0005");
        assertThat(bob.orb("seed", "nobody/nothing").err()).contains("ORB-0301");
    }

    @Test
    void aDataFolderThatIsInUseAndAPortThatIsTakenAreNamed(Swarm swarm) throws IOException {
        Member alice = swarm.member("alice");
        Orb.Ran locked =
                Orb.run(
                        "node",
                        "start",
                        "--data",
                        alice.folder().toString(),
                        "--bootstrap",
                        swarm.bootstrap().toString());
        assertThat(locked.code()).isEqualTo(16);
        assertThat(locked.err()).contains("ORB-0604");
        assertThat(alice.isRunning()).isTrue();

        String port = "" + URI.create(alice.control().api()).getPort();
        for (String option : new String[] {"--api-port", "--gateway-port"}) {
            Orb.Ran taken =
                    Orb.run(
                            "node",
                            "start",
                            "--data",
                            swarm.folder("taken").toString(),
                            "--bootstrap",
                            swarm.bootstrap().toString(),
                            option,
                            port);
            assertThat(taken.code()).isEqualTo(13);
            assertThat(taken.err()).contains("ORB-0305").contains(port);
        }
        assertThat(Files.exists(swarm.folder("taken").resolve("control.json"))).isFalse();
        assertNeighboursAnswer(swarm);
    }
}
