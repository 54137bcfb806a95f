package orb.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * Compiles scripts to artefacts: byte code without source.
 *
 * <p>The compiler runs inside the sandbox, because a script is as little trusted before it is
 * compiled as after. Thread-safe.
 */
public final class Scripts {
    /** The longest source and the longest byte code, in bytes. */
    public static final int SOURCE_MAX = 1 << 20;

    /** How places in a script are named: {@code function.js:line:column}, counted from 1. */
    public static final String SHORTENED = "function.js";

    static final String FORMAT = "orb/js/1";
    private static final int CODE_MAX = 4 << 20;
    private static final DecodeLimits LIMITS = new DecodeLimits(CODE_MAX + 100, 2, 8);
    private static final Fuel COMPILE_FUEL = new Fuel(20_000_000_000L);
    private static final ByteSize COMPILE_MEMORY = ByteSize.mib(128);

    private final Digest digest;
    private final Supplier<ScriptEngine> engine;

    Scripts(Digest digest, Supplier<ScriptEngine> engine) {
        this.digest = digest;
        this.engine = engine;
    }

    /** Whether bytes look like an artefact of a script rather than WebAssembly. */
    static boolean isScript(Bytes artefact) {
        return artefact.length() > 10
                && artefact.at(0) == (byte) 0x83
                && artefact.slice(2, 10).equals(Bytes.utf8(FORMAT));
    }

    /**
     * The artefact of a script (docs/protocol/javascript.md).
     *
     * <p>Refused with {@code ORB-0111}, naming the line, if it does not compile, imports another
     * module or is longer than {@link #SOURCE_MAX}.
     */
    public Result<Bytes> compile(String source) {
        Bytes utf8 = Bytes.utf8(source);
        if (utf8.length() > SOURCE_MAX) {
            return Result.refused(
                    ErrorCode.SCRIPT_REFUSED,
                    "the script has " + utf8.length() + " bytes; at most " + SOURCE_MAX);
        }
        return Result.catching(() -> artefact(compiled(utf8)));
    }

    private Bytes artefact(Bytes code) {
        return Cbor.encode(Value.array(Value.of(FORMAT), Value.of(digest.bytes()), Value.of(code)));
    }

    /**
     * The byte code inside an artefact.
     *
     * @throws RefusedException if it is malformed or was made for another engine
     */
    Bytes code(Bytes artefact) {
        Fields fields = Fields.of(Cbor.decodeOrThrow(artefact, LIMITS), "script artefact");
        fields.text(FORMAT.length());
        Digest made = fields.digest();
        Bytes code = fields.bytes(CODE_MAX);
        fields.end();
        if (!made.equals(digest)) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.SCRIPT_REFUSED,
                            "the script was compiled for engine " + made + ", not " + digest,
                            "compile its source again with this version of Orb"));
        }
        return code;
    }

    private Bytes compiled(Bytes source) {
        ScriptEngine started = engine.get();
        Invocation nobody = new Invocation(Request.post(Bytes.EMPTY), RunInputs.FIXED);
        int pages = (int) (COMPILE_MEMORY.bytes() >>> 16);
        Live live = started.program().instantiate(nobody, pages, COMPILE_FUEL);
        List<String> errors = new ArrayList<>();
        Optional<Bytes> code;
        try {
            code = started.compile(live, source, errors);
        } catch (RuntimeException | VirtualMachineError e) {
            Outcome outcome = live.failed(e);
            throw refused("the script is more than the compiler can take: " + outcome);
        }
        if (code.isEmpty()) {
            throw refused("the script does not compile: " + String.join(" ", errors).strip());
        }
        if (code.get().length() > CODE_MAX) {
            throw refused("the script's byte code is larger than " + CODE_MAX + " bytes");
        }
        return code.get();
    }

    private static RefusedException refused(String what) {
        return new RefusedException(ErrorCode.SCRIPT_REFUSED, what);
    }
}
