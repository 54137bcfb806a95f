package orb.sandbox;

import java.util.ArrayList;
import java.util.List;
import orb.kernel.Limits;

/**
 * Where the invocations of a module begin: at what it declares, or behind its initialisation.
 *
 * <p>What a module does before its entry is called, its start function and {@code _initialize},
 * knows nothing of the invocation unless it asks. So the first one that gets through it without
 * asking leaves a snapshot of memory, globals and tables, and later ones start from that. They are
 * charged the fuel that it took, so outcome and fuel are the same with and without a snapshot, on
 * every machine. Nothing is run for a snapshot's sake: an initialisation that does not end costs
 * each caller its own limit and nobody more.
 *
 * <p>Thread-safe.
 */
final class Beginning {
    /** An initialisation that takes less is run each time: it is as quick as a copy. */
    private static final long FUEL_MIN = 2_000;

    /** How many more bytes may have to be copied for each unit of fuel that is saved. */
    private static final long BYTES_PER_FUEL = 8;

    private static final int SNAPSHOT_MAX = 16 << 20;

    private final Program declared;
    private final List<Integer> steps = new ArrayList<>();

    /** The program that invocations start from; as declared until there is a better one. */
    private volatile Program first;

    private volatile boolean isSettled;

    Beginning(EntryShape shape, Program declared) {
        this.declared = declared;
        this.first = declared;
        if (!declared.startsFromSnapshot()) {
            declared.start().ifPresent(steps::add);
            if (shape == EntryShape.HANDLER) {
                declared.function("_initialize", Admission.PROCEDURE).ifPresent(steps::add);
            }
        }
        this.isSettled = steps.isEmpty();
    }

    /** What the module says itself. */
    Program declared() {
        return declared;
    }

    /** What an instance within these limits is made of. */
    Program of(Limits limits) {
        Program known = first;
        return known.initialPages() <= limits.memoryPages() ? known : declared;
    }

    /** Runs what is left to be done before the entry of an instance of {@link #of}. */
    void complete(Program program, Live live) {
        if (program != declared || steps.isEmpty()) {
            return;
        }
        int dropped = isSettled ? 0 : live.droppedSegments();
        steps.forEach(live::call);
        if (!isSettled) {
            keep(live, dropped);
            isSettled = true;
        }
    }

    private void keep(Live live, int dropped) {
        long saved = live.used().units() - declared.beginningCost();
        if (saved < FUEL_MIN
                || live.isOutOfFuel()
                || live.invocation.isPersonal()
                || live.memory.refusedGrowth()
                || live.droppedSegments() != dropped) {
            return;
        }
        Live.Snapshot become = live.snapshot(declared.layout(), live.used().units());
        int length = become.memory().length;
        if (length <= SNAPSHOT_MAX && length - declared.contentBytes() <= saved * BYTES_PER_FUEL) {
            first = declared.startingFrom(become);
        }
    }

    /** Bytes that what instances start from takes. */
    long heldBytes() {
        Program known = first;
        return known == declared
                ? declared.contentBytes()
                : declared.contentBytes() + known.contentBytes();
    }
}
