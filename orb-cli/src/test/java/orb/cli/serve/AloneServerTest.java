package orb.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A function alone behind a port of this machine, as {@code orb serve} has it. */
@Timeout(180)
class AloneServerTest {
    private static final InetSocketAddress ANYWHERE =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @TempDir private Path folder;
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
    private final HttpClient client = HttpClient.newHttpClient();

    private AloneServer serving(Path file) throws IOException {
        return AloneServer.start(file, ANYWHERE, 2, said::add);
    }

    private Path script(String text) throws IOException {
        return Files.writeString(folder.resolve("f.js"), text);
    }

    private HttpResponse<String> get(AloneServer server, String path) throws Exception {
        URI url = URI.create(server.url()).resolve(path);
        return client.send(
                HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    @Tag("A8")
    void everyPathIsTheFunctionsAndEveryCallHasAFreshSandbox() throws Exception {
        Path file =
                script(
                        """
                        let calls = 0;
                        export default { fetch(request) {
                          calls++;
                          console.log('called');
                          return new Response(`${new URL(request.url).pathname} ${calls}`);
                        } };
                        """);
        try (AloneServer server = serving(file)) {
            assertThat(get(server, "/").body()).isEqualTo("/ 1");
            assertThat(get(server, "/f/any/path").body()).isEqualTo("/f/any/path 1");
            assertThat(get(server, "/f/local/function/own?z").body()).isEqualTo("/own 1");
            HttpResponse<String> last = get(server, "/x?y=1");

            assertThat(last.body()).isEqualTo("/x 1");
            assertThat(last.headers().firstValue("x-orb-fuel").orElse("")).matches("[1-9][0-9]*");
            assertThat(said.poll(60, TimeUnit.SECONDS)).contains("called");
        }
    }

    @Test
    @Tag("H2")
    void whatTheSandboxStopsHasTheCodeThatANodeGives() throws Exception {
        Path file =
                script(
                        """
                        export default { fetch(request) {
                          if (request.url.endsWith('/loop')) for (;;);
                          if (request.url.endsWith('/fail')) throw new Error('on purpose');
                          return new Response('fine');
                        } };
                        """);
        Files.writeString(
                folder.resolve("orb.yaml"),
                """
                name: f
                version: 1.0.0
                source: f.js
                limits: { memory: 64MiB, fuel: 30000000, wall: 5m }
                """);
        assertThat(file).hasParent(folder);
        try (AloneServer server = serving(folder)) {
            HttpResponse<String> loop = get(server, "/loop");
            HttpResponse<String> fail = get(server, "/fail");

            assertThat(loop.statusCode()).isEqualTo(ErrorCode.OUT_OF_FUEL.httpStatus());
            assertThat(loop.body()).contains("ORB-0201");
            assertThat(fail.body()).contains("ORB-0202", "on purpose");
            assertThat(get(server, "/").body()).isEqualTo("fine");
        }
    }

    @Test
    void aChangedFileIsServedWithoutANewStartAndABrokenOneIsNot() throws Exception {
        Path file = script("export default { fetch() { return new Response('first'); } };");
        try (AloneServer server = serving(file)) {
            Thread watching = Thread.ofVirtual().start(server::awaitEnd);
            assertThat(get(server, "/").body()).isEqualTo("first");

            change(file, "export default { fetch() { return new Response('second'); } };", 1);
            assertThat(said.poll(60, TimeUnit.SECONDS)).startsWith("built again");
            assertThat(get(server, "/").body()).isEqualTo("second");

            change(file, "export default { fetch( };", 2);
            assertThat(said.poll(60, TimeUnit.SECONDS)).contains("ORB-01");
            assertThat(get(server, "/").body()).isEqualTo("second");
            watching.interrupt();
            watching.join();
        }
    }

    private static void change(Path file, String text, int minutes) throws IOException {
        Path other = Files.writeString(file.resolveSibling("other"), text);
        long later = System.currentTimeMillis() + 60_000L * minutes;
        Files.setLastModifiedTime(other, FileTime.fromMillis(later));
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        Path file = script("export default { fetch() { return new Response(''); } };");
        try (AloneServer server = serving(file)) {
            int port = URI.create(server.url()).getPort();
            InetSocketAddress taken = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);

            assertThatThrownBy(() -> AloneServer.start(file, taken, 1, said::add))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused ->
                                    assertThat(refused.refusal().code())
                                            .isEqualTo(ErrorCode.PORT_IN_USE));
        }
    }
}
