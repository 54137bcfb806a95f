package orb.cli.swarm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/** What processes of this machine use, as the kernel counts it (proc(5)). */
final class ProcessUse {
    private ProcessUse() {}

    /** Processor time since their starts, of all of them together, user and system. */
    static Duration cpu(List<Long> pids) {
        Duration sum = Duration.ZERO;
        for (long pid : pids) {
            sum =
                    sum.plus(
                            ProcessHandle.of(pid)
                                    .flatMap(process -> process.info().totalCpuDuration())
                                    .orElseThrow(() ->
                                            new RefusedException(
                                                    ErrorCode.NOT_RUNNING,
                                                    "process " + pid + " has ended")));
        }
        return sum;
    }

    /** Resident memory in MiB. */
    static double resident(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
            }
        }
        throw new IOException("no resident size of process " + pid);
    }
}
