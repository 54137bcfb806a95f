package orb.cli.api;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import orb.host.web.Exchange;
import orb.host.web.Route;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Header;
import orb.kernel.Refusal;

/** What needs no token: the API's description, the console's files, the errors' pages. */
public final class PagesApi {
    private static final Map<String, String> TYPES =
            Map.of(
                    "js", "text/javascript; charset=utf-8",
                    "css", "text/css; charset=utf-8",
                    "html", "text/html; charset=utf-8",
                    "svg", "image/svg+xml",
                    "yaml", "application/yaml",
                    "md", "text/markdown; charset=utf-8");
    private static final Header POLICY =
            new Header(
                    "content-security-policy",
                    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action"
                            + " 'self'");

    private PagesApi() {}

    public static List<Route> routes() {
        return List.of(
                Route.get("/", x -> serve(x, "/orb/console/static/index.html")).opened(),
                Route.get("/console/{file}", x -> file(x, "/orb/console/static/")).opened(),
                Route.get("/errors/{file}", x -> file(x, "/orb/cli/docs/errors/")).opened(),
                Route.get("/openapi.yaml", x -> serve(x, "/orb/cli/api/openapi.yaml")).opened(),
                Route.get("/healthz", Exchange::done).opened());
    }

    private static void file(Exchange exchange, String folder) throws IOException {
        String file = exchange.part("file");
        if (file.matches("[A-Za-z0-9._-]{1,100}") && !file.startsWith(".")) {
            serve(exchange, folder + file);
        } else {
            absent(exchange, file);
        }
    }

    private static void serve(Exchange exchange, String resource) throws IOException {
        try (InputStream in = PagesApi.class.getResourceAsStream(resource)) {
            if (in == null) {
                absent(exchange, resource.substring(resource.lastIndexOf('/') + 1));
                return;
            }
            String ending = resource.substring(resource.lastIndexOf('.') + 1);
            exchange.set(POLICY);
            exchange.bytes(
                    200,
                    TYPES.getOrDefault(ending, "application/octet-stream"),
                    Bytes.wrap(in.readAllBytes()));
        }
    }

    private static void absent(Exchange exchange, String file) {
        exchange.refuse(new Refusal(ErrorCode.BAD_ARGUMENT, "there is no page " + file));
    }
}
