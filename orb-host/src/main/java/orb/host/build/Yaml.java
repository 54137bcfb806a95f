package orb.host.build;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/**
 * A YAML text as a tree that knows its lines: mappings, lists and plain texts, and nothing else.
 *
 * <p>Types are the reader's matter, so {@code 1.0} stays "1.0". Anchors, aliases, several documents
 * and equal keys are refused; depth and size are bounded. Not thread-safe.
 */
final class Yaml {
    private static final int DEPTH_MAX = 6;
    private static final int NODES_MAX = 1_000;

    private final String file;
    private final YAMLParser parser;
    private int nodes;

    /** A node and the line where it starts, counted from 1. */
    sealed interface Node {
        int line();
    }

    record Text(int line, String text) implements Node {}

    record Items(int line, List<Node> items) implements Node {}

    /** Its pairs in their order, and the line of each key. */
    record Mapping(int line, Map<String, Node> pairs, Map<String, Integer> lines) implements Node {}

    private Yaml(String file, YAMLParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /**
     * The tree of the text's one document.
     *
     * @throws RefusedException with MANIFEST_INVALID naming file and line
     */
    static Node parse(String file, Bytes text) {
        try (YAMLParser parser = new YAMLFactory().createParser(text.array())) {
            Yaml yaml = new Yaml(file, parser);
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw invalid(file, 1, "the manifest is empty");
            }
            Node node = yaml.node(first, DEPTH_MAX);
            if (parser.nextToken() != null) {
                throw invalid(file, yaml.line(), "a manifest is one document");
            }
            return node;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw invalid(file, line, "not YAML: " + firstLine(e.getOriginalMessage()));
        } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
            // the YAML library's own slips on hostile text
            throw invalid(file, 1, "not YAML: " + firstLine(String.valueOf(e.getMessage())));
        }
    }

    static RefusedException invalid(String file, int line, String what) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.MANIFEST_INVALID,
                        file + ":" + line + ": " + what,
                        "every key is explained in docs/protocol/manifest.md"));
    }

    private Node node(JsonToken token, int depth) throws IOException {
        int line = line();
        if (++nodes > NODES_MAX || depth == 0) {
            throw invalid(file, line, "more than " + NODES_MAX + " values or nested too deeply");
        }
        if (parser.isCurrentAlias() || parser.getObjectId() != null) {
            throw invalid(file, line, "anchors and aliases are not read: write the value out");
        }
        return switch (token) {
            case START_OBJECT -> mapping(line, depth - 1);
            case START_ARRAY -> items(line, depth - 1);
            case VALUE_NULL -> throw invalid(file, line, "a value is missing");
            default -> new Text(line, parser.getText());
        };
    }

    private Mapping mapping(int line, int depth) throws IOException {
        Map<String, Node> pairs = new LinkedHashMap<>();
        Map<String, Integer> lines = new LinkedHashMap<>();
        JsonToken token = parser.nextToken();
        while (token == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            int keyLine = line();
            lines.put(key, keyLine);
            Node value = node(parser.nextToken(), depth);
            if (pairs.put(key, value) != null) {
                throw invalid(file, keyLine, "the key \"" + key + "\" stands twice");
            }
            token = parser.nextToken();
        }
        return new Mapping(line, pairs, lines);
    }

    private Items items(int line, int depth) throws IOException {
        List<Node> items = new ArrayList<>();
        JsonToken token = parser.nextToken();
        while (token != JsonToken.END_ARRAY) {
            items.add(node(token, depth));
            token = parser.nextToken();
        }
        return new Items(line, items);
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
