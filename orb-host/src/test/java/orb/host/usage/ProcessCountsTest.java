package orb.host.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import orb.kernel.port.Event;
import orb.kernel.port.MachineUse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is read of processes, beside what the JDK and the shell say. */
class ProcessCountsTest {
    @BeforeEach
    void needsProc() {
        assumeTrue(Files.exists(Path.of("/proc/self/stat")), "needs Linux's /proc");
    }

    @Test
    @Tag("H6")
    void processorTimeIsWhatTheJdkReadsToo() {
        ProcessHandle self = ProcessHandle.current();
        Duration before = self.info().totalCpuDuration().orElseThrow();
        long read = ProcessCounts.cpuMicros(self.pid());
        Duration after = self.info().totalCpuDuration().orElseThrow();

        assertThat(read).isBetween(before.toNanos() / 1000, after.toNanos() / 1000);
    }

    @Test
    void aProcessThatIsGoneUsesNothing() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();

        assertThat(ProcessCounts.cpuMicros(gone.pid())).isZero();
        assertThat(ProcessCounts.residentBytes(gone.pid())).isZero();
    }

    @Test
    void whatAProcessStartedIsFound() throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", "sleep 60 & echo $!; wait").start();
        try {
            long child = Long.parseLong(shell.inputReader().readLine());

            assertThat(ProcessCounts.tree(shell.pid())).containsExactly(shell.pid(), child);
        } finally {
            shell.descendants().forEach(ProcessHandle::destroyForcibly);
            shell.destroyForcibly();
        }
    }

    @Test
    @Tag("K6")
    void theWatchTellsWhatOthersTakeOfTheMachine() throws Exception {
        BlockingQueue<Event> told = new ArrayBlockingQueue<>(1000);
        int processors = Runtime.getRuntime().availableProcessors();
        Process[] busy = new Process[processors];
        try (UseWatch watch =
                new UseWatch(
                        () -> MachineUse.NONE,
                        Optional::empty,
                        told::add,
                        Duration.ofMillis(200))) {
            for (int i = 0; i < processors; i++) {
                busy[i] = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
            }
            int others = 0;
            while (others < 500) { // the test's own limit ends it if that never comes
                others = ((Event.Measured) told.take()).use().othersPermille();
            }
            watch.look();
            assertThat(others).isBetween(500, 1000);
        } finally {
            for (Process each : busy) {
                each.destroyForcibly();
            }
        }
    }
}
