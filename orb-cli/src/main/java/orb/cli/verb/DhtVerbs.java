package orb.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Output;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.RefusedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code orb dht ...}: what all peers hold together. */
@Command(
        name = "dht",
        description = "Looks up what the peers of the swarm hold together.",
        mixinStandardHelpOptions = true,
        subcommands = DhtVerbs.Get.class)
public final class DhtVerbs {
    private DhtVerbs() {}

    /** {@code orb dht get}. */
    @Command(
            name = "get",
            description = {
                "A signed record and the way on which it was found.",
                "node:ID says what a node or tracker says of itself, fn:OWNER/NAME who seeds a",
                "function. No tracker is asked."
            },
            mixinStandardHelpOptions = true)
    static final class Get implements Callable<Integer> {
        private static final String NODE = "node:";
        private static final String FUNCTION = "fn:";

        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "KEY", description = "node:ID or fn:OWNER/NAME.")
        private String key = "";

        @Override
        public Integer call() throws IOException {
            JsonNode answer = options.api().get(path());
            if (options.out().format() == Output.Format.TABLE) {
                for (JsonNode record : answer.path("records")) {
                    options.out().object(record);
                    options.out().line("");
                }
                options.out().line("found after " + answer.path("hops").asInt() + " hops");
                options.out()
                        .rows(answer.path("path"), "peer", "hops", "sharedBits", "answer", "count");
            } else {
                options.out().object(answer);
            }
            return ExitCode.OK;
        }

        /** The route of the key; says what is wrong with one that is none. */
        private String path() {
            if (key.startsWith(NODE)) {
                return "/v1/dht/nodes/" + NodeId.parse(key.substring(NODE.length()));
            }
            if (key.startsWith(FUNCTION)) {
                FunctionName name = FunctionName.parse(key.substring(FUNCTION.length()));
                return "/v1/dht/functions/" + name;
            }
            throw new RefusedException(
                    ErrorCode.BAD_ARGUMENT, "a key is node:ID or fn:OWNER/NAME, not " + key);
        }
    }
}
