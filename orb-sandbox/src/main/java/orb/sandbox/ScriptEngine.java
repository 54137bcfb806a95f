package orb.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Header;
import orb.kernel.Outcome;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.TrapCode;
import orb.sandbox.fuel.Bounds;
import orb.sandbox.fuel.GasSchedule;
import orb.sandbox.fuel.Layout;

/**
 * QuickJS, metered and started once; every script runs in a copy of that start.
 *
 * <p>Starting the engine and evaluating the prelude takes a hundred times as long as a short
 * script, so it is done once and its memory and globals are kept. An instance begins with a copy,
 * and a script's own state dies with it. Immutable and thread-safe.
 */
final class ScriptEngine {
    private static final String PRELUDE = "prelude.js";

    /** What the prelude is given after the host's functions, in this order. */
    private static final List<String> PARTS = List.of("url.js", "crypto.js", "clone.js", "orb.js");

    private static final int EVAL_SCRIPT = 0;
    private static final int EVAL_MODULE = 1;

    /** Positions in the shortened text stay, so that its owner can tell where it failed. */
    private static final int STRIP_SOURCE = 16;

    private static final int STRIP_SOURCE_AND_DEBUG = 16 | 32;

    /** Below the stack words that a call may use, so that scripts can catch their recursion. */
    private static final int SCRIPT_STACK_BYTES = 192 << 10;

    /**
     * What the engine allocates before it first collects garbage: most scripts end before, and a
     * collection walks all that the snapshot holds.
     */
    private static final int GARBAGE_BYTES = 4 << 20;

    private static final Fuel START_FUEL = new Fuel(1_000_000_000_000L);

    private final Digest digest;
    private final Program program;
    private final Map<String, Integer> functions;
    private final Entry entry;

    /** Addresses of the prelude's functions in the snapshot. */
    private record Entry(int begin, int answer, int body) {}

    private ScriptEngine(Digest digest, Program program, Started started) {
        this.digest = digest;
        this.program = program.startingFrom(started.image);
        this.functions = started.functions;
        this.entry = started.entry;
    }

    private record Started(Live.Snapshot image, Map<String, Integer> functions, Entry entry) {}

    /**
     * Names the engine in artefacts: byte code of one is not read by another.
     *
     * @param wasm the engine's module
     */
    static Digest digest(Bytes wasm) {
        List<byte[]> parts = new ArrayList<>(List.of(wasm.array(), resource(PRELUDE).array()));
        PARTS.forEach(part -> parts.add(resource(part).array()));
        return Digest.sha256(parts.toArray(byte[][]::new));
    }

    /**
     * @param code what {@link EngineCode} made of the module; whatever else is there is not used
     */
    static ScriptEngine of(Bytes wasm, Bytes code, Program.Mode mode) {
        Optional<EngineCode.Read> made = EngineCode.read(wasm, code);
        Layout layout = made.map(EngineCode.Read::layout).orElseGet(() -> Admission.admit(wasm));
        Wasi.Surface surface = new ScriptSurface(layout)::find;
        Program program =
                made.map(each ->
                                Program.of(layout, Imports.of(layout, surface), each.compilation()))
                        .orElseGet(() -> Program.of(layout, surface, mode));
        return new ScriptEngine(digest(wasm), program, start(layout, program));
    }

    private static Started start(Layout layout, Program program) {
        Map<String, Integer> functions = Guest.functions(layout);
        Invocation nobody = new Invocation(Request.post(Bytes.EMPTY), RunInputs.FIXED);
        Live live = program.instantiate(nobody, Bounds.MEMORY_PAGES, START_FUEL);
        Guest guest = new Guest(live, functions);
        guest.call("_initialize");
        if (guest.call("qjs_init") != 0) {
            throw new RefusedException(ErrorCode.INTERNAL, "the script engine does not start");
        }
        guest.call("qjs_set_max_stack_size", SCRIPT_STACK_BYTES);
        int[] given = new int[3 + PARTS.size()];
        given[0] = hostFunction(guest, ScriptSurface.LOG);
        given[1] = hostFunction(guest, ScriptSurface.DIGEST);
        given[2] = hostFunction(guest, ScriptSurface.CAPABILITY);
        for (int i = 0; i < PARTS.size(); i++) {
            given[3 + i] = evaluate(live, guest, PARTS.get(i));
        }
        int entry = guest.apply(evaluate(live, guest, PRELUDE), given);
        requireValue(guest, entry, PRELUDE);
        guest.call("qjs_run_gc");
        guest.call("qjs_set_gc_threshold", GARBAGE_BYTES);
        Entry found =
                new Entry(
                        guest.property(entry, "begin"),
                        guest.property(entry, "answer"),
                        guest.property(entry, "body"));
        long cost = (long) GasSchedule.PAGE * live.memory.pages();
        return new Started(live.snapshot(layout, cost), functions, found);
    }

    private static int hostFunction(Guest guest, String name) {
        return guest.call("qjs_new_host_function", guest.place(Bytes.utf8(name)), name.length(), 0);
    }

