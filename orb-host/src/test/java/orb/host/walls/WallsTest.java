package orb.host.walls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import orb.host.worker.WorkerProgram;
import orb.kernel.ByteSize;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a function could do that had broken out of the sandbox: nothing of what it tries. */
@Timeout(180)
class WallsTest {
    @TempDir private Path folder;

    private final Walls walls = Walls.find(program());
    private Process process;

    private static WorkerProgram program() {
        Pattern needed = Pattern.compile(".*/orb-host/target/(classes|test-classes)/?");
        List<Path> entries =
                Arrays.stream(System.getProperty("java.class.path").split(":"))
                        .filter(entry -> needed.matcher(entry).matches())
                        .map(Path::of)
                        .toList();
        return new WorkerProgram(
                Path.of(System.getProperty("java.home")),
                entries,
                Trespasser.class.getName(),
                1,
                ByteSize.mib(64));
    }

    @AfterEach
    void end() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        walls.close();
    }

    /** Skips, visibly, where this machine does not offer the wall that is tested. */
    private void needs(String wall) {
        Layer layer =
                walls.layers().stream()
                        .filter(l -> l.name().equals(wall))
                        .findFirst()
                        .orElseThrow();
        assumeTrue(layer.active(), wall + " is missing: " + layer.detail() + "; " + layer.next());
    }

    /** What the trespasser says to one attempt; empty if it was ended for it. */
    private String attempt(String words) throws IOException {
        Walls.Start start = walls.start();
        process = start.builder().redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            process.getOutputStream().write((words + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            String line = said.readLine();
            return line == null ? "" : line;
        } finally {
            process.destroyForcibly();
            start.group().ifPresent(Cgroup::close);
        }
    }

    @Test
    void everyWallIsNamedAndAMissingOneSaysWhyAndWhatToDo() {
        assertThat(walls.layers())
                .extracting(Layer::name)
                .containsExactly("process", "namespaces", "seccomp", "cgroup", "rlimits");
        assertThat(walls.layers())
                .allSatisfy(layer -> {
                    assertThat(layer.detail()).isNotBlank();
                    assertThat(layer.next().isBlank()).isEqualTo(layer.active());
                });
    }

    @Test
    void theTrespasserItselfWorks() throws IOException {
        assertThat(attempt("list " + System.getProperty("java.home"))).contains("done", "lib");
        assertThat(attempt("threads 3")).isEqualTo("done [3, threads]");
        assertThat(attempt("memory 16777216")).startsWith("done took");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "/etc/shadow", "/etc/hostname", "/proc/kcore"})
    @Tag("H4")
    void noFileOfTheHostCanBeRead(String file) throws IOException {
        needs("namespaces");
        assertThat(attempt("read " + file)).startsWith("failed");
    }

    @Test
    @Tag("H4")
    @Tag("K3")
    void aFileOfTheNodeIsNotThere() throws IOException {
        needs("namespaces");
        Path key = Files.writeString(folder.resolve("machine.key"), "secret");
        assertThat(attempt("read " + key)).startsWith("failed").contains("NoSuchFile");
        assertThat(attempt("list /")).doesNotContain("home", "root", "var", "bin");
        assertThat(attempt("list /etc")).doesNotContain("passwd", "hosts", "orb");
    }

    @Test
    @Tag("H4")
    void nothingCanBeWrittenAnywhere() throws IOException {
        needs("namespaces");
        for (String place : List.of("/x", "/tmp/x", "/dev/x", "/dev/shm/x", folder + "/x")) {
            assertThat(attempt("write " + place)).as(place).startsWith("failed");
        }
        String classes = program().classPath().getFirst() + "/x";
        assertThat(attempt("write " + classes)).startsWith("failed");
        assertThat(Path.of(classes)).doesNotExist();
    }

    @Test
    @Tag("H4")
    void noSocketOfTheHostCanBeReached() throws IOException {
        needs("namespaces");
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(attempt("connect " + listening.getLocalPort())).startsWith("failed");
        }
    }

    @Test
    @Tag("H4")
    void noSocketCanBeMadeAtAll() throws IOException {
        needs("seccomp");
        assertThat(attempt("connect 9")).startsWith("failed").contains("not permitted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bin/sh -c :", "JAVA -version"})
    @Tag("H2")
    @Tag("H4")
    void noProcessCanBeStarted(String command) throws IOException {
        needs("seccomp");
        String java = program().loadable().toString();
        assertThat(attempt("exec " + command.replace("JAVA", java))).startsWith("failed");
    }

    @Test
    @Tag("K3")
    void noOtherProcessCanBeSeen() throws IOException {
        needs("namespaces");
        assertThat(attempt("processes")).startsWith("done").matches("done [12]( [2-9])?");
    }

    @Test
    @Tag("H4")
    @Tag("K3")
    void theEnvironmentOfTheNodeStaysOutside() throws IOException {
        assertThat(System.getenv()).containsKey("PATH");
        assertThat(attempt("environment")).doesNotContain("PATH", "HOME", "USER");
    }

    @Test
    @Tag("H2")
    void memoryBeyondTheLimitIsNotGiven() throws IOException {
        needs("rlimits");
        String said = attempt("memory " + (4L << 30));
        assertThat(said).as("refused, or ended for it").doesNotContain("took");
    }

    @Test
    @Tag("H2")
    void aThousandThreadsAreRefusedBeforeTheyHurt() throws IOException {
        needs("cgroup");
        assertThat(attempt("threads 1000")).startsWith("failed").contains("native thread");
    }

    @Test
    void aControlGroupGoesWithItsWorker() throws IOException {
        needs("cgroup");
        Walls.Start start = walls.start();
        List<Path> groups = start.group().orElseThrow().joins();
        process = start.builder().start();
        assertThat(groups).isNotEmpty().allSatisfy(file -> assertThat(file).exists());
        process.destroyForcibly();
        start.group().get().close();
        assertThat(groups).allSatisfy(file -> assertThat(file.getParent()).doesNotExist());
    }

    @Test
    void aWallThatCannotBeHadIsNamedWithItsReason() throws IOException {
        Path empty = Files.writeString(folder.resolve("nothing"), "");
        try (Walls without = Walls.find(program(), new Cgroup.Places(empty, empty))) {
            Layer layer =
                    without.layers().stream()
                            .filter(l -> l.name().equals("cgroup"))
                            .findFirst()
                            .orElseThrow();
            assertThat(layer.active()).isFalse();
            assertThat(layer.detail()).contains("no control groups");
            assertThat(without.start().group()).isEmpty();
        }
    }
}
