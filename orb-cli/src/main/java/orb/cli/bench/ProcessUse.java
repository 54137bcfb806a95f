package orb.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/** What processes of this machine use, as the kernel counts it (proc(5)). */
final class ProcessUse {
    private ProcessUse() {}

    /**
     * Processor time since their starts, of all of them and of what they started, user and system.
     */
    static Duration cpu(List<Long> pids) {
        return pids.stream()
                .map(ProcessUse::process)
                .flatMap(each -> Stream.concat(Stream.of(each), each.descendants()))
                .flatMap(each -> each.info().totalCpuDuration().stream())
                .reduce(Duration.ZERO, Duration::plus);
    }

    private static ProcessHandle process(long pid) {
        return ProcessHandle.of(pid)
                .orElseThrow(() ->
                        new RefusedException(
                                ErrorCode.NOT_RUNNING, "process " + pid + " has ended"));
    }

    /** Resident memory in MiB of what a process started: its workers and their walls. */
    static double residentBelow(long pid) throws IOException {
        double sum = 0;
        for (ProcessHandle each : process(pid).descendants().toList()) {
            sum += resident(each.pid());
        }
        return sum;
    }

    /** Resident memory in MiB. */
    static double resident(long pid) throws IOException {
        return mebibytes(pid, "status", "VmRSS:");
    }

    /** The same with pages that are shared counted in equal parts: the sum over all is true. */
    static double proportional(long pid) throws IOException {
        return mebibytes(pid, "smaps_rollup", "Pss:");
    }

    private static double mebibytes(long pid, String file, String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/" + file))) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
            }
        }
        throw new IOException("no " + field + " of process " + pid);
    }
}
