package orb.host.build;

import com.google.javascript.jscomp.Compiler;
import com.google.javascript.jscomp.CompilerOptions;
import com.google.javascript.jscomp.CustomPassExecutionTime;
import com.google.javascript.jscomp.JSError;
import com.google.javascript.jscomp.PropertyRenamingPolicy;
import com.google.javascript.jscomp.SourceFile;
import com.google.javascript.jscomp.SourceMap;
import com.google.javascript.jscomp.VariableRenamingPolicy;
import com.google.javascript.rhino.Node;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;

/**
 * Shortens the names in a script, so that what ships holds neither the names of its variables,
 * functions, classes and labels nor its comments.
 *
 * <p>Closure Compiler parses the module and renames; of its optimisations none runs. Its ADVANCED
 * level also renames properties and so breaks every script that reaches a property by text ({@code
 * JSON}, headers, {@code obj["x"]}), and its SIMPLE level rewrites code for no gain that bytecode
 * keeps. So property names, {@code #private} names, named groups of regular expressions and the
 * text of strings survive, and a script that looks at {@code fn.name} sees the short name. All
 * exports but the default one are dropped: nothing can import them. Thread-safe.
 */
public final class ScriptNames {
    /** A script's text has at most this many characters. */
    public static final int SOURCE_MAX = 4 << 20;

    /** The one name that survives, made unique so that it never meets a name of the script's. */
    private static final String DEFAULT = "orbDefaultExport";

    private static final String SCRIPT = "orb-script.js";
    private static final String ENTRY = "orb-entry.js";

    /** What the compiler says of an import. */
    private static final List<String> LOADING =
            List.of("JSC_JS_MODULE_LOAD_WARNING", "JSC_INVALID_MODULE_PATH");

    private ScriptNames() {}

    /**
     * The same module with short names and without comments, ending in one default export.
     *
     * @param file names the script in refusals
     * @return SCRIPT_REFUSED naming line and column of what Closure Compiler cannot read
     */
    public static Result<ShortScript> shorten(String file, String source) {
        if (source.length() > SOURCE_MAX) {
            return Result.refused(
                    refusal(
                            file
                                    + " has "
                                    + source.length()
                                    + " characters; at most "
                                    + SOURCE_MAX));
        }
        try {
            return Result.ok(compile(file, source));
        } catch (RefusedException e) {
            return Result.refused(e.refusal());
        } catch (RuntimeException | StackOverflowError e) {
            // the library's own assertions and depth on input that it was not written for
            return Result.refused(refusal(file + " is more than Closure Compiler can read: " + e));
        }
    }

    private static ShortScript compile(String file, String source) {
        if (source.contains(DEFAULT)) {
            throw new RefusedException(refusal(file + " uses the reserved name " + DEFAULT));
        }
        Compiler compiler = new Compiler(new PrintStream(OutputStream.nullOutputStream()));
        compiler.disableThreads();
        CompilerOptions options = options();
        boolean[] found = {false};
        ScriptPlaces places = new ScriptPlaces(SCRIPT, source);
        options.addCustomPass(
                CustomPassExecutionTime.BEFORE_CHECKS,
                (externs, root) -> {
                    places.note(root.getFirstChild());
                    found[0] = keepDefaultExport(compiler, root);
                });
        try {
            compiler.compile(
                    List.of(
                            SourceFile.fromCode(
                                    "orb-externs.js", "/** @externs */ var " + DEFAULT + ";")),
                    List.of(
                            SourceFile.fromCode(SCRIPT, source),
                            SourceFile.fromCode(
                                    ENTRY,
                                    "import script from './"
                                            + SCRIPT
                                            + "'; "
                                            + DEFAULT
                                            + " = script;")),
                    options);
        } finally {
            // before whatever the compiler threw because it missed the export
            refuse(file, compiler.getErrors(), found[0]);
        }
        String head = "let " + DEFAULT + ";";
        compiler.getSourceMap().setWrapperPrefix(head);
        String code = compiler.toSource();
        StringBuilder map = new StringBuilder();
        try {
            compiler.getSourceMap().appendTo(map, SCRIPT);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return new ShortScript(
                head + code + ";export{" + DEFAULT + " as default};", places.map(map.toString()));
    }

    private static CompilerOptions options() {
        CompilerOptions options = new CompilerOptions();
        // "unsupported" are features that it reads and prints but cannot compile away
        options.setLanguageIn(CompilerOptions.LanguageMode.UNSUPPORTED);
        options.setLanguageOut(CompilerOptions.LanguageMode.NO_TRANSPILE);
        options.setRewritePolyfills(false);
        options.setEmitUseStrict(false);
        options.setVariableRenaming(VariableRenamingPolicy.ALL);
        options.setPropertyRenaming(PropertyRenamingPolicy.OFF);
        options.setLabelRenaming(true);
        options.setOutputCharset(StandardCharsets.UTF_8);
        options.setPreserveDetailedSourceInfo(true);
        options.setSourceMapOutputPath(SCRIPT + ".map");
        options.setSourceMapDetailLevel(SourceMap.DetailLevel.ALL);
        return options;
    }

    /** Takes all exports but the default one apart; false if there is no default one. */
    private static boolean keepDefaultExport(Compiler compiler, Node root) {
        boolean found = false;
        for (Node script = root.getFirstChild(); script != null; script = script.getNext()) {
            // comments that are marked as licences would be printed
            script.setJSDocInfo(null);
            Node body = script.getFirstChild();
            if (!script.getSourceFileName().endsWith(SCRIPT) || body == null) {
                continue;
            }
            Node child = body.getFirstChild();
            while (child != null) {
                Node next = child.getNext();
                if (child.isExport() && child.getBooleanProp(Node.EXPORT_DEFAULT)) {
                    found = true;
                } else if (child.isExport()) {
                    found |= unwrap(compiler, child);
                }
                child = next;
            }
        }
        return found;
    }

    /** Leaves the declaration without its export, or of a list of names the default one. */
    private static boolean unwrap(Compiler compiler, Node export) {
        Node inner = export.getFirstChild();
        compiler.reportChangeToEnclosingScope(export);
        if (!inner.isExportSpecs()) {
            export.replaceWith(inner.detach());
            return false;
        }
        Node spec = inner.getFirstChild();
        while (spec != null) {
            Node next = spec.getNext();
            if (!spec.getLastChild().getString().equals("default")) {
                spec.detach();
            }
            spec = next;
        }
        if (inner.hasChildren()) {
            return true;
        }
        export.detach();
        return false;
    }

    private static void refuse(String file, List<JSError> errors, boolean found) {
        for (JSError error : errors) {
            String where = at(file, error.lineno(), error.charno());
            if (ENTRY.equals(error.sourceName())) {
                break; // its one import is of the default export
            }
            throw new RefusedException(
                    LOADING.contains(error.type().key)
                            ? new Refusal(
                                    ErrorCode.SCRIPT_REFUSED,
                                    where + "a script imports nothing",
                                    "bundle it into one file by the manifest's build line")
                            : refusal(where + error.description()));
        }
        if (!found || !errors.isEmpty()) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.SCRIPT_REFUSED,
                            file + " has no default export",
                            "write export default { fetch(request) { ... } }"));
        }
    }

    private static String at(String file, int line, int column) {
        return String.format(Locale.ROOT, "%s:%d:%d: ", file, line, column + 1);
    }

    private static Refusal refusal(String what) {
        return new Refusal(
                ErrorCode.SCRIPT_REFUSED,
                what,
                "correct the script, or lower its language level in the manifest's build line");
    }
}
