package orb.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import orb.cli.client.Api;
import orb.cli.swarm.Peer;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/**
 * One HTTP server that answers hello, in a process of its own, with what was measured of it.
 *
 * <p>{@link #close} ends it. Not thread-safe.
 */
final class Contender implements AutoCloseable {
    private static final long START_NANOS_MAX = 60_000_000_000L;
    private static final long PAUSE_MILLIS = 20;
    private static final int END_SECONDS_MAX = 5;

    private static final String NODE_PROGRAM =
            """
            require('http').createServer((request, response) => {
              response.writeHead(200, {'content-type': 'text/plain', 'content-length': 13});
              response.end('Hello, world\\n');
            }).listen(0, '127.0.0.1', function () {
              console.log(`{"url":"http://127.0.0.1:${this.address().port}/"}`);
            });
            """;

    private final String name;
    private final Process process;
    private final String url;
    private final List<Round> rounds = new ArrayList<>();

    /** One load: what wrk saw, and processor time of a call in microseconds. */
    record Round(Load.Seen seen, double cpuMicros) {}

    private Contender(String name, Process process, String url) {
        this.name = name;
        this.process = process;
        this.url = url;
    }

    /** {@code orb serve} of this very program, with a module, a script or a folder. */
    static Contender orb(String name, Path function) throws IOException {
        return saying(
                name,
                List.of(Peer.launcher().toString(), "serve", "-o", "json", function.toString()));
    }

    /** A bare server of Node.js. */
    static Contender node() throws IOException {
        return saying("node", List.of("node", "-e", NODE_PROGRAM));
    }

    private static Contender saying(String name, List<String> words) throws IOException {
        Process process =
                new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        BufferedReader said =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String first = said.readLine();
        if (first == null) {
            process.destroyForcibly();
            throw new RefusedException(ErrorCode.NOT_RUNNING, name + " ended at its start");
        }
        String url = new ObjectMapper().readTree(first).path("url").asText();
        return new Contender(name, process, url);
    }

    /** workerd with a script that answers hello, on a free port. */
    static Contender workerd(Path binary, Path folder) throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Path config = Tools.resource(folder, "workerd.capnp");
        String text = Files.readString(config).replace(":PORT\"", ":" + port + "\"");
        Files.writeString(config, text);
        Process process =
                new ProcessBuilder(binary.toString(), "serve", config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("workerd.log").toFile())
                        .start();
        Contender made = new Contender("workerd", process, "http://127.0.0.1:" + port + "/");
        long until = System.nanoTime() + START_NANOS_MAX;
        while (!made.answers()) {
            if (!process.isAlive() || System.nanoTime() - until > 0) {
                String log = Files.readString(folder.resolve("workerd.log"));
                made.close();
                throw new RefusedException(ErrorCode.NOT_RUNNING, "workerd said: " + log.strip());
            }
            Peer.pause(PAUSE_MILLIS);
        }
        return made;
    }

    private boolean answers() {
        try {
            Api api = new Api(url.substring(0, url.length() - 1), "");
            return api.raw("GET", "/", "", new byte[0], java.util.Map.of()).status() == 200;
        } catch (IOException | RefusedException e) {
            return false;
        }
    }

    String name() {
        return name;
    }

    String url() {
        return url;
    }

    /** Loads it for so long and keeps what was seen. */
    void load(Load load, int seconds) throws IOException {
        List<Long> pids = List.of(process.pid());
        double before = ProcessUse.cpu(pids).toNanos();
        Load.Seen seen = load.run(url, seconds);
        double used = ProcessUse.cpu(pids).toNanos() - before;
        if (seen.failed() > 0) {
            throw new RefusedException(
                    ErrorCode.INTERNAL, name + " failed " + seen.failed() + " calls");
        }
        rounds.add(new Round(seen, used / 1000 / seen.count()));
    }

    double rate() {
        return median(rounds.stream().map(round -> round.seen.rate()).toList());
    }

    double p99() {
        return median(rounds.stream().map(round -> round.seen.p99()).toList());
    }

    double cpuMicros() {
        return median(rounds.stream().map(Round::cpuMicros).toList());
    }

    long count() {
        return rounds.stream().mapToLong(round -> round.seen.count()).sum();
    }

    /** MiB of resident memory at present. */
    double memory() throws IOException {
        return ProcessUse.resident(process.pid());
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
