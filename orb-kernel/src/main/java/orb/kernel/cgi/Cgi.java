package orb.kernel.cgi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Header;
import orb.kernel.Request;
import orb.kernel.Response;

/**
 * A call as a program sees it by the common gateway interface (RFC 3875): its request in variables
 * and standard input, its response on standard output.
 *
 * <p>Most programs print plain text, so only an output is split that starts with a {@code Status:}
 * or {@code Content-Type:} line (any case) and goes on with nothing but {@code name: value} lines
 * up to an empty line within 16 KiB. All else is the body of a 200, every byte of it.
 */
public final class Cgi {
    private static final int BLOCK_MAX = 16 * 1024;

    private Cgi() {}

    /** The variables of a request (section 4.1), in order, without zero bytes. */
    public static Map<String, String> environment(Request request) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("GATEWAY_INTERFACE", "CGI/1.1");
        environment.put("REQUEST_METHOD", request.method());
        environment.put("PATH_INFO", request.path());
        environment.put("QUERY_STRING", request.query());
        environment.put("CONTENT_LENGTH", Integer.toString(request.body().length()));
        for (Header header : request.headers()) {
            String name = header.name().toUpperCase(Locale.ROOT).replace('-', '_');
            if (name.equals("CONTENT_TYPE")) {
                environment.put(name, header.value());
            } else if (!name.equals("CONTENT_LENGTH") && !name.equals("PROXY")) {
                // HTTP_PROXY would be taken for a setting of the program's own HTTP client
                environment.merge("HTTP_" + name, header.value(), (one, next) -> one + ", " + next);
            }
        }
        environment.replaceAll((_, value) -> value.replace('\0', ' '));
        return environment;
    }

    /** The response (section 6), or nothing if the header block says what no response can. */
    public static Optional<Response> response(Bytes output) {
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
