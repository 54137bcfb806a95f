package orb.kernel;

import static orb.kernel.Require.require;

import java.util.List;
import java.util.Optional;

/**
 * What a function is called with, in the shape of wasi:http's incoming request.
 *
 * @param method upper case HTTP method
 * @param path path below the function's own URL, starting with a slash; no control characters,
 *     which would end a variable of a WASI environment
 * @param query the part after the question mark, may be empty; no control characters
 * @param headers at most 64
 * @param body at most {@link #BODY_MAX}
 */
public record Request(String method, String path, String query, List<Header> headers, Bytes body) {
    public static final int BODY_MAX = 16 * 1024 * 1024;
    public static final int HEADERS_MAX = 64;
    public static final int PATH_MAX = 4096;

    public Request {
        require(isMethod(method), "a method is 1..16 capital letters: %s", method);
        require(
                path.startsWith("/") && path.length() <= PATH_MAX,
                "a path starts with / and has at most %d characters",
                PATH_MAX);
        require(query.length() <= PATH_MAX, "a query has at most %d characters", PATH_MAX);
        require(
                hasNoControls(path) && hasNoControls(query),
                "a path and a query hold no control characters");
        require(headers.size() <= HEADERS_MAX, "at most %d headers", HEADERS_MAX);
        require(body.length() <= BODY_MAX, "a body has at most %d bytes", BODY_MAX);
        headers = List.copyOf(headers);
    }

    private static boolean hasNoControls(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) == 0x7f) {
                return false;
            }
        }
        return true;
    }

    /** A POST of the body to the function's root. */
    public static Request post(Bytes body) {
        return new Request("POST", "/", "", List.of(), body);
    }

    /** The value of the first header of this lower case name. */
    public Optional<String> header(String name) {
        return headers.stream().filter(h -> h.name().equals(name)).map(Header::value).findFirst();
    }

    private static boolean isMethod(String method) {
        for (int i = 0; i < method.length(); i++) {
            if (method.charAt(i) < 'A' || method.charAt(i) > 'Z') {
                return false;
            }
        }
        return !method.isEmpty() && method.length() <= 16;
    }
}
