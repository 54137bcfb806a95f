package orb.cli.world;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;

/** Whether a domain name leads the public to this machine (requirement B2). */
final class Domains {
    /** Looks names up; the system's resolver, or a fixed table in tests. */
    interface Resolver {
        InetAddress[] resolve(String name) throws UnknownHostException;
    }

    private Domains() {}

    /** Why the domain does not serve, or empty if it does. */
    static Optional<Refusal> refuse(String domain, Resolver resolver) {
        if (domain.isEmpty()) {
            return unreachable("a tracker needs a domain name");
        }
        if (!domain.matches("([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}")) {
            return unreachable("'" + domain + "' is not a public domain name");
        }
        List<InetAddress> addresses;
        try {
            addresses = List.of(resolver.resolve(domain));
        } catch (UnknownHostException e) {
            return unreachable(domain + " does not resolve to an address");
        }
        for (InetAddress address : addresses) {
            if (!isPublic(address)) {
                return unreachable(
                        domain
                                + " resolves to "
                                + address.getHostAddress()
                                + ", which is not public");
            }
        }
        return Optional.empty();
    }

    static boolean isPublic(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean carrierGrade =
                bytes.length == 4 && (bytes[0] & 0xff) == 100 && (bytes[1] & 0xc0) == 0x40;
        boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
        return !address.isLoopbackAddress()
                && !address.isAnyLocalAddress()
                && !address.isLinkLocalAddress()
                && !address.isSiteLocalAddress()
                && !address.isMulticastAddress()
                && !carrierGrade
                && !uniqueLocal;
    }

    private static Optional<Refusal> unreachable(String what) {
        return Optional.of(
                new Refusal(
                        ErrorCode.DOMAIN_UNREACHABLE,
                        what,
                        "give --domain NAME that resolves to a public address of this machine,"
                                + " or --dev to run on loopback"));
    }
}
