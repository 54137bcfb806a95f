package orb.host.gateway;

import java.util.stream.Stream;

/** Requests that a strict reader of RFC 9112 refuses, many of them tricks to smuggle requests. */
final class MalformedRequests {
    private static final String GET = "GET /f/a/b HTTP/1.1\r\nHost: a\r\n";
    private static final String POST = "POST /f/a/b HTTP/1.1\r\nHost: a\r\n";

    private MalformedRequests() {}

    static Stream<String> all() {
        return Stream.concat(heads(), bodies());
    }

    private static Stream<String> heads() {
        return Stream.of(
                "GET /f/a/b HTTP/1.1\r\n\r\n",
                GET + "Host: b\r\n\r\n",
                "GET /f/a/b HTTP/1.1\nHost: a\n\n\r\n\r\n",
                "GET /f/a/b HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
                "GET  /f/a/b HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /f/a/b  HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /f/a b HTTP/1.1\r\nHost: a\r\n\r\n",
                "get /f/a/b HTTP/1.1\r\nHost: a\r\n\r\n",
                "/f/a/b HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET f/a/b HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /f/a/b#x HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /f/a/b\u0000 HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /f/a/b HTTP/2.0\r\nHost: a\r\n\r\n",
                "GET /f/a/b HTTP/1.1x\r\nHost: a\r\n\r\n",
                "GET /f/a/b\r\n\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "GET /f/a/b HTTP/1.1\r\nHost : a\r\n\r\n",
                GET + "X: 1\r\n folded\r\n\r\n",
                GET + ": x\r\n\r\n",
                GET + "NoColon\r\n\r\n",
                GET + "X: a\u0000b\r\n\r\n",
                GET + "X: caf\u00e9\r\n\r\n",
                "POST /f/a/b HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                GET + "Expect: wonders\r\n\r\n",
                "CONNECT /f/a/b HTTP/1.1\r\nHost: a\r\n\r\n",
                "TRACE /f/a/b HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    private static Stream<String> bodies() {
        return Stream.of(
                POST + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
                POST + "Content-Length: 1, 1\r\n\r\nx",
                POST + "Content-Length: -1\r\n\r\n",
                POST + "Content-Length: +1\r\n\r\nx",
                POST + "Content-Length: 0x1\r\n\r\nx",
                POST + "Content-Length:\r\n\r\n",
                POST + "Content-Length: 99999999999999999999\r\n\r\n",
                POST + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding: identity\r\n\r\n",
                POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                POST + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
                POST + "Transfer-Encoding: chunked\r\n\r\n1\nx\n0\n\n",
                POST + "Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n",
                POST + "Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n");
    }
}
