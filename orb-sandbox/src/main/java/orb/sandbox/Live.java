package orb.sandbox;

import java.util.ArrayList;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Fuel;
import orb.kernel.Outcome;
import orb.kernel.TrapCode;
import orb.sandbox.fuel.GasSchedule;
import orb.sandbox.fuel.Layout;
import orb.sandbox.fuel.Meter;
import run.endive.runtime.GlobalInstance;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.runtime.WasmInterruptedException;
import run.endive.wasm.WasmEngineException;

/**
 * One instance while it lives: calls into it, and what its end means.
 *
 * <p>Belongs to one invocation and its thread.
 */
final class Live {
    private static final int STDERR_TAIL = 500;

    final FlatMemory memory;
    final Invocation invocation;
    private final Instance instance;
    private final Machine machine;
    private final Fuel fuel;
    private final GlobalInstance gas;
    private final GlobalInstance depth;
    private final GlobalInstance reserve;

    Live(
            Instance instance,
            FlatMemory memory,
            Invocation invocation,
            Meter.Added added,
            Given given) {
        this.instance = instance;
        this.machine = instance.getMachine();
        this.memory = memory;
        this.invocation = invocation;
        this.fuel = given.fuel();
        this.gas = instance.global(added.gasGlobal());
        this.depth = instance.global(added.depthGlobal());
        this.reserve = instance.global(added.reserveGlobal());
        reserve.setValue(fuel.units());
        depth.setValue(GasSchedule.STACK_WORDS);
        invocation.connect(this);
        takeGas(given.spent());
    }

    /**
     * @param fuel what the invocation may use
     * @param spent what of it the instance's beginning costs, {@link Program#beginningCost}
     */
    record Given(Fuel fuel, long spent) {}

    /** Calls a function from outside, with the whole stack. */
    long[] call(int function, long... arguments) {
        depth.setValue(GasSchedule.STACK_WORDS);
        return nested(function, arguments);
    }

    /** Calls a function from within a host function, with the stack that is left. */
    long[] nested(int function, long... arguments) {
        long[] results = machine.call(function, arguments);
        return results == null ? new long[0] : results;
    }

    /** Takes work done by the host from the gas; what is left. */
    long takeGas(long units) {
        gas.setValue(gas.getValue() - units);
        return left();
    }

    private long left() {
        return gas.getValue() + reserve.getValue();
    }

    boolean isOutOfFuel() {
        return left() < 0;
    }

    Fuel used() {
        return new Fuel(Math.clamp(fuel.units() - left(), 0, fuel.units()));
    }

    /**
     * What the instance has become, for others to start from.
     *
     * @param layout of its module: its own globals are kept, not those of the meter
     * @param cost fuel that each of those others is charged for it
     */
    Snapshot snapshot(Layout layout, long cost) {
        long[] globals = new long[layout.globals.size()];
        for (int i = 0; i < globals.length; i++) {
            globals[i] = global(i);
        }
        List<int[]> tables = new ArrayList<>();
        for (int i = 0; i < layout.tables.size(); i++) {
            tables.add(((FlatTable) instance.table(i)).content());
        }
        return new Snapshot(memory.image(), memory.pages(), tables, globals, cost);
    }

    /** A memory's content without its trailing zeros, its size, and what stands beside it. */
    record Snapshot(byte[] memory, int pages, List<int[]> tables, long[] globals, long cost) {}

    /** How many of its passive segments are used up, which no snapshot keeps. */
    int droppedSegments() {
        int dropped = memory.droppedSegments();
        for (int i = 0; i < instance.elementCount(); i++) {
            dropped += instance.element(i) == null ? 1 : 0;
        }
        return dropped;
    }

    /** The bits of a global. */
    long global(int index) {
        return instance.global(index).getValue();
    }

    void setGlobals(long[] values) {
        for (int i = 0; i < values.length; i++) {
            instance.global(i).setValue(values[i]);
        }
    }

    Outcome trapped(TrapCode code, String detail) {
        return new Outcome.Trapped(code, detail, used());
    }

    /** What a failure of the guest, or of the engine under it, means. */
    Outcome failed(Throwable failure) {
        if (failure instanceof WasmInterruptedException) {
            // the world interrupted this thread because time was up; that is answered now
            boolean cleared = Thread.interrupted();
            return trapped(
                    TrapCode.DEADLINE, cleared ? "the time was up" : "the time was up already");
        }
        if (isOutOfFuel()) {
            return new Outcome.OutOfFuel(fuel);
        }
        if (depth.getValue() < 0) {
            return trapped(
                    TrapCode.STACK_EXHAUSTED,
                    "calls stacked up more than " + GasSchedule.STACK_WORDS + " words");
        }
        if (failure instanceof Stop stop && stop.code != TrapCode.EXIT) {
            return trapped(stop.code, text(stop));
        }
        if (memory.refusedGrowth() && !(failure instanceof StackOverflowError)) {
            return trapped(
                    TrapCode.OUT_OF_MEMORY,
                    "it asked for more than "
                            + memory.maximumPages()
                            + " pages and gave up: "
                            + text(failure));
        }
        return switch (failure) {
            case Stop stop -> trapped(stop.code, text(stop) + stderrTail());
            case StackOverflowError overflow -> tooSmall(overflow);
            case OutOfMemoryError _ ->
                    trapped(TrapCode.OUT_OF_MEMORY, "the host has no memory left for it");
            case WasmEngineException e when e.getCause() instanceof StackOverflowError overflow ->
                    tooSmall(overflow);
            case WasmEngineException e -> trapped(code(text(e)), text(e));
            case IndexOutOfBoundsException _ ->
                    trapped(TrapCode.OUT_OF_BOUNDS, "out of bounds memory access");
            case ArithmeticException e -> trapped(TrapCode.ARITHMETIC, text(e));
            default -> trapped(TrapCode.ENGINE, failure.toString());
        };
    }

    /** Names the remedy, because it is the host that gave the engine too small a thread. */
    private Outcome tooSmall(StackOverflowError overflow) {
        return trapped(
                TrapCode.ENGINE,
                "the calling thread's stack is below Sandbox.STACK_BYTES: " + overflow);
    }

    private String stderrTail() {
        Bytes logs = invocation.logs();
        int from = Math.max(0, logs.length() - STDERR_TAIL);
        return logs.isEmpty() ? "" : ": " + logs.slice(from, logs.length()).utf8().strip();
    }

    private static TrapCode code(String message) {
        if (message.contains("unreachable")) {
            return TrapCode.UNREACHABLE;
        }
        if (message.contains("divide by zero")
                || message.contains("integer overflow")
                || message.contains("conversion")) {
            return TrapCode.ARITHMETIC;
        }
        if (message.contains("indirect call")
                || message.contains("uninitialized element")
                || message.contains("undefined element")) {
            return TrapCode.INDIRECT_CALL;
        }
        return message.contains("out of bounds") ? TrapCode.OUT_OF_BOUNDS : TrapCode.ENGINE;
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
