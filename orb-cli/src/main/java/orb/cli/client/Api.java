package orb.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/**
 * A client of a peer's API. It stands on {@link HttpURLConnection}, which starts several times
 * faster than {@code java.net.http}; a verb makes one request and ends. Not thread-safe.
 */
public final class Api {
    private static final byte[] NO_BODY = new byte[0];
    private static final int CONNECT_MILLIS = 3_000;
    private static final int READ_MILLIS = 310_000; // a little more than the longest wall limit
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String base;
    private final String token;

    public Api(String base, String token) {
        this.base = base;
        this.token = token;
    }

    /**
     * An answer as it came.
     *
     * @param status HTTP status
     * @param headers by lower case name, last value
     * @param body whole body
     */
    public record Raw(int status, Map<String, String> headers, byte[] body) {
        /** The last value of a header, empty if it is absent. */
        public String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    public JsonNode get(String path) throws IOException {
        return json(exchange("GET", path, "", NO_BODY, Map.of()));
    }

    public JsonNode post(String path, JsonNode body) throws IOException {
        return json(
                exchange("POST", path, "application/json", JSON.writeValueAsBytes(body), Map.of()));
    }

    public JsonNode post(String path, String type, byte[] body) throws IOException {
        return json(exchange("POST", path, type, body, Map.of()));
    }

    public JsonNode delete(String path) throws IOException {
        return json(exchange("DELETE", path, "", NO_BODY, Map.of()));
    }

    /** Sends and returns the answer whatever its status. */
    public Raw raw(
            String method, String path, String type, byte[] body, Map<String, String> headers)
            throws IOException {
        return exchange(method, path, type, body, headers);
    }

    /**
     * Posts and reads JSON lines as they come; the line that has {@code result} or {@code code} is
     * the last.
     *
     * @param progress hears every line before the last
     */
    public JsonNode follow(String path, String type, byte[] body, Consumer<JsonNode> progress)
            throws IOException {
        HttpURLConnection connection = open("POST", path);
        connection.setRequestProperty("Accept", "application/x-ndjson");
        send(connection, type, body);
        if (status(connection) >= 400) {
            throw refused(connection.getResponseCode(), read(connection));
        }
        try (BufferedReader lines = reader(connection.getInputStream())) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode node = JSON.readTree(line);
                if (node.has("result")) {
                    return node.get("result");
                }
                if (node.has("code")) {
                    throw refused(node);
                }
                progress.accept(node);
            }
        }
        throw new RefusedException(
                new Refusal(
                        ErrorCode.PEER_LOST,
                        "the node closed the connection before the result",
                        "`orb fn ls` shows whether it went through"));
    }

    /** Reads server-sent events until the stream ends or {@code each} throws. */
    public void events(String path, Consumer<JsonNode> each) throws IOException {
        HttpURLConnection connection = open("GET", path);
        connection.setReadTimeout(0);
        connection.setRequestProperty("Accept", "text/event-stream");
        if (status(connection) >= 400) {
            throw refused(connection.getResponseCode(), read(connection));
        }
        try (BufferedReader lines = reader(connection.getInputStream())) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data: ")) {
                    each.accept(JSON.readTree(line.substring(6)));
                }
            }
        }
    }

    private Raw exchange(
            String method, String path, String type, byte[] body, Map<String, String> headers)
            throws IOException {
        HttpURLConnection connection = open(method, path);
        headers.forEach(connection::setRequestProperty);
        if (body != null && !method.equals("GET")) { // a GET with a body would become a POST
            send(connection, type, body);
        }
        int status = status(connection);
        Map<String, String> answered = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> field : connection.getHeaderFields().entrySet()) {
            if (field.getKey() != null) {
                answered.put(
                        field.getKey().toLowerCase(java.util.Locale.ROOT),
                        field.getValue().getLast());
            }
        }
        return new Raw(status, answered, read(connection));
    }

    private HttpURLConnection open(String method, String path) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(base + path).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        connection.setRequestProperty("Authorization", "Bearer " + token);
        return connection;
    }

    private void send(HttpURLConnection connection, String type, byte[] body) throws IOException {
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", type);
        // not in streaming mode: there the body of an answer with status 401 is lost
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        } catch (ConnectException e) {
            throw notRunning(e);
        }
    }

    private int status(HttpURLConnection connection) throws IOException {
        try {
            return connection.getResponseCode();
        } catch (ConnectException e) {
            throw notRunning(e);
        }
    }

    private RefusedException notRunning(ConnectException cause) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.NOT_RUNNING,
                        "nothing answers at " + base + " (" + cause.getMessage() + ")",
                        "start a swarm with `orb up`, or a node with `orb node start`"));
    }

    private static byte[] read(HttpURLConnection connection) throws IOException {
        try (InputStream in =
                connection.getResponseCode() < 400
                        ? connection.getInputStream()
                        : connection.getErrorStream()) {
            return in == null ? new byte[0] : in.readAllBytes();
        }
    }

    private static BufferedReader reader(InputStream in) {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    private static JsonNode json(Raw raw) throws IOException {
        if (raw.status() >= 400) {
            throw refused(raw.status(), raw.body());
        }
        return JSON.readTree(raw.body());
    }

    private static RefusedException refused(int status, byte[] body) {
        try {
            JsonNode node = JSON.readTree(body);
            if (node.has("code")) {
                return refused(node);
            }
        } catch (IOException e) {
            // not ours: said below in its own words
        }
        return new RefusedException(
                ErrorCode.INTERNAL,
                "HTTP status " + status + ": " + new String(body, StandardCharsets.UTF_8).strip());
    }

    private static RefusedException refused(JsonNode node) {
        ErrorCode code = ErrorCode.INTERNAL;
        String text = node.path("code").asText();
        for (ErrorCode known : ErrorCode.values()) {
            if (known.code().equals(text)) {
                code = known;
            }
        }
        String what = node.path("what").asText();
        return new RefusedException(
                new Refusal(code, what.isBlank() ? text : what, node.path("next").asText()));
    }

    /** Turns text into JSON. */
    public static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new RefusedException(
                    ErrorCode.BAD_ARGUMENT, "not JSON: " + e.getOriginalMessage());
        }
    }
}
