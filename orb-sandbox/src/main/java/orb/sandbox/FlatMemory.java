package orb.sandbox;

import java.util.Arrays;
import orb.sandbox.engine.LinearMemory;
import orb.sandbox.engine.StartingContent;
import run.endive.runtime.Instance;
import run.endive.wasm.types.DataSegment;
import run.endive.wasm.types.PassiveDataSegment;

/**
 * The memory of one instance, with the invocation that it belongs to: so host functions, which all
 * instances of a module share, find theirs. Belongs to one instance and its thread.
 */
final class FlatMemory extends LinearMemory {
    private final Invocation invocation;
    private DataSegment[] segments = {};

    /** As {@link LinearMemory#LinearMemory}. */
    FlatMemory(
            Invocation invocation, StartingContent start, byte[] room, int pagesMax, int globals) {
        super(start, room, pagesMax, globals);
        this.invocation = invocation;
    }

    Invocation invocation() {
        return invocation;
    }

    /** Keeps the instance's own list of segments; the image already holds the active ones. */
    @Override
    public void initialize(Instance instance, DataSegment[] dataSegments) {
        segments = dataSegments;
    }

    @Override
    public void initPassiveSegment(int segment, int to, int from, int length) {
        write(to, segments[segment].data(), from, length);
    }

    @Override
    public void drop(int segment) {
        segments[segment] = PassiveDataSegment.EMPTY;
    }

    /** How many segments were dropped, by whichever way the engine does it. */
    int droppedSegments() {
        return (int)
                Arrays.stream(segments)
                        .filter(segment -> segment.equals(PassiveDataSegment.EMPTY))
                        .count();
    }
}
