package orb.host.gateway;

import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Header;

/**
 * The request line and headers of one request, as far as the gateway needs them.
 *
 * @param method upper case
 * @param target the path with its query, or an asterisk
 * @param headers those that go on to the function
 * @param bearerToken the token of an {@code Authorization: Bearer} header
 * @param bodyLength bytes of the body, -1 if it comes in chunks
 * @param keepAlive whether the caller wants to use the connection again
 * @param sayKeepAlive whether the answer must say so, for HTTP/1.0
 * @param awaitsContinue whether the caller waits before it sends the body
 */
record HttpHead(
        String method,
        String target,
        List<Header> headers,
        Optional<Bytes> bearerToken,
        long bodyLength,
        boolean keepAlive,
        boolean sayKeepAlive,
        boolean awaitsContinue) {
    static final long CHUNKED = -1;

    boolean hasBody() {
        return bodyLength != 0;
    }
}
