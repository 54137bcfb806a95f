package orb.sim.tidy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The types and methods of a file, found by counting braces.
 *
 * <p>What stands before a brace says what it opens: a word like {@code class} opens a type, a
 * parameter list directly inside a type opens a method, everything else is a mere block. That is
 * enough for code that a formatter has passed over, and needs no parser.
 */
final class Outline {
    private static final Pattern TYPE =
            Pattern.compile("\\b(class|interface|enum|record)\\s+(\\w+)");
    private static final Pattern ANONYMOUS = Pattern.compile("\\bnew\\s+[^;{}]*\\)\\s*$");

    /** A name that follows a return type; the constants of an enum follow nothing. */
    private static final Pattern METHOD = Pattern.compile("[\\w>\\]]\\s+(\\w+)\\s*\\(");

    private static final Pattern CONSTRUCTOR = Pattern.compile("(?:^|\\s)(\\w+)\\s*\\(");

    /** A declared type. */
    record Type(String name, int line) {}

    /** A declared method or constructor, with the lines that it takes. */
    record Method(String name, int parameters, int firstLine, int lastLine) {
        int lines() {
            return lastLine - firstLine + 1;
        }
    }

    /** What an open brace belongs to: a type, a method, or a block of no interest. */
    private sealed interface Open {
        record OfType(String name, boolean isRecord) implements Open {}

        record OfMethod(String name, int parameters, int firstLine) implements Open {}

        record OfBlock() implements Open {}
    }

    private final Source source;
    private final String code;
    private final List<Type> types = new ArrayList<>();
    private final List<Method> methods = new ArrayList<>();
    private final Deque<Open> open = new ArrayDeque<>();

    private Outline(Source source) {
        this.source = source;
        this.code = withoutAnnotations(source.code());
    }

    static Outline of(Source source) {
        var outline = new Outline(source);
        outline.read();
        return outline;
    }

    List<Type> types() {
        return types;
    }

    List<Method> methods() {
        return methods;
    }

    private void read() {
        int start = 0;
        int parens = 0;
        for (int i = 0; i < code.length(); i++) {
            switch (code.charAt(i)) {
                case '(' -> parens++;
                case ')' -> parens--;
                case '{' -> {
                    // A lambda or an anonymous type may open within parentheses.
                    opened(start, i);
                    start = i + 1;
                }
                case '}' -> {
                    closed(i);
                    start = i + 1;
                }
                case ';' -> {
                    if (parens == 0) {
                        declared(start, i);
                    }
                    start = i + 1;
                }
                default -> {}
            }
        }
    }

    private void opened(int start, int end) {
        var header = code.substring(start, end);
        var type = TYPE.matcher(header);
        int line = source.lineAt(firstWord(start, end));
        if (type.find() && !header.contains("=")) {
            types.add(new Type(type.group(2), line));
            open.push(new Open.OfType(type.group(2), type.group(1).equals("record")));
        } else if (ANONYMOUS.matcher(header).find()) {
            open.push(new Open.OfType("", false));
        } else {
            open.push(method(header, line).<Open>map(m -> m).orElseGet(Open.OfBlock::new));
        }
    }

    private void closed(int end) {
        if (open.poll() instanceof Open.OfMethod(var name, int parameters, int firstLine)) {
            methods.add(new Method(name, parameters, firstLine, source.lineAt(end)));
        }
    }

    /** A method without a body, as in an interface. */
    private void declared(int start, int end) {
        int line = source.lineAt(firstWord(start, end));
        method(code.substring(start, end), line)
                .ifPresent(m -> methods.add(new Method(m.name(), m.parameters(), line, line)));
    }

    private Optional<Open.OfMethod> method(String header, int line) {
        if (!(open.peek() instanceof Open.OfType(var type, boolean isRecord))
                || header.contains("=")
                || header.contains("->")) {
            return Optional.empty();
        }
        var constructor = CONSTRUCTOR.matcher(header);
        if (constructor.find() && constructor.group(1).equals(type)) {
            // The parameters of a record are its data, however many.
            int parameters = isRecord ? 0 : parameters(header.substring(constructor.end() - 1));
            return Optional.of(new Open.OfMethod(type, parameters, line));
        }
        var method = METHOD.matcher(header);
        return method.find()
                ? Optional.of(
                        new Open.OfMethod(
                                method.group(1),
                                parameters(header.substring(method.end() - 1)),
                                line))
                : Optional.empty();
    }

    private static int parameters(String header) {
        int first = header.indexOf('(');
        int last = header.lastIndexOf(')');
        if (last <= first || header.substring(first + 1, last).isBlank()) {
            return 0;
        }
        int count = 1;
        int depth = 0;
        for (char c : header.substring(first + 1, last).toCharArray()) {
            switch (c) {
                case '<', '(', '[' -> depth++;
                case '>', ')', ']' -> depth--;
                case ',' -> count += depth == 0 ? 1 : 0;
                default -> {}
            }
        }
        return count;
    }

    private int firstWord(int start, int end) {
        int i = start;
        while (i < end && Character.isWhitespace(code.charAt(i))) {
            i++;
        }
        return i;
    }

    /** Blanks {@code @Name(...)}, whose parentheses would look like parameters. */
    static String withoutAnnotations(String code) {
        var out = new StringBuilder(code);
        var annotation = Pattern.compile("@(?!interface)[\\w.]+\\s*(\\()?").matcher(code);
        int from = 0;
        while (annotation.find(from)) {
            int end = annotation.end();
            for (int depth = annotation.group(1) == null ? 0 : 1;
                    depth > 0 && end < code.length();
                    end++) {
                depth += code.charAt(end) == '(' ? 1 : code.charAt(end) == ')' ? -1 : 0;
            }
            for (int i = annotation.start(); i < end; i++) {
                out.setCharAt(i, code.charAt(i) == '\n' ? '\n' : ' ');
            }
            from = end;
        }
        return out.toString();
    }
}
