package orb.host.build;

import com.google.debugging.sourcemap.FilePosition;
import com.google.debugging.sourcemap.SourceMapConsumerV3;
import com.google.debugging.sourcemap.SourceMapParseException;
import com.google.javascript.rhino.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Joins what Closure Compiler says of places with the names of the functions around them.
 *
 * <p>Its source map names tokens and not functions, and a short name stands for many: so functions
 * are noted before renaming, with where they begin and end. Belongs to one compilation.
 */
final class ScriptPlaces {
    private final String file;
    private final int[] lineStarts;
    private final List<Range> functions = new ArrayList<>();

    /** Part of the source, by offsets of characters. */
    private record Range(int from, int to, String name) {}

    ScriptPlaces(String file, String source) {
        this.file = file;
        this.lineStarts = lineStarts(source);
    }

    private static int[] lineStarts(String source) {
        int[] starts = new int[(int) source.chars().filter(c -> c == '\n').count() + 1];
        int line = 0;
        for (int i = 0; i < source.length(); i++) {
            if (source.charAt(i) == '\n') {
                starts[++line] = i + 1;
            }
        }
        return starts;
    }

    /** Notes the functions of a tree, outer ones first. */
    void note(Node node) {
        if (node.isFunction()) {
            int from = offset(node.getLineno() - 1, node.getCharno());
            functions.add(new Range(from, from + node.getLength(), name(node)));
        }
        for (Node child = node.getFirstChild(); child != null; child = child.getNext()) {
            note(child);
        }
    }

    private static String name(Node function) {
        String own = function.getFirstChild().getString();
        Node parent = function.getParent();
        if (!own.isEmpty() || parent == null) {
            return own;
        }
        boolean isNamed =
                parent.isName()
                        || parent.isStringKey()
                        || parent.isMemberFunctionDef()
                        || parent.isGetterDef()
                        || parent.isSetterDef();
        String name = isNamed ? parent.getString() : "<anonymous>";
        return name.matches("\\S+") ? name : "<anonymous>";
    }

    private int offset(int line, int column) {
        return lineStarts[Math.clamp(line, 0, lineStarts.length - 1)] + column;
    }

    /** The map that Closure Compiler's own gives, without what adds nothing. */
    ScriptMap map(String sourceMap) {
        SourceMapConsumerV3 reader = new SourceMapConsumerV3();
        try {
            reader.parse(sourceMap);
        } catch (SourceMapParseException e) {
            throw new IllegalStateException("the compiler's own map is not one", e);
        }
        List<ScriptMap.Place> places = new ArrayList<>();
        reader.visitMappings((source, symbol, from, start, end) -> {
            if (source.endsWith(file)) {
                ScriptMap.Place place = place(from, start);
                ScriptMap.Place last = places.isEmpty() ? place : places.getLast();
                boolean isNew =
                        places.isEmpty()
                                || place.sourceLine() != last.sourceLine()
                                || place.sourceColumn() != last.sourceColumn();
                if (isNew) {
                    places.add(place);
                }
            }
        });
        return new ScriptMap(places);
    }

    private ScriptMap.Place place(FilePosition from, FilePosition start) {
        return new ScriptMap.Place(
                start.getLine() + 1,
                start.getColumn() + 1,
                from.getLine() + 1,
                from.getColumn() + 1,
                around(offset(from.getLine(), from.getColumn())));
    }

    /** The innermost function around an offset: the last that began and has not ended. */
    private String around(int offset) {
        for (int i = firstBehind(offset) - 1; i >= 0; i--) {
            if (offset < functions.get(i).to()) {
                return functions.get(i).name();
            }
        }
        return "";
    }

    private int firstBehind(int offset) {
        int[] starts = functions.stream().mapToInt(Range::from).toArray();
        int found = Arrays.binarySearch(starts, offset + 1);
        return found < 0 ? -found - 1 : found;
    }
}
