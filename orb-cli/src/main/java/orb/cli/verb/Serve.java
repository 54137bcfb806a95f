package orb.cli.verb;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Output;
import orb.cli.serve.AloneServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orb serve}: a function alone behind an HTTP port of this machine. */
@Command(
        name = "serve",
        description = {
            "Serves one function over HTTP on loopback, with no swarm.",
            "Every request gets a fresh sandbox with the limits of orb.yaml. The function is",
            "built again when its files change. What it prints goes to standard error. Ends with",
            "Ctrl-C."
        },
        mixinStandardHelpOptions = true)
public final class Serve implements Callable<Integer> {
    private static final int THREADS_MAX = 64;

    @Mixin private Options options = new Options();

    @Parameters(
            paramLabel = "FILE|DIR",
            arity = "0..1",
            description = "A .orb file, a .wasm module, a .js script, or a folder with orb.yaml.")
    private Path file = Path.of(".");

    @Option(names = "--port", defaultValue = "0", description = "0: any free port.")
    private int port;

    @Option(
            names = "--threads",
            defaultValue = "0",
            description = "Runs at once, 1..64. 0: one for each processor.")
    private int threads;

    @Override
    public Integer call() throws IOException {
        Output out = options.out();
        int each = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        int count = Math.clamp(each, 1, THREADS_MAX);
        InetSocketAddress asked = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (AloneServer server = AloneServer.start(file, asked, count, out::say)) {
            ObjectNode facts = JsonNodeFactory.instance.objectNode();
            facts.put("url", server.url());
            facts.put("threads", count);
            facts.put("artefact", server.artefact().toString());
            if (out.format() == Output.Format.TABLE) {
                out.line("Serving " + file + " at " + server.url() + "   (Ctrl-C ends it)");
            } else {
                out.event(facts);
            }
            server.awaitEnd();
        }
        return ExitCode.OK;
    }
}
