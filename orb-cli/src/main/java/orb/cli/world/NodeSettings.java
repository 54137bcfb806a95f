package orb.cli.world;

import java.nio.file.Path;
import java.util.Optional;
import orb.host.capability.Egress;
import orb.kernel.Address;

/**
 * What a node process is started with.
 *
 * @param folder its data folder
 * @param bootstrap file of known trackers and the genesis
 * @param listen where other nodes may dial it
 * @param apiPort control plane on loopback, 0 for any free port
 * @param gatewayPort function endpoints on loopback, 0 for any free port
 * @param seedsNever whether it hosts nothing of others
 * @param capacity invocations at once, 0 for two a processor
 * @param isolation what stands between the node and the functions that it runs
 * @param egress where functions may send requests
 * @param limits what its owner lets it take of the machine
 * @param discoveryPort UDP port of its part in the hash table, 0 for any free one; empty if it has
 *     none
 */
public record NodeSettings(
        Path folder,
        Path bootstrap,
        Optional<Address> listen,
        int apiPort,
        int gatewayPort,
        boolean seedsNever,
        int capacity,
        Isolation isolation,
        Egress egress,
        OwnerLimits limits,
        Optional<Integer> discoveryPort) {}
