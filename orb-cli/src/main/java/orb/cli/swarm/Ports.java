package orb.cli.swarm;

import static orb.kernel.Require.require;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.OptionalInt;

/**
 * Where a swarm on this machine listens: a block of ports, or any that are free.
 *
 * @param first of the block, empty for ports that are free when they are asked for
 */
public record Ports(OptionalInt first) {
    /** A block is so many ports from its first on. */
    public static final int BLOCK = 60;

    /** The ports of {@code orb up}. */
    public static final Ports STANDARD = from(7440);

    private static final int GROUP = 10;

    /** What listens; each has ten ports of the block. */
    enum Listener {
        /** Where peers link: the first tracker, three nodes, the other trackers. */
        LINK(0),
        /** Where trackers exchange events. */
        GOSSIP(1),
        /** Where trackers fetch entries from each other. */
        LOG(2),
        /** Function endpoints and gateways, as {@link #LINK}. */
        HTTP(4),
        /** APIs and consoles, as {@link #LINK}. */
        API(5);

        private final int group;

        Listener(int group) {
            this.group = group;
        }
    }

    /** The block from this port on. */
    public static Ports from(int first) {
        require(first >= 1 && first <= 65_535 - BLOCK, "a block starts at 1..65475, not %d", first);
        return new Ports(OptionalInt.of(first));
    }

    /** Any ports that are free, for a swarm that does not stay. */
    public static Ports free() {
        return new Ports(OptionalInt.empty());
    }

    /** The port of a listener's peer number {@code place}, 0..9; 0 for any that is free. */
    int of(Listener listener, int place) {
        require(place >= 0 && place < GROUP, "a swarm has places 0..9, not %d", place);
        return first.isPresent() ? first.getAsInt() + GROUP * listener.group + place : 0;
    }

    /** Where the first tracker of a block listens for peers, callers and its owner. */
    public List<Integer> firsts() {
        return List.of(of(Listener.LINK, 0), of(Listener.HTTP, 0), of(Listener.API, 0));
    }

    /** As {@link #of}, where the port must be known before anything listens there. */
    int known(Listener listener, int place) throws IOException {
        int port = of(listener, place);
        if (port != 0) {
            return port;
        }
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
