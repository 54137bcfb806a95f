package orb.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The least that answers the same call without a sandbox, a receipt or anything else: an HTTP
 * server of Node.js. What a machine is worth shows in it, so figures are given beside it.
 */
final class ReferenceServer implements AutoCloseable {
    private static final String PROGRAM =
            """
            require('http').createServer((request, response) => {
              let body = '';
              request.on('data', piece => body += piece);
              request.on('end', () => {
                const input = JSON.parse(body);
                const output = JSON.stringify({ sum: input.a + input.b });
                response.writeHead(200, {
                  'content-type': 'application/json', 'content-length': output.length });
                response.end(output);
              });
            }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
            """;

    private final Process process;
    private final String url;

    private ReferenceServer(Process process, String url) {
        this.process = process;
        this.url = url;
    }

    /** Starts it on a free port of loopback; empty where there is no Node.js. */
    static Optional<ReferenceServer> start() throws IOException {
        Process process;
        try {
            process =
                    new ProcessBuilder("node", "-e", PROGRAM)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
        } catch (IOException e) {
            return Optional.empty();
        }
        BufferedReader said =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String port = said.readLine();
        if (port == null) {
            process.destroyForcibly();
            return Optional.empty();
        }
        return Optional.of(new ReferenceServer(process, "http://127.0.0.1:" + port + "/"));
    }

    String url() {
        return url;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
