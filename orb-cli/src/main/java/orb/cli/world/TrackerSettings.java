package orb.cli.world;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What a tracker process is started with.
 *
 * @param folder its data folder
 * @param domain public domain name, empty only with {@code dev}
 * @param dev whether it runs on loopback for development
 * @param port where nodes dial
 * @param httpPort function endpoints
 * @param apiPort control plane on loopback
 * @param bootstrap names the other trackers of its swarm, and the genesis of a new folder
 * @param roster trackers that agree on the order of entries, this one among them; without it this
 *     tracker orders alone
 * @param swarm name of the swarm that it founds if its folder is new and no file names one
 * @param epoch settlement epoch of that swarm
 * @param inProcess whether functions run inside the tracker, with no wall but the sandbox
 */
public record TrackerSettings(
        Path folder,
        String domain,
        boolean dev,
        int port,
        int httpPort,
        int apiPort,
        Optional<Path> bootstrap,
        Optional<Path> roster,
        String swarm,
        Duration epoch,
        boolean inProcess) {}
