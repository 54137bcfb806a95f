package orb.cli.verb;

import java.io.IOException;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code orb peers}: other members as seen from this node. */
@Command(
        name = "peers",
        description = "Peers that this node knows, and its links to them.",
        mixinStandardHelpOptions = true)
public final class Peers implements Callable<Integer> {
    @Mixin private Options options = new Options();

    @Option(names = "--connections", description = "Only peers with a standing link.")
    private boolean connections;

    @Override
    public Integer call() throws IOException {
        options.out()
                .rows(
                        options.api().get("/v1/peers" + (connections ? "?linked=true" : "")),
                        "id",
                        "role",
                        "address",
                        "source",
                        "link",
                        "lastSeen");
        return ExitCode.OK;
    }
}
