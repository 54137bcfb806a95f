package orb.host.gateway;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Header;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Request;

/**
 * Reads the head of an HTTP/1.1 request (RFC 9112), strictly.
 *
 * <p>Where two readings of the same bytes are possible, a request is refused rather than guessed
 * at: bare LF or CR, folded lines, space before a colon, a length given twice or next to chunks,
 * any transfer coding but chunked. Guessing differently from another server on the way is what
 * request smuggling lives on. One use for one head; not thread-safe.
 */
final class HttpHeadParser {
    private static final int TARGET_MAX = 8192;
    private static final int LENGTH_DIGITS_MAX = 15;
    private static final Set<String> HOP_BY_HOP =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-connection",
                    "proxy-authorization",
                    "proxy-authenticate",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "expect",
                    "content-length");

    private final byte[] in;
    private final int end;
    private int at;

    private final List<Header> headers = new ArrayList<>(8);
    private List<String> named = List.of();
    private Optional<Bytes> bearerToken = Optional.empty();
    private boolean http11;
    private boolean host;
    private boolean close;
    private boolean wantsKeepAlive;
    private boolean awaitsContinue;
    private boolean chunked;
    private boolean lengthGiven;
    private long length;

    private HttpHeadParser(byte[] in, int start, int end) {
        this.in = in;
        this.at = start;
        this.end = end;
    }

    /**
     * Reads a head.
     *
     * @param start its first byte
     * @param end behind the empty line that ends it
     * @throws RefusedException {@code ORB-0002} for everything that is no proper request
     */
    static HttpHead parse(byte[] in, int start, int end) {
        return new HttpHeadParser(in, start, end).head();
    }

    /** Where the head ends, behind its empty line; -1 if that has not come by {@code end}. */
    static int endOf(byte[] in, int from, int end) {
        for (int i = from; i + 3 < end; i++) {
            if (in[i + 3] > '\r') {
                i += 3; // the usual byte is no part of an ending, nor are the three before it
            } else if (in[i] == '\r'
                    && in[i + 1] == '\n'
                    && in[i + 2] == '\r'
                    && in[i + 3] == '\n') {
                return i + 4;
            }
        }
        return -1;
    }

    private HttpHead head() {
        String method = method();
        String target = target();
        version();
        while (in[at] != '\r') {
            header();
        }
        if (at + 2 != end) {
            throw refuse("a carriage return inside a line");
        }
        if (http11 && !host) {
            throw refuse("no Host header");
        }
        if (chunked && (lengthGiven || !http11)) {
            throw refuse("a transfer coding next to a length, or in HTTP/1.0");
        }
        if (!named.isEmpty()) {
            headers.removeIf(header -> named.contains(header.name()));
        }
        if (headers.size() > Request.HEADERS_MAX) {
            throw refuse("more than " + Request.HEADERS_MAX + " headers");
        }
        return new HttpHead(
                method,
                target,
                headers,
                bearerToken,
                chunked ? HttpHead.CHUNKED : length,
                !close && (http11 || wantsKeepAlive),
                !http11 && wantsKeepAlive,
                awaitsContinue && http11);
    }

    private String method() {
        int start = at;
        while (in[at] >= 'A' && in[at] <= 'Z') {
            at++;
        }
        if (at == start || at - start > 16 || in[at] != ' ') {
            throw refuse("the method is not 1..16 capital letters and a space");
        }
        return text(start, at++);
    }

    private String target() {
        int start = at;
        while (in[at] > ' ' && in[at] < 0x7f && in[at] != '#') {
            at++;
        }
        if (in[at] != ' ' || at == start || at - start > TARGET_MAX) {
            throw refuse("the target is not 1.." + TARGET_MAX + " visible characters and a space");
        }
        String target = text(start, at++);
        if (target.startsWith("http://") || target.startsWith("https://")) { // RFC 9112 3.2.2
            int path = target.indexOf('/', target.indexOf("//") + 2);
            return path < 0 ? "/" : target.substring(path);
        }
        if (!target.startsWith("/") && !target.equals("*")) {
            throw refuse("the target is neither a path nor a URL");
        }
        return target;
    }

    private void version() {
        if (end - at < 10
                || in[at] != 'H'
                || in[at + 1] != 'T'
                || in[at + 2] != 'T'
                || in[at + 3] != 'P'
                || in[at + 4] != '/'
                || in[at + 5] != '1'
                || in[at + 6] != '.'
                || (in[at + 7] != '0' && in[at + 7] != '1')) {
            throw refuse("the version is neither HTTP/1.1 nor HTTP/1.0");
        }
        http11 = in[at + 7] == '1';
        at += 8;
        lineEnd();
    }

    private void header() {
        int start = at;
        boolean upper = false;
        while (isToken(in[at])) {
            upper |= in[at] >= 'A' && in[at] <= 'Z';
            at++;
        }
        if (at == start || in[at] != ':' || at - start > Header.NAME_MAX) {
            throw refuse("a header name is no token followed by a colon");
        }
        String name = text(start, at++);
        String value = value(name);
        note(upper ? name.toLowerCase(Locale.ROOT) : name, value);
    }

    private String value(String name) {
        while (in[at] == ' ' || in[at] == '\t') {
            at++;
        }
        int start = at;
        while ((in[at] >= ' ' && in[at] < 0x7f) || in[at] == '\t') {
            at++;
        }
        int stop = at;
        if (in[at] != '\r') {
            throw refuse("the value of header " + name + " is not visible ASCII");
        }
        lineEnd();
        while (stop > start && (in[stop - 1] == ' ' || in[stop - 1] == '\t')) {
            stop--;
        }
        if (stop - start > Header.VALUE_MAX) {
            throw refuse("header " + name + " has more than " + Header.VALUE_MAX + " characters");
        }
        return text(start, stop);
    }

    private void lineEnd() {
        if (at + 1 >= end || in[at] != '\r' || in[at + 1] != '\n') {
            throw refuse("a line does not end in CR LF");
        }
        at += 2;
    }

    private void note(String name, String value) {
        switch (name) {
            case "host" -> {
                if (host) {
                    throw refuse("two Host headers");
                }
                host = true;
            }
            case "content-length" -> length(value);
            case "transfer-encoding" -> {
                if (chunked || !value.equalsIgnoreCase("chunked")) {
                    throw refuse("a transfer coding other than one `chunked`");
                }
                chunked = true;
            }
            case "connection" -> connection(value);
            case "expect" -> {
                if (!value.equalsIgnoreCase("100-continue")) {
                    throw refuse("an expectation other than 100-continue");
                }
                awaitsContinue = true;
            }
            default -> {}
        }
        if (name.equals("authorization") && value.regionMatches(true, 0, "Bearer ", 0, 7)) {
            bearerToken = Optional.of(Bytes.utf8(value.substring(7).strip()));
        } else if (!HOP_BY_HOP.contains(name)) {
            headers.add(new Header(name, value));
        }
    }

    private void length(String value) {
        if (lengthGiven || value.isEmpty() || value.length() > LENGTH_DIGITS_MAX) {
            throw refuse("a content length that is given twice, empty or absurd");
        }
        for (int i = 0; i < value.length(); i++) {
            int digit = value.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw refuse("a content length that is no number");
            }
            length = length * 10 + digit;
        }
        lengthGiven = true;
    }

    private void connection(String value) {
        List<String> options = new ArrayList<>(named);
        for (String option : value.split(",", -1)) {
            String word = option.strip().toLowerCase(Locale.ROOT);
            switch (word) {
                case "close" -> close = true;
                case "keep-alive" -> wantsKeepAlive = true;
                default -> options.add(word);
            }
        }
        named = options;
    }

    private String text(int from, int to) {
        return new String(in, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static boolean isToken(byte c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || "!#$%&'*+.^_`|~".indexOf(c) >= 0;
    }

    private static RefusedException refuse(String what) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.MALFORMED_HTTP,
                        "the request is refused: " + what,
                        "send one HTTP/1.1 request as RFC 9112 has it"));
    }
}
