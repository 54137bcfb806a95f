package orb.kernel;

import static orb.kernel.Require.require;

import java.util.List;

/**
 * What a function answers, in the shape of wasi:http's outgoing response.
 *
 * @param status 200..599
 * @param headers at most 64
 * @param body at most {@link #BODY_MAX}
 */
public record Response(int status, List<Header> headers, Bytes body) {
    public static final int BODY_MAX = 16 * 1024 * 1024;

    public Response {
        require(status >= 200 && status <= 599, "an HTTP status is 200..599, not %d", status);
        require(headers.size() <= Request.HEADERS_MAX, "at most %d headers", Request.HEADERS_MAX);
        require(body.length() <= BODY_MAX, "a body has at most %d bytes", BODY_MAX);
        headers = List.copyOf(headers);
    }

    /** A 200 with this body and no header. */
    public static Response ok(Bytes body) {
        return new Response(200, List.of(), body);
    }
}
