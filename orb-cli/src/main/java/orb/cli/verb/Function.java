package orb.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Output;
import orb.host.build.Manifest;
import orb.host.build.ScriptMap;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.sandbox.Scripts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orb fn ...}: what there is and how it does. */
@Command(
        name = "fn",
        description = "Functions: list, search, describe, subscribe, logs.",
        mixinStandardHelpOptions = true,
        subcommands = {
            Function.Ls.class,
            Function.Search.class,
            Function.Describe.class,
            Function.Logs.class,
            Function.Subscribe.class,
            Function.Stats.class,
            Deploy.Profile.class,
            Call.class
        })
public final class Function {
    private static final String[] COLUMNS = {
        "name", "version", "shape", "plan", "complexity", "seeders", "calls", "path"
    };

    private Function() {}

    /** Functions deployed from this node. */
    @Command(
            name = "ls",
            description = "Functions of the logged-in owner.",
            mixinStandardHelpOptions = true)
    static final class Ls implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Override
        public Integer call() throws IOException {
            JsonNode functions = options.api().get("/v1/functions?mine=true");
            options.out().rows(functions, COLUMNS);
            if (functions.isEmpty() && options.out().format() == Output.Format.TABLE) {
                options.out().say("Nothing deployed yet. Try: orb new hello && orb deploy hello");
            }
            return ExitCode.OK;
        }
    }

    /** Functions of the whole swarm. */
    @Command(
            name = "search",
            description = "Functions of the swarm whose name or owner contains a text.",
            mixinStandardHelpOptions = true)
    static final class Search implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(arity = "0..1", paramLabel = "TEXT", defaultValue = "")
        private String text = "";

        @Override
        public Integer call() throws IOException {
            String query = URLEncoder.encode(text, StandardCharsets.UTF_8);
            options.out().rows(options.api().get("/v1/functions?search=" + query), COLUMNS);
            return ExitCode.OK;
        }
    }

    /** One function in full. */
    @Command(
            name = "describe",
            description = "All that this node knows of a function.",
            mixinStandardHelpOptions = true)
    static final class Describe implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "OWNER/NAME")
        private String function = "";

        @Override
        public Integer call() throws IOException {
            options.out().object(options.api().get(path(function)));
            return ExitCode.OK;
        }
    }

    /** What a function wrote. */
    @Command(
            name = "logs",
            description = "What a function wrote when it ran on this node, and how it failed.",
            mixinStandardHelpOptions = true)
    static final class Logs implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "OWNER/NAME")
        private String function = "";

        @Option(
                names = "--source",
                paramLabel = "DIR",
                defaultValue = ".",
                description = "Its folder, for lines of the source. Default: this one.")
        private Path folder = Path.of(".");

        @Override
        public Integer call() throws IOException {
            JsonNode rows = options.api().get(path(function) + "/logs");
            if (rows.toString().contains(Scripts.SHORTENED)) {
                explain(rows);
            }
            options.out().rows(rows, "at", "call", "text");
            return ExitCode.OK;
        }

        private void explain(JsonNode rows) throws IOException {
            String artefact = options.api().get(path(function)).path("artefact").asText();
            Optional<ScriptMap> map = ScriptMap.find(folder, Digest.parse(artefact));
            if (map.isEmpty()) {
                options.out()
                        .say(
                                "no map of this version in "
                                        + folder
                                        + "/.orb: name its folder with --source to see lines");
                return;
            }
            String file = Manifest.read(folder).orThrow().source().orElse(Scripts.SHORTENED);
            for (JsonNode row : rows) {
                ((ObjectNode) row).put("text", map.get().explain(row.path("text").asText(), file));
            }
        }
    }

    /** Getting ready to pay for calls. */
    @Command(
            name = "subscribe",
            description = "Sets credits aside for calls of functions, and shows the price.",
            mixinStandardHelpOptions = true)
    static final class Subscribe implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "OWNER/NAME")
        private String function = "";

        @Option(
                names = "--credits",
                description = "Credits to set aside; what is not spent comes back.",
                defaultValue = "5")
        private long credits = 5;

        @Override
        public Integer call() throws IOException {
            options.out()
                    .object(
                            options.api()
                                    .post(
                                            path(function) + "/subscribe",
                                            com.fasterxml.jackson.databind.node.JsonNodeFactory
                                                    .instance
                                                    .objectNode()
                                                    .put("credits", credits)));
            options.out().say("Call it with: orb invoke " + function + " -d '...'");
            return ExitCode.OK;
        }
    }

    /** The statistics engine. */
    @Command(
            name = "stats",
            description = "Calls, errors, bytes, processor time and latency on this node.",
            mixinStandardHelpOptions = true)
    static final class Stats implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Override
        public Integer call() throws IOException {
            options.out()
                    .rows(
                            options.api().get("/v1/stats"),
                            "function",
                            "calls",
                            "errors",
                            "bytesIn",
                            "bytesOut",
                            "fuel",
                            "cpuMillis",
                            "p50Millis",
                            "p99Millis",
                            "peakMemory",
                            "earned");
            return ExitCode.OK;
        }
    }

    static String path(String function) {
        FunctionName name = FunctionName.parse(function);
        return "/v1/functions/" + name.owner() + "/" + name.name();
    }
}
