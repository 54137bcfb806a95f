package orb.cli.verb;

import java.util.Optional;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;
import picocli.CommandLine.Option;

/** Whether a peer takes part in the hash table, and where. */
final class DiscoveryChoice {
    private static final int PORT_MAX = 65_535;

    @Option(
            names = "--discovery-port",
            paramLabel = "PORT",
            description =
                    "UDP port of its part in the hash table. Default: a tracker's the number of"
                            + " --port, a node's any free one.")
    private Optional<Integer> port = Optional.empty();

    @Option(
            names = "--no-discovery",
            description = "Takes no part in the hash table: it is found through trackers alone.")
    private boolean off;

    /** The port, or empty for none. */
    Optional<Integer> port(int standard) {
        int chosen = port.orElse(standard);
        if (chosen < 0 || chosen > PORT_MAX) {
            throw new RefusedException(
                    ErrorCode.BAD_ARGUMENT, "--discovery-port is 0..65535, not " + chosen);
        }
        return off ? Optional.empty() : Optional.of(chosen);
    }
}
