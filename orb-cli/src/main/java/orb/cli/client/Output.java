package orb.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Data on standard output as table, JSON or YAML; progress and logs on standard error. */
public final class Output {
    /** How data is shown. */
    public enum Format {
        TABLE,
        /** A table with more columns, where a verb has them. */
        WIDE,
        JSON,
        YAML
    }

    private final Format format;
    private final boolean isWide;
    private final PrintStream out;
    private final PrintStream err;

    public Output(Format format, PrintStream out, PrintStream err) {
        this.format = format == Format.WIDE ? Format.TABLE : format;
        isWide = format == Format.WIDE;
        this.out = out;
        this.err = err;
    }

    /** Whether a table shows all that there is. */
    public boolean isWide() {
        return isWide;
    }

    /** How data is shown; a wide table is a table. */
    public Format format() {
        return format;
    }

    /**
     * Shows rows; in a table only these columns.
     *
     * @param columns names of fields, {@code a.b} for a nested one
     */
    public void rows(JsonNode rows, String... columns) {
        if (format != Format.TABLE) {
            plain(rows);
            return;
        }
        List<String[]> lines = new ArrayList<>();
        for (JsonNode row : rows) {
            String[] line = new String[columns.length];
            for (int i = 0; i < columns.length; i++) {
                line[i] = cell(row, columns[i]);
            }
            lines.add(line);
        }
        table(columns, lines);
    }

    /** Shows one object; in a table one line a field. */
    public void object(JsonNode node) {
        if (format != Format.TABLE) {
            plain(node);
            return;
        }
        int width = 0;
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            width = Math.max(width, field.getKey().length());
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            String pad = " ".repeat(width - field.getKey().length() + 2);
            JsonNode value = field.getValue();
            if (value.isArray() && !value.isEmpty() && value.get(0).isObject()) {
                out.println(field.getKey());
                value.forEach(item -> out.println("  " + inline(item)));
            } else {
                out.println(field.getKey() + pad + text(value));
            }
        }
    }

    /** A line of data for people; silent under JSON and YAML. */
    public void line(String text) {
        if (format == Format.TABLE) {
            out.println(text);
        }
    }

    /** A line beside the data: progress, advice. */
    public void say(String text) {
        err.println(text);
    }

    /** One value of a stream, on a line of its own. */
    public void event(JsonNode node, String... columns) {
        if (format == Format.TABLE) {
            List<String> cells = new ArrayList<>();
            for (String column : columns) {
                cells.add(cell(node, column));
            }
            out.println(String.join("  ", cells));
        } else {
            out.println(node);
        }
        out.flush();
    }

    private void plain(JsonNode node) {
        try {
            out.println(
                    format == Format.JSON
                            ? new ObjectMapper()
                                    .writer(SerializationFeature.INDENT_OUTPUT)
                                    .writeValueAsString(node)
                            : new YAMLMapper().writeValueAsString(node).stripTrailing());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("every tree can be written", e);
        }
    }

    private void table(String[] columns, List<String[]> lines) {
        int[] widths = new int[columns.length];
        for (int i = 0; i < columns.length; i++) {
            widths[i] = header(columns[i]).length();
            for (String[] line : lines) {
                widths[i] = Math.max(widths[i], line[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < columns.length; i++) {
            pad(text, header(columns[i]), widths[i], i == columns.length - 1);
        }
        for (String[] line : lines) {
            text.append('\n');
            for (int i = 0; i < columns.length; i++) {
                pad(text, line[i], widths[i], i == columns.length - 1);
            }
        }
        out.println(text);
    }

    private static void pad(StringBuilder text, String cell, int width, boolean last) {
        text.append(cell);
        if (!last) {
            text.append(" ".repeat(width - cell.length() + 2));
        }
    }

    private static String header(String column) {
        return column.substring(column.lastIndexOf('.') + 1).toUpperCase(java.util.Locale.ROOT);
    }

    private static String cell(JsonNode row, String column) {
        JsonNode node = row;
        for (String part : column.split("\\.")) {
            node = node.path(part);
        }
        return text(node);
    }

    private static String text(JsonNode node) {
        if (node.isArray()) {
            List<String> parts = new ArrayList<>();
            node.forEach(part -> parts.add(text(part)));
            return parts.isEmpty() ? "-" : String.join(", ", parts);
        }
        if (node.isObject()) {
            return inline(node);
        }
        String text = node.isMissingNode() || node.isNull() ? "-" : node.asText();
        return printable(text);
    }

    /**
     * The text without what a terminal would act on: control characters of both ranges, C0 and C1,
     * and marks that turn the direction of writing. Names and logs come from strangers.
     */
    public static String printable(String text) {
        return text.replaceAll("[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069]", "?");
    }

    private static String inline(JsonNode node) {
        List<String> parts = new ArrayList<>();
        node.properties().forEach(f -> parts.add(f.getKey() + "=" + text(f.getValue())));
        return String.join("  ", parts);
    }
}
