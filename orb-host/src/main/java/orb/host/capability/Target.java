package orb.host.capability;

import static orb.kernel.Require.require;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import orb.kernel.message.Grants;
import orb.kernel.message.Origin;

/**
 * A URL that a function asks for, taken apart strictly.
 *
 * @param origin scheme, host and port; no prefix
 * @param path as it is written, starting with a slash
 * @param query empty, or with its question mark
 */
record Target(Origin origin, String path, String query) {
    private static final Pattern DOTS = Pattern.compile("(.*/)?(\\.|%2[eE]){1,2}(/.*)?");
    private static final Pattern DISGUISED = Pattern.compile(".*%(2[fF]|5[cC]|00).*");
    private static final Pattern ADDRESS = Pattern.compile("\\[.*\\]|[0-9]+(\\.[0-9]+){3}");

    /**
     * @throws IllegalArgumentException naming what no request may have: another scheme, a user, a
     *     fragment, dot segments
     */
    static Target parse(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("a malformed URL", e);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        require(
                scheme.equals("http") || scheme.equals("https"),
                "a URL starts with http:// or https://");
        require(uri.getHost() != null && uri.getRawUserInfo() == null, "a URL has a host, no user");
        require(uri.getRawFragment() == null, "a URL that is sent has no fragment");
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("http") ? 80 : 443;
        String path =
                uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        require(!DOTS.matcher(path).matches(), "a path has no dot segments");
        return new Target(
                new Origin(scheme, uri.getHost().toLowerCase(Locale.ROOT), port, ""),
                path,
                uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    }

    /**
     * The grant that covers it. Where a grant has a prefix, a path with a disguised slash is not
     * covered, because servers do not agree on what it means.
     */
    Optional<Origin> grantedBy(Grants grants) {
        return grants.http().stream()
                .filter(granted -> granted.covers(origin, path))
                .filter(granted -> granted.prefix().isEmpty() || !DISGUISED.matcher(path).matches())
                .findFirst();
    }

    /** Whether its host is an address and not a name. */
    boolean isAddress() {
        return ADDRESS.matcher(origin.host()).matches();
    }

    /** The host as sockets want it: an IPv6 address without brackets. */
    String host() {
        String host = origin.host();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** What the field {@code host} says. */
    String authority() {
        String text = origin.toString();
        return text.substring(text.indexOf("://") + 3);
    }

    /** Where it goes, without a query, which may hold what is private. */
    @Override
    public String toString() {
        return origin + path;
    }
}
