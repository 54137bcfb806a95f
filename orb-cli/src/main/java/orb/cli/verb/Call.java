package orb.cli.verb;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Api;
import orb.cli.client.Output;
import orb.kernel.FunctionName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orb invoke}: calls a function through this node, which need not host it. */
@Command(
        name = "invoke",
        description = "Calls a function through this node.",
        mixinStandardHelpOptions = true)
public final class Call implements Callable<Integer> {
    @Mixin private Options options = new Options();

    @Parameters(paramLabel = "OWNER/NAME")
    private String function = "";

    @Option(
            names = {"-d", "--data"},
            paramLabel = "TEXT|@FILE",
            description = "The body; @FILE reads it, @- reads standard input.")
    private Optional<String> data = Optional.empty();

    @Option(names = "--path", description = "Path below the function.", defaultValue = "/")
    private String path = "/";

    @Option(names = "--query", description = "Query, such as w=128.", defaultValue = "")
    private String query = "";

    @Option(names = "--save", paramLabel = "FILE", description = "Writes the answer's body there.")
    private Optional<Path> save = Optional.empty();

    @Override
    public Integer call() throws IOException {
        byte[] body = data.isPresent() ? content(data.get()) : new byte[0];
        String target =
                FunctionName.parse(function).path().substring(2)
                        + (path.equals("/") ? "" : path)
                        + (query.isEmpty() ? "" : "?" + query);
        Api.Raw raw =
                options.api()
                        .raw(
                                "POST",
                                "/v1/invoke" + target,
                                "application/octet-stream",
                                body,
                                Map.of());
        show(raw);
        return raw.status() < 400 ? ExitCode.OK : ExitCode.FAILED;
    }

    private void show(Api.Raw raw) throws IOException {
        if (save.isPresent()) {
            Files.write(save.get(), raw.body());
        } else if (options.out().format() == Output.Format.TABLE) {
            System.out.write(raw.body());
            if (raw.body().length > 0 && raw.body()[raw.body().length - 1] != '\n') {
                System.out.println();
            }
        }
        ObjectNode record = JsonNodeFactory.instance.objectNode();
        record.put("status", raw.status());
        raw.headers().forEach((name, value) -> addOrbHeader(record, name, value));
        if (options.out().format() == Output.Format.TABLE) {
            options.out()
                    .say(
                            "status "
                                    + raw.status()
                                    + ", served by "
                                    + raw.headers().getOrDefault("x-orb-served-by", "nobody")
                                    + ", call "
                                    + raw.headers().getOrDefault("x-orb-call", "-"));
        } else {
            record.put("body", new String(raw.body(), StandardCharsets.UTF_8));
            options.out().object(record);
        }
    }

    private static void addOrbHeader(ObjectNode record, String name, String value) {
        if (name.startsWith("x-orb-")) {
            record.put(name.substring(6), value);
        }
    }

    /** The bytes that {@code TEXT}, {@code @FILE} or {@code @-} stands for. */
    static byte[] content(String text) throws IOException {
        if (text.equals("@-")) {
            return System.in.readAllBytes();
        }
        return text.startsWith("@")
                ? Files.readAllBytes(Path.of(text.substring(1)))
                : text.getBytes(StandardCharsets.UTF_8);
    }
}
