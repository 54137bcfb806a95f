package orb.kernel;

import static orb.kernel.Require.require;

/**
 * Where a peer can be dialled.
 *
 * @param host domain name, IPv4 address or IPv6 address without brackets; 1..253 characters
 * @param port 1..65535
 */
public record Address(String host, int port) implements Comparable<Address> {
    public Address {
        require(
                host.matches("[A-Za-z0-9._:%-]{1,253}"),
                "a host is 1..253 letters, digits, dots, hyphens or colons: %s",
                host);
        require(port >= 1 && port <= 65_535, "a port is 1..65535, not %d", port);
    }

    /**
     * Reads {@code host:port} or {@code [v6]:port}.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static Address parse(String text) {
        int colon = text.lastIndexOf(':');
        require(
                colon > 0 && text.substring(colon + 1).matches("[0-9]{1,5}"),
                "an address is host:port, not %s",
                text);
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return new Address(
                bracketed ? host.substring(1, host.length() - 1) : host,
                Integer.parseInt(text.substring(colon + 1)));
    }

    @Override
    public int compareTo(Address other) {
        int byHost = host.compareTo(other.host);
        return byHost != 0 ? byHost : Integer.compare(port, other.port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
