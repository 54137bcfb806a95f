package orb.sandbox;

import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.TrapCode;
import orb.kernel.cgi.Cgi;
import orb.kernel.port.HostCalls;
import orb.sandbox.fuel.GasSchedule;
import orb.sandbox.fuel.Layout;

/**
 * Runs functions within fuel, memory and time.
 *
 * <p>An artefact is prepared once (admitted, metered, compiled) and then invoked any number of
 * times; every invocation gets a fresh instance, so nothing passes from one caller to the next. A
 * guest reaches what its {@link Request} and {@link RunInputs} hold, and what its node answers to
 * its {@link HostCalls}, and nothing else: no file, no socket, no other clock or chance. Equal
 * artefact, request, limits and inputs give an equal outcome and fuel on every machine; only {@code
 * DEADLINE} and a host without memory are not the guest's own doing.
 *
 * <p>The sandbox starts no thread. Whoever calls it watches the wall clock and interrupts the
 * calling thread when {@link Limits#wall} has passed; a guest answers within microseconds and the
 * interrupt is cleared. Threads that call it need a stack of {@link #STACK_BYTES}, or deep
 * recursion ends as {@code ENGINE} instead of {@code STACK_EXHAUSTED}.
 *
 * <p>Thread-safe.
 */
public final class Sandbox {
    /** What the stack of a calling thread has to hold for the deepest recursion allowed. */
    public static final ByteSize STACK_BYTES = ByteSize.mib(64);

    private final LongSupplier ticker;
    private final Program.Mode mode;
    private final Optional<Scripts> scripts;
    private final Supplier<ScriptEngine> engine;
    private final SpareMemory spare = new SpareMemory();

    /**
     * A sandbox without a script engine.
     *
     * @param ticker nanoseconds of a clock that never goes back, for {@link Run.Timings} alone
     */
    public Sandbox(LongSupplier ticker) {
        this(ticker, Bytes.EMPTY);
    }

    /**
     * A sandbox that runs scripts too. The engine is compiled and started when the first script
     * comes, once for all.
     *
     * @param ticker nanoseconds of a clock that never goes back, for {@link Run.Timings} alone
     * @param scriptEngine the module of quickjs-wasi 3.6.2
     */
    public Sandbox(LongSupplier ticker, Bytes scriptEngine) {
        this(ticker, scriptEngine, Bytes.EMPTY);
    }

    /**
     * As {@link #Sandbox(LongSupplier, Bytes)}, with the engine compiled before.
     *
     * @param engineCode what {@link EngineCode#of} made of the engine, part of the program itself;
     *     stale or damaged code is not used
     */
    public Sandbox(LongSupplier ticker, Bytes scriptEngine, Bytes engineCode) {
        this(ticker, scriptEngine, engineCode, Program.Mode.COMPILED);
    }

    Sandbox(LongSupplier ticker, Bytes scriptEngine, Program.Mode mode) {
        this(ticker, scriptEngine, Bytes.EMPTY, mode);
    }

