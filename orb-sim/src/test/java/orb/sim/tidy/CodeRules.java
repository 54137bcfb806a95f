package orb.sim.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What code may not say: hidden time and chance, imports that hide what is used, weak names. */
final class CodeRules {
    private static final List<String> PURE_MODULES =
            List.of(
                    "orb-kernel",
                    "orb-overlay",
                    "orb-sandbox",
                    "orb-attestation",
                    "orb-ledger",
                    "orb-jobs",
                    "orb-workflow",
                    "orb-ingress",
                    "orb-node",
                    "orb-tracker");

    private static final Pattern HIDDEN_INPUT =
            Pattern.compile(
                    "\\b(Instant|LocalDate|LocalDateTime|ZonedDateTime|OffsetDateTime)\\.now\\("
                            + "|\\bClock\\.system\\w+\\("
                            + "|\\bSystem\\.(nanoTime|currentTimeMillis|identityHashCode)\\("
                            + "|\\bnew\\s+(Random|SecureRandom)\\b"
                            + "|\\bnew\\s+SplittableRandom\\(\\s*\\)"
                            + "|\\bThreadLocalRandom\\b"
                            + "|\\bMath\\.random\\("
                            + "|\\bUUID\\.randomUUID\\("
                            + "|\\bThread\\.sleep\\(");

    private static final Pattern UNORDERED =
            Pattern.compile(
                    "\\b(HashMap|HashSet|IdentityHashMap|WeakHashMap)\\b"
                            + "|\\b(Map|Set)\\.(of\\((?!\\s*\\))|ofEntries\\(|copyOf\\()"
                            + "|\\bto(UnmodifiableSet|UnmodifiableMap|Set)\\("
                            + "|\\btoMap\\((?![^;]*(TreeMap|LinkedHashMap)::new)");

    private static final Pattern WIDE_IMPORT =
            Pattern.compile("(?m)^import\\s+(module\\b.*|.*\\*\\s*);");

    private static final Pattern WEAK_NAME =
            Pattern.compile(
                    "(Abstract|Base)[A-Z]\\w*|\\w*(Manager|Utils?|Helpers?|Impl|Base|Common|Misc"
                            + "|Service|Handler|Context|Session)");

    private static final Pattern WEAK_PACKAGE =
            Pattern.compile("(?m)^package\\s+[\\w.]*\\b(common|misc|utils?|helpers?|impl|base)\\b");

    private static final Pattern LOOSE_TODO =
            Pattern.compile("\\b(TODO|FIXME|XXX)\\b(?![^\\n]*#\\d)");

    static final Rule HIDDEN_TIME_AND_CHANCE =
            new Rule(
                    "hidden-input",
                    tree ->
                            matches(
                                    "hidden-input",
                                    inPureCode(tree),
                                    HIDDEN_INPUT,
                                    "time and chance come in by the door, from the World"));

    static final Rule VISIBLE_ORDER =
            new Rule(
                    "unordered",
                    tree ->
                            matches(
                                    "unordered",
                                    inPureCode(tree),
                                    UNORDERED,
                                    "its order differs from run to run: TreeMap, LinkedHashMap"));

    static final Rule IMPORTS =
            new Rule(
                    "imports",
                    tree ->
                            matches(
                                    "imports",
                                    tree.java(),
                                    WIDE_IMPORT,
                                    "one explicit import per line"));

    static final Rule NAMES = new Rule("names", CodeRules::weakNames);

    static final Rule LOOSE_ENDS = new Rule("todo", CodeRules::looseTodos);

    private CodeRules() {}

    private static List<Source> inPureCode(SourceTree tree) {
        Predicate<Source> pure = s -> PURE_MODULES.contains(s.module()) && !s.isTest();
        return tree.java().stream().filter(pure).toList();
    }

    private static List<Violation> matches(
            String rule, List<Source> sources, Pattern banned, String advice) {
        var found = new ArrayList<Violation>();
        for (var source : sources) {
            banned.matcher(source.code())
                    .results()
                    .forEach(m -> {
                        var message = m.group().strip() + ": " + advice;
                        int line = source.lineAt(m.start());
                        found.add(new Violation(rule, source.path(), line, message));
                    });
        }
        return found;
    }

    private static List<Violation> weakNames(SourceTree tree) {
        var advice = "a name from the glossary of LAYOUT.md says more";
        var found = new ArrayList<>(matches("names", tree.java(), WEAK_PACKAGE, advice));
        for (var source : tree.java()) {
            for (var type : Outline.of(source).types()) {
                if (WEAK_NAME.matcher(type.name()).matches()) {
                    var message = type.name() + ": " + advice;
                    found.add(new Violation("names", source.path(), type.line(), message));
                }
            }
        }
        return found;
    }

    private static List<Violation> looseTodos(SourceTree tree) {
        var found = new ArrayList<Violation>();
        for (var source : tree.java()) {
            LOOSE_TODO
                    .matcher(source.prose())
                    .results()
                    .filter(m -> source.code().charAt(m.start()) == ' ') // in a comment
                    .forEach(m -> {
                        int line = source.lineAt(m.start());
                        var message = m.group() + " needs the number of an issue, as #12";
                        found.add(new Violation("todo", source.path(), line, message));
                    });
        }
        return found;
    }
}
