package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import orb.cli.client.Api;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A call on a real node ends at its function's lifetime, and nothing of it is found afterwards. */
@ExtendWith(SharedSwarm.class)
@Timeout(240)
class LifetimeProcessTest {
    private static final String MARKER = "numbat-1702";
    private static final Duration LIFETIME = Duration.ofSeconds(3);
    private static final String LINGERS =
            """
            export default {
              async fetch(request) {
                const text = await request.text();
                console.log(text);
                if (text.startsWith('spin')) { for (;;) {} }
                if (text.startsWith('wait')) {
                  await fetch('ORIGIN/slow', { method: 'POST', body: text });
                }
                return { text };
              },
            };
            """;

    private static Path source(Swarm swarm, String origin) throws IOException {
        String text = LINGERS.replace("ORIGIN", origin);
        Path folder = Sources.script(swarm.folder("lingers"), "lingers", text);
        Path manifest = folder.resolve("orb.yaml");
        String limits = "fuel: 1000000000000, wall: " + LIFETIME.toSeconds() + "s";
        Files.writeString(
                manifest, Files.readString(manifest).replaceAll("fuel: [0-9]+, wall: 10s", limits));
        Files.writeString(
                manifest,
                "capabilities:\n  http: [ \"" + origin + "\" ]\n",
                StandardOpenOption.APPEND);
        return folder;
    }

    private static void endsAtItsLifetime(Member node, String body) throws IOException {
        long begun = System.nanoTime();
        Api.Raw raw = node.call("alice/lingers", body);
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        assertThat(raw.status()).as(body).isEqualTo(504);
        assertThat(new String(raw.body(), StandardCharsets.UTF_8)).contains("ORB-0203");
        assertThat(took).as(body).isBetween(LIFETIME, LIFETIME.plusSeconds(7));
    }

    private static List<Long> processes(Member node) {
        return ProcessHandle.of(node.control().pid())
                .orElseThrow()
                .descendants()
                .map(ProcessHandle::pid)
                .sorted()
                .toList();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** Sockets that the node and what it started hold open to a port of this machine. */
    private static long connectionsTo(int port) throws IOException {
        String remote = String.format(":%04X", port);
        List<String> lines = new ArrayList<>(Files.readAllLines(Path.of("/proc/net/tcp")));
        lines.addAll(Files.readAllLines(Path.of("/proc/net/tcp6")));
        return lines.stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(parts -> parts.length > 3 && parts[2].endsWith(remote))
                .filter(parts -> parts[3].equals("01")) // established
                .count();
    }

    @Test
    @Tag("I4")
    void aCallEndsAtItsLifetimeAndNothingOfItIsLeftOnTheNode(Swarm swarm) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            CompletableFuture<String> reached = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> hold(server, reached));
            Member alice = swarm.member("alice");
            String origin = "http://127.0.0.1:" + server.getLocalPort();
            Path folder = source(swarm, origin);
            alice.orb("deploy", folder.toString(), "--plan", "sponsored").ok();
            assertThat(alice.call("alice/lingers", "warm").status()).isEqualTo(200);
            Swarm.until("what compiled has ended", () -> isQuiet(alice));
            List<Long> processes = processes(alice);
            TreeSet<Path> files = new TreeSet<>(files(alice.folder()));

            endsAtItsLifetime(alice, "spin " + MARKER);
            endsAtItsLifetime(alice, "wait " + MARKER);

            assertThat(reached.get(10, TimeUnit.SECONDS)).as("it had sent").startsWith("POST");
            Swarm.until("its connection is gone", () -> connectionsTo(server.getLocalPort()) == 0);
            assertThat(processes(alice)).as("the standing worker alone").isEqualTo(processes);
            assertThat(new TreeSet<>(files(alice.folder()))).as("no new file").isEqualTo(files);
            for (Path file : files(swarm.home())) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1).contains(MARKER))
                        .as(file.toString())
                        .isFalse();
            }
            assertThat(alice.call("alice/lingers", "again").status()).isEqualTo(200);
        }
    }

    private static boolean isQuiet(Member node) {
        return ProcessHandle.of(node.control().pid())
                .orElseThrow()
                .descendants()
                .noneMatch(each -> commandLine(each).contains("CompilerMain"));
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
        } catch (IOException e) {
            return ""; // it has ended
        }
    }

    /** Takes requests and never answers; tells the first line of the first. */
    private static void hold(ServerSocket server, CompletableFuture<String> reached) {
        List<Socket> held = Collections.synchronizedList(new ArrayList<>());
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                held.add(socket);
                byte[] head = new byte[200];
                int length = socket.getInputStream().read(head);
                reached.complete(
                        new String(head, 0, Math.max(0, length), StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // the end of the test
            }
        }
    }
}
