package orb.host.web;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.host.store.Json;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/**
 * The control plane's listener: the API and the console on one port.
 *
 * <p>Every route that is not open wants {@code Authorization: Bearer <token>}; the token is
 * compared by digest in constant time. Requests to a loopback listener must name a loopback host,
 * so that a page elsewhere cannot reach it by a name of its own (DNS rebinding). Thread-safe.
 */
public final class ControlServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ControlServer.class.getName());
    private static final int CONNECTIONS_MAX = 512;

    /** What the listener refuses by itself has a code too. */
    private static final DirectHandlers CODED =
            DirectHandlers.builder()
                    .addHandler(DirectHandler.EventType.PAYLOAD_TOO_LARGE, coded())
                    .addHandler(DirectHandler.EventType.BAD_REQUEST, coded())
                    .build();

    private final WebServer server;

    private ControlServer(WebServer server) {
        this.server = server;
    }

    /**
     * What a listener needs.
     *
     * @param host address to bind
     * @param port port to bind, 0 for any free one
     * @param token digest of the access token
     * @param bodyMax longest body in bytes
     */
    public record Settings(String host, int port, Digest token, int bodyMax) {
        boolean isLoopback() {
            return host.equals("127.0.0.1") || host.equals("::1") || host.equals("localhost");
        }
    }

    /**
     * Starts to listen.
     *
     * @throws RefusedException with {@code ORB-0305} if the port is taken
     */
    public static ControlServer start(Settings settings, List<Route> routes) {
        HttpRouting.Builder routing = HttpRouting.builder();
        for (Route route : routes) {
            routing.route(
                    Method.create(route.method()),
                    route.path(),
                    (request, response) -> serve(settings, route, request, response));
        }
        routing.any((request, response) ->
                new Exchange(request, response, settings.bodyMax())
                        .refuse(
                                new Refusal(
                                        ErrorCode.BAD_ARGUMENT,
                                        "no operation "
                                                + request.prologue().method().text()
                                                + " "
                                                + request.path().path(),
                                        "GET /openapi.yaml lists them")));
        WebServer server =
                WebServer.builder()
                        .host(settings.host())
                        .port(settings.port())
                        .maxPayloadSize(settings.bodyMax())
                        .maxTcpConnections(CONNECTIONS_MAX)
                        .connectionOptions(options -> options.readTimeout(Duration.ofSeconds(30)))
                        .directHandlers(CODED)
                        .shutdownHook(false)
                        .addRouting(routing)
                        .build();
        try {
            server.start();
        } catch (UncheckedIOException | IllegalStateException e) {
            throw taken(settings);
        }
        if (!server.isRunning()) { // it only logs that it could not bind
            throw taken(settings);
        }
        return new ControlServer(server);
    }

    private static RefusedException taken(Settings settings) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.PORT_IN_USE,
                        "cannot listen on " + settings.host() + ":" + settings.port(),
                        "stop what uses the port, or choose another"));
    }

    private static DirectHandler coded() {
        return (request, type, status, headers, message) -> {
            ErrorCode code =
                    status.code() == ErrorCode.BODY_TOO_LARGE.httpStatus()
                            ? ErrorCode.BODY_TOO_LARGE
                            : ErrorCode.MALFORMED_HTTP;
            Refusal refusal = new Refusal(code, code.title());
            return DirectHandler.TransportResponse.builder()
                    .status(Status.create(code.httpStatus()))
                    .headers(headers)
                    .header(HeaderNames.CONTENT_TYPE, "application/json")
                    .keepAlive(false)
                    .entity(Json.write(Exchange.errorBody(refusal)).array())
                    .build();
        };
    }

    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.stop();
    }

    private static void serve(
            Settings settings, Route route, ServerRequest request, ServerResponse response) {
        Exchange exchange = new Exchange(request, response, settings.bodyMax());
        try {
            Optional<Refusal> denied = denied(settings, route, exchange);
            if (denied.isPresent()) {
                exchange.refuse(denied.get());
            } else {
                route.action().serve(exchange);
            }
        } catch (RefusedException e) {
            exchange.refuse(e.refusal());
        } catch (IllegalArgumentException e) {
            exchange.refuse(new Refusal(ErrorCode.BAD_ARGUMENT, String.valueOf(e.getMessage())));
        } catch (IOException | UncheckedIOException e) {
            LOG.log(Level.DEBUG, "the asker of {0} is gone", route.path());
        }
    }

    private static Optional<Refusal> denied(Settings settings, Route route, Exchange exchange) {
        if (settings.isLoopback() && !isLoopbackHost(exchange.header("Host").orElse(""))) {
            return Optional.of(
                    new Refusal(ErrorCode.FORBIDDEN, "this listener serves loopback names only"));
        }
        if (route.open()) {
            return Optional.empty();
        }
        String shown = exchange.header("Authorization").orElse("");
        byte[] token = shown.startsWith("Bearer ") ? utf8(shown.substring(7)) : new byte[0];
        byte[] digest = Digest.of(Bytes.wrap(token)).bytes().array();
        if (token.length > 0 && MessageDigest.isEqual(digest, settings.token().bytes().array())) {
            return Optional.empty();
        }
        return Optional.of(
                new Refusal(
                        ErrorCode.TOKEN_REFUSED,
                        "this operation needs the access token of this node",
                        "send Authorization: Bearer <token>; `orb token` prints it"));
    }

    private static boolean isLoopbackHost(String host) {
        String name =
                host.startsWith("[") ? host.replaceAll("]:.*", "]") : host.replaceAll(":.*", "");
        return name.equals("127.0.0.1") || name.equals("localhost") || name.equals("[::1]");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
