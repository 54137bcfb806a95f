package orb.sandbox;

import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.sandbox.fuel.GasSchedule;

/**
 * An admitted and metered artefact, as a rule compiled, ready to be invoked any number of times.
 *
 * <p>Thread-safe; every invocation gets a fresh instance. Holding it holds its compiled code.
 */
public final class Module {
    private static final int KEPT_BYTES = 20_000;
    private static final int KEPT_PER_BYTE = 10;

    private final Digest artefact;
    private final EntryShape shape;
    private final Beginning beginning;
    private final Optional<Script> script;
    private final boolean isInterpreted;
    private final int length;

    /** Byte code and the engine that reads it. */
    record Script(ScriptEngine engine, Bytes code) {}

    Module(Bytes artefact, EntryShape shape, Program program, boolean isInterpreted) {
        this.artefact = Digest.of(artefact);
        this.length = artefact.length();
        this.shape = shape;
        this.beginning = new Beginning(shape, program);
        this.script = Optional.empty();
        this.isInterpreted = isInterpreted;
    }

    Module(Bytes artefact, Script script) {
        this.artefact = Digest.of(artefact);
        this.length = artefact.length();
        this.shape = EntryShape.SCRIPT;
        this.beginning = new Beginning(EntryShape.SCRIPT, script.engine().program());
        this.script = Optional.of(script);
        this.isInterpreted = false;
    }

    Script script() {
        return script.orElseThrow();
    }

    /** The digest of the artefact's bytes, as they were given to {@link Sandbox#prepare}. */
    public Digest artefact() {
        return artefact;
    }

    public EntryShape shape() {
        return shape;
    }

    /** Bytes of the artefact. */
    public int length() {
        return length;
    }

    /**
     * Roughly the memory that it takes while it is kept: its code, compiled or parsed, what the JVM
     * makes of code that runs often, and what instances start from. Grows once, when a call has
     * initialised the module.
     */
    public long heldBytes() {
        return script.isPresent()
                ? KEPT_BYTES + length
                : KEPT_BYTES + (long) length * KEPT_PER_BYTE + beginning.heldBytes();
    }

    /** Whether it has no compiled code yet, so that the same run takes some fifty times as long. */
    public boolean isInterpreted() {
        return isInterpreted;
    }

    /** Linear memory that every instance starts with, in pages of 64 KiB. */
    public int initialPages() {
        return beginning.declared().initialPages();
    }

    /** The version of the gas schedule that its fuel is counted by; receipts name it. */
    public int gasVersion() {
        return GasSchedule.VERSION;
    }

    Beginning beginning() {
        return beginning;
    }
}
