package orb.host.process;

import java.io.IOException;
import java.nio.file.Path;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;

/**
 * What keeps one run of a native program from everything else: today a process behind walls; a
 * microVM would be another of these, see decision 0016. Thread-safe.
 */
interface Driver {
    /**
     * A program on this machine.
     *
     * @param file where it is kept, not written while it is here
     */
    record Program(ProgramKind kind, Path file) {}

    /**
     * How a run ended.
     *
     * @param logs what it wrote to standard error, cut at 64 KiB
     * @param startNanos from being asked to having started it
     * @param runNanos from there to its end
     * @param cpuNanos processor time of all that it started
     * @param peakMemory the most memory in use at once
     */
    record Ended(
            Outcome outcome,
            Bytes logs,
            long startNanos,
            long runNanos,
            long cpuNanos,
            ByteSize peakMemory) {}

    /**
     * Runs a program once, to its end or to the end of its limits; nothing of it is left then. A
     * unit of fuel is a nanosecond of a processor.
     *
     * @throws IOException if it could not be started
     * @throws InterruptedException if this thread was interrupted; the program is ended
     */
    Ended run(Program program, Request request, Limits limits)
            throws IOException, InterruptedException;
}
