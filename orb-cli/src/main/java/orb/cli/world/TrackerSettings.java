package orb.cli.world;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import orb.host.hashgraph.Roster;

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
 * @param roster the trackers that order entries together, with the swarm that they serve; empty for
 *     a tracker that orders alone
 * @param swarm name of the swarm that it founds if its folder is new and no file names one
 * @param epoch settlement epoch of that swarm
 * @param isolation what stands between the tracker and the functions that it runs
 * @param discoveryPort UDP port of its part in the hash table, 0 for any free one; empty if it has
 *     none
 */
public record TrackerSettings(
        Path folder,
        String domain,
        boolean dev,
        int port,
        int httpPort,
        int apiPort,
        Optional<Path> bootstrap,
        Optional<Roster> roster,
        String swarm,
        Duration epoch,
        Isolation isolation,
        Optional<Integer> discoveryPort) {}
