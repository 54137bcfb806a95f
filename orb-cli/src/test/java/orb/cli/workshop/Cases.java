package orb.cli.workshop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import orb.kernel.Bytes;
import orb.kernel.Request;

/** What stands in a sample's {@code cases.json}: inputs, and the answer to each. */
public final class Cases {
    /** The samples that are in the repository. */
    public static final Path EXAMPLES =
            Path.of(System.getProperty("orb.root", "..")).resolve("examples");

    private Cases() {}

    /**
     * A call and its answer.
     *
     * @param out the answer's body
     * @param status if the case says one
     */
    public record Case(Request request, String out, OptionalInt status) {}

    /** The cases of a sample, at least one. */
    public static List<Case> of(String name) throws IOException {
        Path folder = EXAMPLES.resolve(name);
        List<Case> cases = new ArrayList<>();
        for (JsonNode each : new ObjectMapper().readTree(folder.resolve("cases.json").toFile())) {
            Request request =
                    new Request(
                            each.path("method").asText("POST"),
                            "/",
                            each.path("query").asText(""),
                            List.of(),
                            body(folder, each));
            JsonNode status = each.path("status");
            cases.add(
                    new Case(
                            request,
                            each.path("out").asText(),
                            status.isInt() ? OptionalInt.of(status.asInt()) : OptionalInt.empty()));
        }
        if (cases.isEmpty()) {
            throw new IOException("no case in " + folder);
        }
        return cases;
    }

    /** A text, bytes in hexadecimal, or a file beside the cases. */
    private static Bytes body(Path folder, JsonNode each) throws IOException {
        if (each.has("file")) {
            return Bytes.wrap(Files.readAllBytes(folder.resolve(each.path("file").asText())));
        }
        return each.has("hex")
                ? Bytes.wrap(HexFormat.of().parseHex(each.path("hex").asText()))
                : Bytes.utf8(each.path("in").asText(each.path("body").asText("")));
    }
}
