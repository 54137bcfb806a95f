package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import orb.cli.client.Api;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A function with capabilities, called by its URL, and the same one without them. */
@ExtendWith(SharedSwarm.class)
@Timeout(300)
class CapabilityProcessTest {
    private static final String MARKER = "quokka-4711";
    private static final String SECRET = "wombat-0815";
    private static final String CODE =
            """
            export default {
              async fetch(request) {
                const key = await request.text();
                const seen = {};
                const attempt = async (name, action) => {
                  try {
                    seen[name] = await action();
                  } catch (error) {
                    seen[name] = error.code ?? String(error);
                  }
                };
                await attempt('before', () => orb.kv.get(key));
                await attempt('kept', () => orb.kv.set(key, `value of ${key}`));
                await attempt('fetched', async () => {
                  const secret = await orb.secrets.get('API_KEY');
                  const answer = await fetch('ORIGIN/hello', { headers: { 'x-key': secret } });
                  return `${answer.status} ${await answer.text()}`;
                });
                await attempt('secret', async () => (await orb.secrets.get('API_KEY')).length);
                await attempt('elsewhere', () => fetch('http://127.0.0.1:9/'));
                await attempt('named', () => fetch('http://localhost:PORT/hello'));
                return seen;
              },
            };
            """;

    private static final String SNEAKS =
            """
            export default {
              async fetch() {
                try {
                  await fetch('http://127.0.0.1:9/');
                  return { code: 'none' };
                } catch (error) {
                  return { code: error.code };
                }
              },
            };
            """;

    private static Path source(Swarm swarm, String name, ServerSocket server, boolean granted)
            throws IOException {
        int port = server.getLocalPort();
        String origin = "http://127.0.0.1:" + port;
        String text = CODE.replace("ORIGIN", origin).replace("PORT", "" + port);
        Path folder = Sources.script(swarm.folder(name), name, text);
        if (granted) {
            Files.writeString(
                    folder.resolve("orb.yaml"),
                    """
                    capabilities:
                      kv: { quota: 1KiB }
                      http: [ "%s", "http://localhost:%d" ]
                      secrets: [ API_KEY ]
                    """
                            .formatted(origin, port),
                    StandardOpenOption.APPEND);
        }
        return folder;
    }

    private static JsonNode call(Member at, String function) throws IOException {
        Api.Raw raw = at.call(function, MARKER);
        String text = new String(raw.body(), StandardCharsets.UTF_8);
        assertThat(raw.status()).as(text).isEqualTo(200);
        return Orb.parse(text);
    }

