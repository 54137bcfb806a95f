package orb.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Header;
import orb.kernel.Request;
import orb.kernel.Response;

/**
 * Reads a program's output as a CGI response (RFC 3875 section 6), if it is one.
 *
 * <p>Most programs print plain text, so only an output is split that starts with a {@code Status:}
 * or {@code Content-Type:} line (any case) and goes on with nothing but {@code name: value} lines
 * up to an empty line within 16 KiB. All else is the body of a 200, every byte of it.
 */
final class Cgi {
    private static final int BLOCK_MAX = 16 * 1024;

    private Cgi() {}

    /** The response, or nothing if the header block says what no response can. */
    static Optional<Response> response(Bytes output) {
        List<Header> headers = new ArrayList<>();
        int at = 0;
        while (at < output.length() && at < BLOCK_MAX) {
            int end = lineEnd(output, at);
            if (end < 0) {
                break;
            }
            String line = line(output, at, end);
            at = end + 1;
            if (line.isEmpty()) {
                return headers.isEmpty()
                        ? Optional.of(Response.ok(output))
                        : split(headers, output.slice(at, output.length()));
            }
            Optional<Header> header = header(line);
            if (header.isEmpty() || (headers.isEmpty() && !opensBlock(header.get()))) {
                break;
            }
            headers.add(header.get());
        }
        return Optional.of(Response.ok(output));
    }

    private static Optional<Response> split(List<Header> headers, Bytes body) {
        int status = 200;
        List<Header> kept = new ArrayList<>();
        for (Header header : headers) {
            if (header.name().equals("status")) {
                String digits = header.value().split(" ", 2)[0];
                if (!digits.matches("[2-5][0-9][0-9]")) {
                    return Optional.empty();
                }
                status = Integer.parseInt(digits);
            } else {
                kept.add(header);
            }
        }
        return kept.size() > Request.HEADERS_MAX
                ? Optional.empty()
                : Optional.of(new Response(status, kept, body));
    }

    private static boolean opensBlock(Header header) {
        return header.name().equals("status") || header.name().equals("content-type");
    }

    private static int lineEnd(Bytes output, int from) {
        int to = Math.min(output.length(), BLOCK_MAX);
        for (int i = from; i < to; i++) {
            if (output.at(i) == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static String line(Bytes output, int from, int end) {
        int to = end > from && output.at(end - 1) == '\r' ? end - 1 : end;
        return new String(output.array(), from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static Optional<Header> header(String line) {
        int colon = line.indexOf(':');
        if (colon <= 0) {
            return Optional.empty();
        }
        String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        String value = line.substring(colon + 1).strip();
        return Header.isValid(name, value)
                ? Optional.of(new Header(name, value))
                : Optional.empty();
    }
}
