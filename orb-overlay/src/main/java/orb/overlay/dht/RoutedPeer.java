package orb.overlay.dht;

import static orb.kernel.Require.require;

import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.overlay.PeerRecord;

/**
 * A peer of the hash table and how to reach it.
 *
 * @param id its Orb id, which the route was found to prove
 * @param route a record that only a world reads, 1..{@link PeerRecord#ROUTE_MAX} bytes
 * @param subnet peers of equal subnets may belong to one attacker; empty where that says nothing,
 *     as on loopback
 */
public record RoutedPeer(NodeId id, Bytes route, String subnet) {
    public RoutedPeer {
        require(
                !route.isEmpty() && route.length() <= PeerRecord.ROUTE_MAX,
                "a route has 1..%d bytes, not %d",
                PeerRecord.ROUTE_MAX,
                route.length());
    }
}