    @Test
    @Tag("H4")
    @Tag("H5")
    void whatAFunctionIsGrantedWorksByUrlAndNothingElseDoes(Swarm swarm) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> serve(server));
            Member alice = swarm.member("alice");
            Path granted = source(swarm, "granted", server, true);
            Path denied = source(swarm, "denied", server, false);

            assertThat(alice.orb("deploy", granted.toString(), "--plan", "sponsored").ok().err())
                    .contains("kv 1 KiB; http http://127.0.0.1:");
            alice.orb("deploy", denied.toString(), "--plan", "sponsored").ok();
            keepSecret(swarm, alice, "alice/granted");
            swarm.awaitSeeders("alice/granted", 1);
            swarm.awaitSeeders("alice/denied", 1);

            assertThat(call(swarm.tracker(), "alice/granted"))
                    .isEqualTo(
                            Orb.parse(
                                    """
                                    {"before": null, "fetched": "202 key true", "secret": 11,
                                     "elsewhere": "ORB-0222", "named": "ORB-0222"}
                                    """));
            assertThat(call(alice, "alice/granted").path("before").asText())
                    .isEqualTo("value of " + MARKER);
            assertThat(call(swarm.tracker(), "alice/denied"))
                    .isEqualTo(
                            Orb.parse(
                                    """
                                    {"before": "ORB-0221", "kept": "ORB-0221",
                                     "fetched": "ORB-0221", "secret": "ORB-0221",
                                     "elsewhere": "ORB-0221", "named": "ORB-0221"}
                                    """));

            assertThat(alice.json("fn", "describe", "alice/granted").path("capabilities"))
                    .hasToString(
                            "{\"kv\":1024,\"http\":[\"http://127.0.0.1:"
                                    + server.getLocalPort()
                                    + "\",\"http://localhost:"
                                    + server.getLocalPort()
                                    + "\"],\"secrets\":[\"API_KEY\"],\"idempotent\":false}");
            assertThat(swarm.member("bob").json("fn", "describe", "alice/granted").toString())
                    .contains("only its owner's own node releases");
            assertThat(swarm.member("bob").orb("seed", "alice/granted").err()).contains("ORB-0226");
            assertThat(swarm.member("bob").orb("secret", "ls", "alice/granted").err())
                    .contains("ORB-0410");
            assertThat(alice.json("secret", "ls", "alice/granted").toString())
                    .isEqualTo("[{\"secret\":\"API_KEY\"}]");
            assertNowhere(alice.folder());
        }
    }

    @Test
    @Tag("H5")
    void whatAFunctionTriesAndWhatChangesOnTheDiskAreIncidentsAtTheNodeAndAtItsTracker(Swarm swarm)
            throws Exception {
        Member alice = swarm.member("alice");
        Member tracker = swarm.tracker();
        Path sneaks = Sources.script(swarm.folder("sneaks"), "sneaks", SNEAKS);
        byte[] module = Wasm.countDown(4711);
        Path counts = Sources.module(swarm.folder("counts"), "counts", module);
        alice.orb("deploy", sneaks.toString(), "--plan", "sponsored").ok();
        alice.orb("deploy", counts.toString(), "--plan", "sponsored").ok();

        for (int i = 0; i < 3; i++) {
            assertThat(call(alice, "alice/sneaks").path("code").asText()).isEqualTo("ORB-0221");
        }
        JsonNode tried = incident(alice, "egress_denied", "alice/sneaks");
        assertThat(tried.path("count").asInt()).isEqualTo(3);
        assertThat(tried.path("detail").asText()).contains("ORB-0221");

        tamper(alice, "alice/counts");
        Swarm.until(
                "the changed code is noticed",
                () -> {
                    alice.call("alice/counts", "");
                    return incident(alice, "code_changed", "alice/counts").has("count");
                });
        assertThat(alice.call("alice/counts", "").status()).as("made anew").isEqualTo(200);
        assertThat(alice.orb("incidents").ok().out())
                .contains("KIND", "egress_denied", "code_changed", "alice/counts");

        Swarm.until(
                "the tracker is told of both",
                () ->
                        incident(tracker, "egress_denied", "alice/sneaks").has("count")
                                && incident(tracker, "code_changed", "alice/counts").has("count"));
        JsonNode told = incident(tracker, "egress_denied", "alice/sneaks");
        assertThat(told.path("node").asText()).isEqualTo(alice.id());
        assertThat(told.path("owner").asText()).isEqualTo("alice");
        JsonNode all = tracker.json("incidents");
        assertThat(row(all.path("functions"), "function", "alice/sneaks").path("standing").asInt())
                .isEqualTo(90);
        assertThat(row(all.path("functions"), "function", "alice/counts")).isEmpty();
        Swarm.until(
                "the node's reputation",
                () ->
                        row(tracker.json("incidents").path("nodes"), "node", alice.id())
                                        .path("reputation")
                                        .asInt()
                                < 100);
        Api.Raw metrics = tracker.api().raw("GET", "/metrics", "", new byte[0], Map.of());
        String denied = "kind=\"egress_denied\",function=\"alice/sneaks\"";
        assertThat(new String(metrics.body(), StandardCharsets.UTF_8))
                .contains("orb_incidents_total{node=\"" + alice.id() + "\"," + denied + "} 3")
                .contains("orb_function_standing{function=\"alice/sneaks\"} 90");
    }

    /** Its row, or an empty object. */
    private static JsonNode incident(Member at, String kind, String function) {
        for (JsonNode each : at.json("incidents").path("incidents")) {
            if (each.path("kind").asText().equals(kind)
                    && each.path("function").asText().equals(function)) {
                return each;
            }
        }
        return Orb.parse("{}");
    }

    private static JsonNode row(JsonNode rows, String field, String value) {
        for (JsonNode each : rows) {
            if (each.path(field).asText().equals(value)) {
                return each;
            }
        }
        return Orb.parse("{}");
    }

    /** Changes a bit of the function's compiled code and ends the worker that has it in memory. */
    private static void tamper(Member node, String function) throws Exception {
        String artefact = node.json("fn", "describe", function).path("artefact").asText();
        Path code = node.folder().resolve("code/" + artefact.substring(0, 2) + "/" + artefact);
        Swarm.until(
                "the code is on the disk",
                () -> node.call(function, "").status() == 200 && Files.exists(code));
        byte[] bytes = Files.readAllBytes(code);
        bytes[bytes.length / 2] ^= 1;
        Files.write(code, bytes);
        ProcessHandle.of(node.control().pid())
                .orElseThrow()
                .descendants()
                .filter(CapabilityProcessTest::isWorker)
                .forEach(ProcessHandle::destroyForcibly);
    }

    private static boolean isWorker(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                    .contains("WorkerMain");
        } catch (IOException e) {
            return false; // it has ended
        }
    }

    /** Answers 202 and whether the field {@code x-key} was the secret. */
    private static void serve(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(
                                        socket.getInputStream(), StandardCharsets.US_ASCII));
                boolean isKnown = false;
                for (String line = in.readLine();
                        line != null && !line.isEmpty();
                        line = in.readLine()) {
                    isKnown |= line.equals("x-key: " + SECRET);
                }
                String answer = "HTTP/1.1 202 Accepted\r\n\r\nkey " + isKnown;
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // the end of the test, or a client that left
            }
        }
    }

    private static void keepSecret(Swarm swarm, Member owner, String function) throws Exception {
        Path value = swarm.folder("secret").resolve("value");
        Files.writeString(value, SECRET + "\n");
        Process set =
                Orb.process(
                                swarm.home(),
                                List.of(
                                        "secret",
                                        "set",
                                        function,
                                        "API_KEY",
                                        "--node",
                                        owner.folder().toString()))
                        .redirectInput(value.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(set.waitFor(Orb.WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(set.exitValue()).isZero();
        Files.delete(value);
    }

    /** Neither what it kept nor its secret can be read in any file of the node. */
    private static void assertNowhere(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertThat(content.contains(MARKER) || content.contains(SECRET))
                        .as(file.toString())
                        .isFalse();
            }
        }
    }
}
