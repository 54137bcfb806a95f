package orb.sim.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What the tests declare about themselves, read from their text. */
record TestSources(List<Mark> tags, List<String> disabled, List<Source> sources) {
    private static final Pattern TAG = Pattern.compile("@Tag\\(");
    private static final Pattern TAG_VALUE = Pattern.compile("@Tag\\(\\s*\"([^\"]*)\"");
    private static final Pattern DISABLED = Pattern.compile("@Disabled\\w*");
    private static final Pattern DECLARATION =
            Pattern.compile(
                    "\\b(?:class|interface|record)\\s+(?<type>\\w+)"
                            + "|[\\w>\\]]\\s+(?<method>\\w+)\\s*\\(");

    /**
     * A tag and what carries it.
     *
     * @param test {@code Class#method} or {@code Class}
     */
    record Mark(String id, String test) {}

    static TestSources of(SourceTree tree) {
        var tags = new ArrayList<Mark>();
        var disabled = new ArrayList<String>();
        var sources = tree.java().stream().filter(Source::isTest).toList();
        for (var source : sources) {
            var bare = Outline.withoutAnnotations(source.code());
            TAG.matcher(source.code())
                    .results()
                    .forEach(m -> {
                        var value = TAG_VALUE.matcher(source.text());
                        if (value.find(m.start()) && Specification.isId(value.group(1))) {
                            var test = declarationAfter(source, bare, m.start());
                            tags.add(new Mark(value.group(1), test));
                        }
                    });
            DISABLED.matcher(source.code())
                    .results()
                    .forEach(m -> disabled.add(declarationAfter(source, bare, m.start())));
        }
        return new TestSources(tags, disabled, sources);
    }

    private static String declarationAfter(Source source, String bare, int offset) {
        var file = source.fileName().replaceFirst("\\.java$", "");
        var declaration = DECLARATION.matcher(bare);
        if (!declaration.find(offset)) {
            return file;
        }
        var method = declaration.group("method");
        return method == null ? file : file + "#" + method;
    }

    boolean exists(String test) {
        var file = Specification.typeOf(test) + ".java";
        return sources.stream()
                .filter(s -> s.fileName().equals(file))
                .anyMatch(s -> test.indexOf('#') < 0 || declares(s, test));
    }

    private static boolean declares(Source source, String test) {
        var method = test.substring(test.indexOf('#') + 1);
        return Outline.of(source).methods().stream().anyMatch(m -> m.name().equals(method));
    }

    boolean carries(String test, String id) {
        var type = Specification.typeOf(test);
        return tags.stream()
                .filter(mark -> mark.id().equals(id))
                .anyMatch(mark -> mark.test().equals(test) || mark.test().equals(type));
    }

    boolean isDisabled(String test) {
        return disabled.contains(test) || disabled.contains(Specification.typeOf(test));
    }
}
