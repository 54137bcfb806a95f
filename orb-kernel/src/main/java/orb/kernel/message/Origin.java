package orb.kernel.message;

import static orb.kernel.Require.require;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a function may send requests: scheme, host and port, and what its paths start with.
 *
 * @param scheme {@code http} or {@code https}
 * @param host a name in lower case, an IPv4 address, or an IPv6 address in brackets
 * @param port 1..65,535; 80 and 443 where none is written
 * @param prefix empty for every path, else a path without its last slash: it covers itself and all
 *     below
 */
public record Origin(String scheme, String host, int port, String prefix) {
    public static final int TEXT_MAX = 300;
    private static final Pattern HOST =
            Pattern.compile(
                    "(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
                            + "(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*|\\[[0-9a-f:.]{2,45}\\]");
    private static final Pattern PREFIX = Pattern.compile("(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*");
    private static final Pattern FORM =
            Pattern.compile("(https?)://(\\[[^\\]]*\\]|[^/:]+)(?::([0-9]{1,5}))?(/.*)?");

    public Origin {
        require(
                scheme.equals("http") || scheme.equals("https"),
                "the scheme of an origin is http or https, not %s",
                scheme);
        require(
                HOST.matcher(host).matches(),
                "an origin's host is a name in lower case or an address: %s",
                host);
        require(port >= 1 && port <= 65_535, "an origin's port is 1..65535, not %d", port);
        require(
                PREFIX.matcher(prefix).matches() && prefix.length() <= 200,
                "an origin's path is of letters, digits, dots, dashes, ~ and _: %s",
                prefix);
    }

    /**
     * Reads {@code https://host[:port][/path]}.
     *
     * @throws IllegalArgumentException for any other text, such as one with a user, a query or a
     *     wildcard
     */
    public static Origin parse(String text) {
        Matcher form = FORM.matcher(text);
        require(
                text.length() <= TEXT_MAX && form.matches(),
                "an origin is written https://host, https://host:port or https://host/path: %s",
                text);
        String port = form.group(3);
        String path = form.group(4) == null ? "" : form.group(4);
        return new Origin(
                form.group(1),
                form.group(2),
                port == null ? standardPort(form.group(1)) : Integer.parseInt(port),
                path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
    }

    /**
     * Whether a request may go there.
     *
     * @param path without dot segments, starting with a slash
     */
    public boolean covers(Origin asked, String path) {
        return scheme.equals(asked.scheme)
                && host.equals(asked.host)
                && port == asked.port
                && (path.equals(prefix) || path.startsWith(prefix + "/"));
    }

    private static int standardPort(String scheme) {
        return scheme.equals("http") ? 80 : 443;
    }

    /** The one text of it, which {@link #parse} reads. */
    @Override
    public String toString() {
        String place = port == standardPort(scheme) ? "" : ":" + port;
        return scheme + "://" + host + place + prefix;
    }
}
