package orb.kernel.cgi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Header;
import orb.kernel.Response;
import org.junit.jupiter.api.Test;

/** A program's output is its body unless it plainly is a CGI response. */
final class CgiTest {
    private static Response of(String output) {
        return Cgi.response(Bytes.utf8(output)).orElseThrow();
    }

    private static void isAllBody(String output) {
        assertThat(of(output)).isEqualTo(Response.ok(Bytes.utf8(output)));
    }

    @Test
    void aHeaderBlockSetsStatusAndHeaders() {
        Response response =
                of("Content-Type: text/html\r\nStatus: 404 Not Found\r\nX-A:b\r\n\r\n<p>\n");
        assertThat(response.status()).isEqualTo(404);
        assertThat(response.headers())
                .isEqualTo(
                        List.of(new Header("content-type", "text/html"), new Header("x-a", "b")));
        assertThat(response.body()).isEqualTo(Bytes.utf8("<p>\n"));
        assertThat(of("status: 204\n\n").status()).isEqualTo(204);
    }

    @Test
    void ordinaryTextIsNeverTakenForOne() {
        isAllBody("");
        isAllBody("hello\n");
        isAllBody("Note: this is text\n\nand more");
        isAllBody("\n\nContent-Type: x\n\n");
        isAllBody("Content-Type: text/plain");
        isAllBody("Content-Type: text/plain\nno colon here\n\nbody");
        isAllBody("Status: all is well\nbut no empty line");
        isAllBody("Content-Type: " + "x".repeat(17_000) + "\n\nbody");
    }

    @Test
    void aStatusThatNoResponseHasIsMalformed() {
        assertThat(Cgi.response(Bytes.utf8("Status: 999\n\n"))).isEmpty();
        assertThat(Cgi.response(Bytes.utf8("Status: fine\n\n"))).isEmpty();
        assertThat(Cgi.response(Bytes.utf8("Status: 200\n" + "a: b\n".repeat(65) + "\n")))
                .isEmpty();
    }
}
