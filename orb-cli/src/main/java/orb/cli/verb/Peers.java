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
        description = {
            "Peers that this node knows, and its links to them.",
            "LINK    dialled, accepted: it stands directly. relay: a tracker passes calls on, as"
                    + " to",
            "        a node behind a router. none: not reached now.",
            "LIVE    linked here, or named in the last 25 s by a tracker that is linked here.",
            "SOURCE  where it was first heard of: bootstrap list, tracker, hash table (dht),"
                    + " itself",
            "        (peer)."
        },
        mixinStandardHelpOptions = true)
public final class Peers implements Callable<Integer> {
    @Mixin private Options options = new Options();

    @Option(
            names = "--connections",
            description = "Only peers that are linked, or reached through a tracker.")
    private boolean connections;

    @Option(names = "--live", description = "Only peers that are there now.")
    private boolean live;

    @Override
    public Integer call() throws IOException {
        options.out()
                .rows(
                        options.api().get("/v1/peers?linked=" + connections + "&live=" + live),
                        "id",
                        "role",
                        "address",
                        "source",
                        "link",
                        "live",
                        "lastSeen");
        return ExitCode.OK;
    }
}
