package orb.sim.growth;

import java.util.Arrays;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.NodeId;

/**
 * Stands for a node record of discv5, which only the real world can write: as long as one with an
 * IPv4 address, and of no other peer.
 */
final class SimRoute {
    /** An EIP-778 record with the fields of {@code docs/protocol/dht.md}. */
    static final int LENGTH = 242;

    private SimRoute() {}

    static Bytes of(NodeId id) {
        byte[] route = Arrays.copyOf(id.digest().bytes().array(), LENGTH);
        byte[] rest = Digest.of(id.digest().bytes()).bytes().array();
        for (int at = rest.length; at < LENGTH; at += rest.length) {
            System.arraycopy(rest, 0, route, at, Math.min(rest.length, LENGTH - at));
        }
        return Bytes.wrap(route);
    }

    /** The peer that a route names; whether it proves it is for the caller to compare. */
    static NodeId named(Bytes route) {
        return new NodeId(new Digest(route.slice(0, Digest.LENGTH)));
    }
}
