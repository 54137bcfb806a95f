package orb.cli.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import orb.host.capability.Egress;
import orb.host.capability.Granting;
import orb.host.store.DataFolder;
import orb.host.web.Route;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.ledger.Genesis;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is served stands in {@code openapi.yaml}, and what stands there is served. */
class OpenApiTest {
    private static final Asker NOBODY =
            (command, progress) ->
                    Result.refused(ErrorCode.NOT_RUNNING, "no role stands behind this");

    @TempDir private static Path folder;
    private static DataFolder data;
    private static Granting granting;

    @BeforeAll
    static void openStore() {
        data = DataFolder.open(folder.resolve("node")).orThrow();
        granting = Granting.open(data, Egress.NONE, new SecureRandom());
    }

    @AfterAll
    static void closeStore() {
        granting.close();
        data.close();
    }

    private static List<Route> routes(String role) {
        List<Route> routes = new ArrayList<>();
        if (role.equals("tracker")) {
            routes.addAll(new TrackerApi(NOBODY).routes());
            routes.addAll(new LogApi(NOBODY, (from, countMax) -> List.of()).routes());
        } else {
            WalletApi wallet = new WalletApi(NOBODY, Path.of("wallet.orb"), new SecureRandom());
            routes.addAll(new NodeApi(NOBODY, Genesis.standard("test")).routes());
            routes.addAll(new NodeMetricsApi(NOBODY, () -> {}).routes());
            routes.addAll(wallet.routes());
            routes.addAll(new DeployApi(NOBODY, wallet, plan -> {}).routes());
            routes.addAll(new InvokeApi(NOBODY).routes());
            routes.addAll(new SecretsApi(NOBODY, granting).routes());
        }
        routes.addAll(new DhtApi(Optional.empty()).routes());
        routes.addAll(new EventsApi().routes());
        routes.addAll(PagesApi.routes());
        return routes;
    }

    private static JsonNode document() throws IOException {
        try (InputStream in = OpenApiTest.class.getResourceAsStream("/orb/cli/api/openapi.yaml")) {
            return new YAMLMapper().readTree(in);
        }
    }

    /** Operations of a role as {@code METHOD path}, with whether they need no token. */
    private static Map<String, Boolean> documented(String role) throws IOException {
        Map<String, Boolean> operations = new TreeMap<>();
        document()
                .path("paths")
                .properties()
                .forEach(path ->
                        path.getValue()
                                .properties()
                                .forEach(operation -> {
                                    JsonNode says = operation.getValue();
                                    if (Stream.of(says.path("x-orb-role").asText().split(", "))
                                            .anyMatch(role::equals)) {
                                        operations.put(
                                                operation.getKey().toUpperCase(Locale.ROOT)
                                                        + " "
                                                        + path.getKey(),
                                                isOpen(says));
                                    }
                                }));
        return operations;
    }

    private static boolean isOpen(JsonNode operation) {
        return operation.has("security") && operation.path("security").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "tracker"})
    @Tag("A13")
    void whatARoleServesIsWhatTheDocumentSaysOfIt(String role) throws IOException {
        Map<String, Boolean> served = new TreeMap<>();
        for (Route route : routes(role)) {
            served.put(route.method() + " " + route.path().replace("{+", "{"), route.open());
        }

        assertThat(served).isEqualTo(documented(role));
    }

    @Test
    void everyOperationHasASummaryARoleAnAnswerAndItsPathParameters() throws IOException {
        document()
                .path("paths")
                .properties()
                .forEach(path ->
                        path.getValue()
                                .forEach(operation -> {
                                    assertThat(operation.path("summary").asText()).isNotBlank();
                                    assertThat(operation.path("responses")).hasSizeGreaterThan(1);
                                    assertThat(inPath(operation))
                                            .as(path.getKey())
                                            .isEqualTo(parts(path.getKey()));
                                }));
    }

    private static Set<String> inPath(JsonNode operation) {
        Set<String> names = new TreeSet<>();
        for (JsonNode parameter : operation.path("parameters")) {
            if (parameter.path("in").asText().equals("path")) {
                names.add(parameter.path("name").asText());
            }
        }
        return names;
    }

    private static Set<String> parts(String path) {
        Set<String> names = new TreeSet<>();
        for (String part : path.split("/")) {
            if (part.startsWith("{")) {
                names.add(part.substring(1, part.length() - 1));
            }
        }
        return names;
    }
}
