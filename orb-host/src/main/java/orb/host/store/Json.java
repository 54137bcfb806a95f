package orb.host.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Locale;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;

/**
 * JSON trees (RFC 8259), read strictly and within bounds: no duplicate keys, nothing after the
 * value, at most {@link #BYTES_MAX} bytes, {@link #DEPTH_MAX} levels and 400 digits a number.
 * Thread-safe.
 */
public final class Json {
    public static final int BYTES_MAX = 24 << 20;
    public static final int DEPTH_MAX = 64;

    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(DEPTH_MAX)
                                                    .maxDocumentLength(BYTES_MAX)
                                                    .maxStringLength(BYTES_MAX)
                                                    .maxNameLength(4_096)
                                                    .maxNumberLength(400)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private Json() {}

    /** The tree that this text says; BAD_ARGUMENT names line and column of what is wrong. */
    public static Result<JsonNode> parse(Bytes text) {
        if (text.length() > BYTES_MAX) {
            return Result.refused(
                    ErrorCode.BAD_ARGUMENT,
                    "JSON of " + text.length() + " bytes; at most " + BYTES_MAX + " are read");
        }
        try {
            JsonNode tree = MAPPER.readTree(text.array());
            return tree.isMissingNode()
                    ? Result.refused(ErrorCode.BAD_ARGUMENT, "JSON is expected, not nothing")
                    : Result.ok(tree);
        } catch (JsonProcessingException e) {
            String where =
                    e.getLocation() == null
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    " at line %d, column %d",
                                    e.getLocation().getLineNr(),
                                    e.getLocation().getColumnNr());
            return Result.refused(
                    new Refusal(
                            ErrorCode.BAD_ARGUMENT, "not JSON: " + e.getOriginalMessage() + where));
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory", e);
        }
    }

    /** The tree on one line, keys in the order in which they were put. */
    public static Bytes write(JsonNode tree) {
        try {
            return Bytes.wrap(MAPPER.writeValueAsBytes(tree));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    /** The tree over several lines, for people. */
    public static Bytes pretty(JsonNode tree) {
        try {
            return Bytes.wrap(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(tree));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    public static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }
}
