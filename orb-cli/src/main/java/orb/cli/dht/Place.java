package orb.cli.dht;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import orb.host.discovery.Discv5;
import orb.kernel.Address;
import orb.kernel.Contact;
import orb.kernel.Digest;
import orb.kernel.identity.KeyPair;

/**
 * Where a peer's part of the hash table listens, UDP.
 *
 * @param bind address of this machine
 * @param port 0 for any free one
 * @param announced where others reach it; empty if they have to say where they see it
 */
public record Place(InetAddress bind, int port, Optional<InetAddress> announced) {
    /** Of a peer that others dial there: a tracker, or a node that listens. */
    public static Place at(String host, int port) throws IOException {
        InetAddress address = InetAddress.getByName(host);
        return new Place(address.isLoopbackAddress() ? address : any(), port, Optional.of(address));
    }

    /**
     * Of a node: where it listens; on loopback if all trackers that it knows are there; else
     * anywhere, and others say where they see it.
     */
    public static Place ofNode(Optional<Address> listen, List<Contact> trackers, int port)
            throws IOException {
        if (listen.isPresent()) {
            return at(listen.get().host(), port);
        }
        if (trackers.isEmpty()) {
            return new Place(any(), port, Optional.empty());
        }
        for (Contact tracker : trackers) {
            InetAddress address = InetAddress.getByName(tracker.address().host());
            if (!address.isLoopbackAddress()) {
                return new Place(any(), port, Optional.empty());
            }
        }
        return at(InetAddress.getLoopbackAddress().getHostAddress(), port);
    }

    private static InetAddress any() throws IOException {
        return InetAddress.getByAddress(new byte[4]);
    }

    /** What discv5 is started with. */
    public Discv5.Settings settings(Digest network, KeyPair key) {
        return new Discv5.Settings(network, key, new InetSocketAddress(bind, port), announced);
    }
}
