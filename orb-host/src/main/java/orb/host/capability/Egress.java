package orb.host.capability;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;

/** Where a node lets functions send requests, whatever they are granted. */
public enum Egress {
    /** Nowhere: the node's owner said {@code --no-egress}. */
    NONE,
    /** To addresses of the public internet alone. */
    PUBLIC,
    /**
     * Also to this machine and private networks, if the grant names the address itself: for swarms
     * on loopback.
     */
    DEV;

    /**
     * Whether a connection to this address is allowed: what stands behind a name is checked, and
     * then that address is dialled, so a name cannot change its meaning in between.
     *
     * @param isLiteral whether the grant names the address itself and not a name
     */
    boolean allows(InetAddress address, boolean isLiteral) {
        return switch (this) {
            case NONE -> false;
            case PUBLIC -> isPublic(address);
            case DEV ->
                    isPublic(address)
                            || (isLiteral
                                    && (address.isLoopbackAddress()
                                            || address.isSiteLocalAddress()));
        };
    }

    /** Unicast and of the internet; IANA's registries of special-purpose addresses. */
    private static boolean isPublic(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        return switch (address) {
            case Inet4Address four -> isPublic4(four.getAddress());
            case Inet6Address six -> isPublic6(six.getAddress());
            default -> false;
        };
    }

    private static boolean isPublic4(byte... address) {
        int a = address[0] & 0xff;
        int b = address[1] & 0xff;
        int c = address[2] & 0xff;
        return a != 0
                && a < 240
                && !(a == 100 && b >= 64 && b < 128) // carriers' own networks
                && !(a == 192 && b == 0 && (c == 0 || c == 2))
                && !(a == 198 && (b == 18 || b == 19 || (b == 51 && c == 100)))
                && !(a == 203 && b == 0 && c == 113);
    }

    /** Global unicast is 2000::/3; within it, what carries an IPv4 address or documents. */
    private static boolean isPublic6(byte... address) {
        boolean global = (address[0] & 0xe0) == 0x20;
        boolean sixToFour = address[0] == 0x20 && address[1] == 0x02;
        boolean special = starts(address, 0x20, 0x01, 0x00) || starts(address, 0x20, 0x01, 0x01);
        boolean documents = starts(address, 0x20, 0x01, 0x0d, 0xb8) || starts(address, 0x3f, 0xff);
        return global && !sixToFour && !special && !documents;
    }

    private static boolean starts(byte[] address, int... with) {
        byte[] head = new byte[with.length];
        for (int i = 0; i < with.length; i++) {
            head[i] = (byte) with[i];
        }
        return Arrays.equals(address, 0, head.length, head, 0, head.length);
    }
}
