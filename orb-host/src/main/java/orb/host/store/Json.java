package orb.host.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import orb.kernel.Bytes;
import orb.kernel.Result;

/** JSON trees, read strictly and within bounds. */
public final class Json {
    private Json() {}
    public static Result<JsonNode> parse(Bytes text) { throw new UnsupportedOperationException("not yet written"); }
    public static Bytes write(JsonNode tree) { throw new UnsupportedOperationException("not yet written"); }
    public static Bytes pretty(JsonNode tree) { throw new UnsupportedOperationException("not yet written"); }
    public static ObjectNode object() { throw new UnsupportedOperationException("not yet written"); }
    public static ArrayNode array() { throw new UnsupportedOperationException("not yet written"); }
}
