package orb.host.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.common.uri.UriQuery;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import orb.host.store.Json;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Header;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/** A request to the control plane and its one answer; used by one thread. */
public final class Exchange {
    private final ServerRequest request;
    private final ServerResponse response;
    private final int bodyMax;

    Exchange(ServerRequest request, ServerResponse response, int bodyMax) {
        this.request = request;
        this.response = response;
        this.bodyMax = bodyMax;
    }

    /** The part of the path that the route calls {@code name}. */
    public String part(String name) {
        return request.path().pathParameters().get(name);
    }

    /** The rest of the path, with its slash; a slash alone where there is none. */
    public String rest(String name) {
        return request.path().pathParameters().first(name).map(rest -> "/" + rest).orElse("/");
    }

    public Optional<String> query(String name) {
        UriQuery query = request.query();
        return query.contains(name) ? Optional.of(query.get(name)) : Optional.empty();
    }

    /** A whole number from the query, or the fallback where it is absent. */
    public long number(String name, long fallback, long min, long max) {
        Optional<String> text = query(name);
        if (text.isEmpty()) {
            return fallback;
        }
        try {
            long number = Long.parseLong(text.get());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // refused below, with the bounds
        }
        throw new RefusedException(
                ErrorCode.BAD_ARGUMENT,
                name + " is a whole number in " + min + ".." + max + ", not " + text.get());
    }

    public String rawQuery() {
        return request.query().rawValue();
    }

    public String method() {
        return request.prologue().method().text();
    }

    public Optional<String> header(String name) {
        return request.headers().value(HeaderNames.create(name));
    }

    public Iterable<io.helidon.http.Header> headers() {
        return request.headers();
    }

    /**
     * The whole body.
     *
     * @throws RefusedException with {@code ORB-0003} if it is longer than this listener takes
     */
    public Bytes body() throws IOException {
        long declared = request.headers().contentLength().orElse(0);
        if (declared <= bodyMax && request.content().hasEntity()) {
            try (InputStream in = request.content().inputStream()) {
                byte[] body = in.readNBytes(bodyMax + 1);
                if (body.length <= bodyMax) {
                    return Bytes.wrap(body);
                }
            }
        } else if (declared == 0) {
            return Bytes.EMPTY;
        }
        throw new RefusedException(
                ErrorCode.BODY_TOO_LARGE, "the body is longer than " + bodyMax + " bytes");
    }

    /** The body as a JSON object. */
    public ObjectNode jsonBody() throws IOException {
        if (Json.parse(body()).orThrow() instanceof ObjectNode object) {
            return object;
        }
        throw new RefusedException(ErrorCode.BAD_ARGUMENT, "the body is not a JSON object");
    }

    /** Answers with JSON. */
    public void json(int status, JsonNode node) {
        bytes(status, "application/json", Json.write(node));
    }

    /** Answers with content of a type. */
    public void bytes(int status, String type, Bytes content) {
        response.status(status);
        response.header("Content-Type", type);
        response.header("Cache-Control", "no-store");
        response.header("X-Content-Type-Options", "nosniff");
        response.send(content.array());
    }

    /** Sets a header of the answer; before it is sent. */
    public void set(Header header) {
        response.header(header.name(), header.value());
    }

    /** Answers that there is nothing to say. */
    public void done() {
        json(200, JsonNodeFactory.instance.objectNode().put("ok", true));
    }

    /** Answers with a coded error. */
    public void refuse(Refusal refusal) {
        json(refusal.code().httpStatus(), errorBody(refusal));
    }

    /** Whether the asker wants lines of JSON as they come rather than one answer. */
    public boolean wantsLines() {
        return header("Accept").orElse("").contains("application/x-ndjson");
    }

    /** Starts an answer of JSON lines, each flushed. */
    public Lines lines() {
        response.status(200);
        response.header("Content-Type", "application/x-ndjson");
        response.header("Cache-Control", "no-store");
        return new Lines(response.outputStream(), "", "\n");
    }

    /** Starts a stream of server-sent events (WHATWG HTML section 9.2). */
    public Lines events() {
        response.status(200);
        response.header("Content-Type", "text/event-stream");
        response.header("Cache-Control", "no-store");
        return new Lines(response.outputStream(), "data: ", "\n\n");
    }

    /** The body of an answer that carries an error. */
    public static ObjectNode errorBody(Refusal refusal) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("code", refusal.code().code());
        node.put("title", refusal.code().title());
        node.put("what", refusal.what());
        node.put("next", refusal.next());
        return node;
    }

    /** Values of JSON on a stream that stays open; safe for several threads. */
    public static final class Lines implements AutoCloseable {
        private final OutputStream out;
        private final byte[] before;
        private final byte[] after;

        private Lines(OutputStream out, String before, String after) {
            this.out = out;
            this.before = before.getBytes(StandardCharsets.US_ASCII);
            this.after = after.getBytes(StandardCharsets.US_ASCII);
        }

        /** Writes one value at once. */
        public synchronized void send(JsonNode node) throws IOException {
            out.write(before);
            out.write(Json.write(node).array());
            out.write(after);
            out.flush();
        }

        /** A line that means nothing, so that a lost reader is noticed. */
        public synchronized void beat() throws IOException {
            out.write(": \n\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }

        @Override
        public synchronized void close() throws IOException {
            out.close();
        }
    }
}
