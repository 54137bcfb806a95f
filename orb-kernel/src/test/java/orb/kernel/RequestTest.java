package orb.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests, responses and their headers. */
final class RequestTest {
    private static final Bytes LARGEST = Bytes.wrap(new byte[Request.BODY_MAX]);

    @Test
    void aRequestAtEveryBoundIsAccepted() {
        Request request =
                new Request(
                        "ABCDEFGHIJKLMNOP",
                        "/" + "p".repeat(Request.PATH_MAX - 1),
                        "q".repeat(Request.PATH_MAX),
                        Collections.nCopies(Request.HEADERS_MAX, new Header("a", "b")),
                        LARGEST);
        assertThat(request.headers()).hasSize(Request.HEADERS_MAX);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "get", "GET ", "G3T", "GÉT", "ABCDEFGHIJKLMNOPQ", "GET\n"})
    void aMethodIsCapitalLettersAlone(String method) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Request(method, "/", "", List.of(), Bytes.EMPTY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "x/", "/a\0b", "/a\nb", "/a\u007fb"})
    void aPathStartsWithASlashAndHoldsNoControlCharacter(String path) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Request("GET", path, "", List.of(), Bytes.EMPTY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0b", "a\r\nb", "\t"})
    void aQueryHoldsNoControlCharacter(String query) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Request("GET", "/", query, List.of(), Bytes.EMPTY));
    }

    @Test
    void aRequestBeyondItsBoundsIsRefused() {
        List<Header> headers = Collections.nCopies(Request.HEADERS_MAX + 1, new Header("a", ""));
        String longest = "/".repeat(Request.PATH_MAX);
        Bytes larger = LARGEST.concat(Bytes.of((byte) 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Request("GET", longest + "x", "", List.of(), Bytes.EMPTY));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Request("GET", "/", longest + "x", List.of(), Bytes.EMPTY));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Request("GET", "/", "", headers, Bytes.EMPTY));
        assertThatIllegalArgumentException().isThrownBy(() -> Request.post(larger));
        assertThatIllegalArgumentException().isThrownBy(() -> Response.ok(larger));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Response(200, headers, Bytes.EMPTY));
    }

    @ParameterizedTest
    @ValueSource(ints = {-200, 0, 100, 199, 600, 1000})
    void aStatusOutside200To599IsRefused(int status) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Response(status, List.of(), Bytes.EMPTY));
    }

    @Test
    void theFirstHeaderOfANameIsFound() {
        List<Header> headers =
                new ArrayList<>(
                        List.of(new Header("a", "1"), new Header("b", "2"), new Header("b", "3")));
        Request request = new Request("GET", "/", "", headers, Bytes.EMPTY);
        headers.clear();

        assertThat(request.header("b")).hasValue("2");
        assertThat(request.header("c")).isEmpty();
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> request.headers().clear());
    }

    @Test
    void aHeaderAtItsBoundsIsAccepted() {
        accepts("x".repeat(Header.NAME_MAX), "v".repeat(Header.VALUE_MAX));
        accepts("!#$%&'*+-.^_`|~09az", "");
        accepts("a", "tab\t, space and ~ visible!");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Content-Type", "a b", "a:", "a\n", "é", "a\0", "(a)", "a/b", "{"})
    void aHeaderNameIsALowerCaseToken(String name) {
        refuses(name, "v");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nset-cookie: x", "\n", "\0", "é", "\u007f", "\u0100a"})
    void aHeaderValueCannotEndItsLine(String value) {
        refuses("a", value);
    }

    @Test
    void aHeaderBeyondItsBoundsIsRefused() {
        refuses("x".repeat(Header.NAME_MAX + 1), "v");
        refuses("x", "v".repeat(Header.VALUE_MAX + 1));
    }

    private static void accepts(String name, String value) {
        assertThat(Header.isValid(name, value)).isTrue();
        assertThat(new Header(name, value).value()).isEqualTo(value);
    }

    private static void refuses(String name, String value) {
        assertThat(Header.isValid(name, value)).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> new Header(name, value));
    }
}
