package orb.host.web;

import java.io.IOException;

/**
 * One operation of the API.
 *
 * @param method HTTP method in capitals
 * @param path pattern with {@code {name}} for a part, as in the OpenAPI document
 * @param open whether it is served without an access token
 * @param action what it does; blocks on a virtual thread
 */
public record Route(String method, String path, boolean open, Action action) {
    /** What an operation does with an exchange; every exchange ends with one answer. */
    @FunctionalInterface
    public interface Action {
        void serve(Exchange exchange) throws IOException;
    }

    public static Route get(String path, Action action) {
        return new Route("GET", path, false, action);
    }

    public static Route post(String path, Action action) {
        return new Route("POST", path, false, action);
    }

    public static Route delete(String path, Action action) {
        return new Route("DELETE", path, false, action);
    }

    /** The same operation, for callers without a token. */
    public Route opened() {
        return new Route(method, path, true, action);
    }
}