    private Sandbox(LongSupplier ticker, Bytes scriptEngine, Bytes engineCode, Program.Mode mode) {
        this.ticker = ticker;
        this.mode = mode;
        this.engine = new Once<>(() -> ScriptEngine.of(scriptEngine, engineCode, mode));
        this.scripts =
                scriptEngine.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Scripts(ScriptEngine.digest(scriptEngine), engine));
    }

    /**
     * A sandbox that does not count fuel or depth, to measure what counting costs.
     *
     * <p>Only for a module that is known to end: nothing but an interrupt stops it.
     *
     * @param ticker nanoseconds of a clock that never goes back
     */
    public static Sandbox withoutCounting(LongSupplier ticker) {
        return new Sandbox(ticker, Bytes.EMPTY, Program.Mode.UNMETERED);
    }

    /** The compiler of scripts; empty if this sandbox was made without an engine for them. */
    public Optional<Scripts> scripts() {
        return scripts;
    }

    /**
     * Admits, meters and compiles an artefact: a WebAssembly module or a compiled script.
     *
     * <p>Takes milliseconds for small modules and up to some seconds for the largest admitted.
     * Refused with the reason: not WebAssembly, cut off, too large, a feature that no sandbox has,
     * an import that is not offered, no entry, declares too much, or not valid.
     */
    public Result<Module> prepare(Bytes artefact) {
        return Admission.guarded(() -> prepared(artefact, mode));
    }

    /**
     * As {@link #prepare}, without compiling: it is ready within milliseconds, and slow. Outcome
     * and fuel are the same. A script is ready as ever, because its engine is compiled.
     */
    public Result<Module> prepareInterpreted(Bytes artefact) {
        return Admission.guarded(() -> prepared(artefact, Program.Mode.INTERPRETED));
    }

    /**
     * As {@link #prepare}, from code that {@link #compile} made of the very same artefact, maybe in
     * another process. The code is run as it is: its origin is the caller's to prove.
     */
    public Result<Module> prepare(Bytes artefact, Bytes code) {
        return Admission.guarded(() -> {
            Layout layout = Admission.admitted(artefact);
            EntryShape shape = Admission.shape(layout);
            Program program = Program.of(layout, OrbCalls::find, code);
            return new Module(artefact, shape, program, false);
        });
    }

    /**
     * Admits and compiles a module for {@link #prepare(Bytes, Bytes)}; refused as there, and for a
     * script, which needs no code of its own.
     *
     * @return a few times the module's size
     */
    public static Result<Bytes> compile(Bytes artefact) {
        return Admission.guarded(() -> {
            Layout layout = Admission.admit(artefact);
            Admission.shape(layout);
            return Compilation.code(layout);
        });
    }

    private Module prepared(Bytes artefact, Program.Mode mode) {
        if (Scripts.isScript(artefact)) {
            Scripts reader =
                    scripts.orElseThrow(() ->
                            new RefusedException(
                                    ErrorCode.SCRIPT_REFUSED,
                                    "this sandbox was made without a script engine"));
            Bytes code = reader.code(artefact);
            return new Module(artefact, new Module.Script(engine.get(), code));
        }
        Layout layout = Admission.admit(artefact);
        EntryShape shape = Admission.shape(layout);
        Program program = Program.of(layout, OrbCalls::find, mode);
        return new Module(artefact, shape, program, mode == Program.Mode.INTERPRETED);
    }

    /**
     * Runs one invocation on the calling thread, in a fresh instance.
     *
     * <p>Never throws for what a guest does; a failure of the engine itself is an outcome too.
     */
    public Run invoke(Module module, Request request, Limits limits, RunInputs inputs) {
        return invoke(module, request, limits, inputs, HostCalls.NONE);
    }

    /**
     * As {@link #invoke(Module, Request, Limits, RunInputs)}, with what the guest may ask of its
     * node. The calling thread waits in {@code calls} as long as the node takes, and is interrupted
     * there as anywhere. What the node answers is an input: the outcome follows from it too.
     */
    public Run invoke(
            Module module, Request request, Limits limits, RunInputs inputs, HostCalls calls) {
        long begun = ticker.getAsLong();
        Invocation invocation = new Invocation(request, inputs, calls);
        Program program = module.beginning().of(limits);
        if (program.initialPages() > limits.memoryPages()) {
            Outcome refused = tooSmall(program, limits);
            return new Run(refused, Bytes.EMPTY, new Run.Timings(0, 0), 0);
        }
        byte[] room = {};
        Optional<Live> live = Optional.empty();
        long made = begun;
        Outcome outcome;
        try {
            room = spare.take(program.initialBytes());
            Live instance =
                    program.instantiate(invocation, room, limits.memoryPages(), limits.fuel());
            live = Optional.of(instance);
            made = ticker.getAsLong();
            outcome = run(module, program, instance);
        } catch (Throwable e) {
            outcome = failed(live, e);
        } finally {
            spare.give(room);
        }
        long ended = ticker.getAsLong();
        int pages = live.map(l -> l.memory.pages()).orElse(0);
        Run.Timings timings = new Run.Timings(made - begun, ended - made);
        return new Run(outcome, invocation.logs(), timings, pages);
    }

    private static Outcome failed(Optional<Live> live, Throwable failure) {
        return live.map(l -> l.failed(failure))
                .orElseGet(() ->
                        new Outcome.Refused(
                                new Refusal(
                                        failure instanceof OutOfMemoryError
                                                ? ErrorCode.OUT_OF_MEMORY
                                                : ErrorCode.INTERNAL,
                                        "the instance could not be made: " + failure)));
    }

    private static Outcome tooSmall(Program program, Limits limits) {
        return new Outcome.Refused(
                new Refusal(
                        ErrorCode.OUT_OF_MEMORY,
                        "the module starts with "
                                + program.initialPages()
                                + " pages of 64 KiB, and the limit is "
                                + limits.memoryPages(),
                        "raise the memory limit in orb.yaml"));
    }

    private static Outcome run(Module module, Program program, Live live) {
        if (!live.isOutOfFuel()) {
            module.beginning().complete(program, live);
        }
        Outcome outcome =
                switch (module.shape()) {
                    case COMMAND -> command(program, live);
                    case HANDLER -> handler(program, live);
                    case SCRIPT -> module.script().engine().run(live, module.script().code());
                };
        return live.isOutOfFuel() ? live.failed(Stop.trap(TrapCode.ENGINE, "fuel")) : outcome;
    }

    private static Outcome command(Program program, Live live) {
        int start = program.function("_start", Admission.PROCEDURE).orElseThrow();
        try {
            live.call(start);
        } catch (Stop stop) {
            if (stop.status != 0) {
                throw stop;
            }
        }
        return Cgi.response(live.invocation.output())
                .<Outcome>map(response -> new Outcome.Completed(response, live.used()))
                .orElseGet(() ->
                        live.trapped(
                                TrapCode.BAD_OUTPUT,
                                "its CGI header block has a status outside 200..599 or"
                                        + " more than 64 headers"));
    }

    private static Outcome handler(Program program, Live live) {
        Bytes body = live.invocation.request.body();
        int alloc = program.function("alloc", Admission.ALLOC).orElseThrow();
        int handle = program.function("handle", Admission.HANDLE).orElseThrow();
        int input = (int) live.call(alloc, body.length())[0];
        live.memory.write(input, body.array(), 0, body.length());
        live.invocation.charge(GasSchedule.moved(body.length()));
        long packed = live.call(handle, input, body.length())[0];
        int length = (int) packed;
        if (length < 0 || length > Response.BODY_MAX) {
            return live.trapped(
                    TrapCode.BAD_OUTPUT,
                    "handle returned a length of " + Integer.toUnsignedString(length));
        }
        int address = (int) (packed >>> 32);
        long end = (address & 0xffff_ffffL) + length;
        if (end > (long) live.memory.pages() << 16) {
            return live.trapped(TrapCode.BAD_OUTPUT, "handle returned bytes outside of its memory");
        }
        live.invocation.charge(GasSchedule.moved(length));
        Bytes output = Bytes.wrap(live.memory.readBytes(address, length));
        return new Outcome.Completed(Response.ok(output), live.used());
    }
}