    /** Runs a part of the prelude and leaves its text behind. */
    private static int evaluate(Live live, Guest guest, String file) {
        int length = guest.call("wasm_malloc", 4);
        Unit unit = new Unit(resource(file), file, EVAL_SCRIPT, STRIP_SOURCE_AND_DEBUG);
        int compiled = unit.compile(guest, length);
        if (compiled == 0) {
            throw failing(guest, file);
        }
        int value = guest.call("qjs_eval_bytecode", compiled, live.memory.readInt(length));
        requireValue(guest, value, file);
        return value;
    }

    private static void requireValue(Guest guest, int value, String file) {
        if (guest.isException(value)) {
            throw failing(guest, file);
        }
    }

    private static RefusedException failing(Guest guest, String file) {
        return new RefusedException(ErrorCode.INTERNAL, file + " fails: " + guest.exception());
    }

    private static Bytes resource(String name) {
        try (InputStream in = ScriptEngine.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the sandbox was built without " + name);
            }
            return Bytes.wrap(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + name, e);
        }
    }

    Digest digest() {
        return digest;
    }

    Program program() {
        return program;
    }

    /** The byte code of a script, or the lines of its error. */
    Optional<Bytes> compile(Live live, Bytes source, List<String> errors) {
        Guest guest = guest(live);
        int length = guest.call("wasm_malloc", 4);
        Unit unit = new Unit(source, Scripts.SHORTENED, EVAL_MODULE, STRIP_SOURCE);
        int compiled = unit.compile(guest, length);
        if (compiled == 0) {
            errors.addAll(guest.exception());
            return Optional.empty();
        }
        return Optional.of(
                Bytes.wrap(live.memory.readBytes(compiled, live.memory.readInt(length))));
    }

    /** A text to compile, under which name, as what, and what is left out of its byte code. */
    private record Unit(Bytes source, String file, int kind, int strip) {
        /** Where its byte code lies, and at {@code length} how long it is; 0 if it has an error. */
        int compile(Guest guest, int length) {
            int code = guest.place(source);
            int name = guest.place(Bytes.utf8(file));
            int compiled =
                    guest.call("qjs_compile", code, source.length(), name, kind, strip, length);
            guest.free(code);
            return compiled;
        }
    }

    /** Runs a script on the invocation's request. */
    Outcome run(Live live, Bytes code) {
        Guest guest = guest(live);
        int loading = guest.call("qjs_eval_bytecode", guest.place(code), code.length());
        if (guest.isException(loading)) {
            return failed(live, String.join("\n", guest.exception()));
        }
        Request request = live.invocation.request;
        int meta = guest.string(Bytes.utf8(meta(live.invocation)));
        int begun = guest.apply(entry.begin(), loading, meta, guest.stringOrBytes(request.body()));
        if (guest.isException(begun)) {
            return failed(live, String.join("\n", guest.exception()));
        }
        Optional<String> thrown = guest.runJobs();
        if (thrown.isPresent()) {
            return failed(live, thrown.get());
        }
        return answered(live, guest);
    }

    private Outcome answered(Live live, Guest guest) {
        String[] lines = guest.text(guest.apply(entry.answer())).utf8().split("\n", -1);
        return switch (lines[0]) {
            case "done" ->
                    response(lines, guest)
                            .<Outcome>map(r -> new Outcome.Completed(r, live.used()))
                            .orElseGet(() ->
                                    live.trapped(
                                            TrapCode.BAD_OUTPUT,
                                            "its Response has a status outside 200..599"
                                                    + " or a malformed header"));
            case "failed" ->
                    failed(live, String.join("\n", List.of(lines).subList(1, lines.length)));
            default -> failed(live, "its promise is never settled");
        };
    }

    private Optional<Response> response(String[] lines, Guest guest) {
        List<Header> headers = new ArrayList<>();
        for (int i = 2; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            String name = colon < 0 ? "" : lines[i].substring(0, colon);
            String value = lines[i].substring(colon + 1);
            if (!Header.isValid(name, value)) {
                return Optional.empty();
            }
            headers.add(new Header(name, value));
        }
        if (!lines[1].matches("[2-5][0-9][0-9]") || headers.size() > Request.HEADERS_MAX) {
            return Optional.empty();
        }
        int body = guest.apply(entry.body());
        return Optional.of(new Response(Integer.parseInt(lines[1]), headers, guest.content(body)));
    }

    private static Outcome failed(Live live, String problem) {
        return live.trapped(
                live.memory.refusedGrowth() ? TrapCode.OUT_OF_MEMORY : TrapCode.SCRIPT_ERROR,
                problem);
    }

    private Guest guest(Live live) {
        return new Guest(live, functions);
    }

    private static String meta(Invocation invocation) {
        StringBuilder json = new StringBuilder(256);
        Request request = invocation.request;
        json.append("{\"method\":").append(quoted(request.method()));
        json.append(",\"path\":").append(quoted(request.path()));
        json.append(",\"query\":").append(quoted(request.query()));
        json.append(",\"seed\":[");
        for (int i = 0; i < 4; i++) {
            json.append(i == 0 ? "" : ",").append((int) invocation.nextRandom());
        }
        json.append("],\"headers\":[");
        String comma = "";
        for (Header header : request.headers()) {
            json.append(comma).append('[').append(quoted(header.name())).append(',');
            json.append(quoted(header.value())).append(']');
            comma = ",";
        }
        return json.append("]}").toString();
    }

    /** A JSON string (RFC 8259 section 7). */
    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
