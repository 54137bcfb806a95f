package orb.cli.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import orb.host.store.CodeFolder;
import orb.host.walls.Walls;
import orb.host.worker.Compiling;
import orb.host.worker.WorkerPorts;
import orb.host.worker.WorkerProgram;
import orb.host.worker.WorkerTimes;
import orb.host.worker.Workers;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Fuel;
import orb.kernel.FunctionId;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.TrapCode;
import orb.kernel.message.Grants;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.HostCalls;
import orb.kernel.port.Rights;
import orb.sandbox.Sandbox;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run in a real worker ends at its lifetime, whatever it does, and leaves the worker as it was.
 */
@Tag("I4")
@Timeout(240)
class LifetimeTest {
    private static final Duration LIFETIME = Duration.ofSeconds(2);
    private static final Limits LIMITS =
            new Limits(ByteSize.mib(16), new Fuel(1_000_000_000_000L), LIFETIME);

    /** What starting, compiling and a busy machine may add; less than what the runs would take. */
    private static final Duration SLACK = Duration.ofSeconds(20);

    /** As long its code may take, for which an interpreted run waits. */
    private static final Duration CODE_MAX = Duration.ofSeconds(80);

    private final BlockingQueue<Event> heard = new LinkedBlockingQueue<>();
    private final CountDownLatch asked = new CountDownLatch(1);
    private final Semaphore givenUp = new Semaphore(0);
    @TempDir private Path codes;

    /** Does not answer within a minute, as a slow server would not. */
    private final HostCalls slow =
            call -> {
                asked.countDown();
                try {
                    Thread.sleep(60_000);
                } finally {
                    givenUp.release();
                }
                throw new AssertionError("nobody gave it up");
            };

    private Workers workers(Bytes artefact) throws Exception {
        WorkerProgram program = WorkerProgram.ofThisOne(WorkerMain.class.getName(), 2);
        Walls walls = Walls.find(program);
        Compiling compiling =
                new Compiling(
                        walls.around(program.compiler(CompilerMain.class.getName())),
                        new CodeFolder(
                                codes, Bytes.utf8("s"), program.digest(), 1 << 24, (d, r) -> {}),
                        WorkerTimes.DEFAULT);
        return new Workers(
                walls,
                program,
                Bytes.EMPTY,
                new WorkerPorts(
                        d -> Optional.of(artefact),
                        heard::add,
                        Optional.of(compiling),
                        run -> slow),
                WorkerTimes.DEFAULT);
    }

    private static void run(Workers workers, long number, Bytes artefact) {
        workers.run(
                new Effect.Run(
                        number,
                        Digest.of(artefact),
                        Request.post(Bytes.EMPTY),
                        LIMITS,
                        Digest.ZERO,
                        new Rights.Call(new FunctionId(Digest.ZERO), Grants.NONE)));
    }

    private TrapCode ended() throws InterruptedException {
        return ended(SLACK);
    }

    private TrapCode ended(Duration slack) throws InterruptedException {
        Event event = heard.poll(LIFETIME.plus(slack).toSeconds(), TimeUnit.SECONDS);
        assertThat(event).as("its end").isInstanceOf(Event.Ran.class);
        assertThat(((Event.Ran) event).outcome()).isInstanceOf(Outcome.Trapped.class);
        return ((Outcome.Trapped) ((Event.Ran) event).outcome()).code();
    }

    private static List<Long> workersOfThisTest() {
        return ProcessHandle.current()
                .descendants()
                .filter(each -> commandLine(each).contains(WorkerMain.class.getName()))
                .map(ProcessHandle::pid)
                .toList();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
        } catch (java.io.IOException e) {
            return ""; // it has ended
        }
    }

    private static List<String> openFiles(long pid) throws Exception {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFunctionThatComputesForEverEndsAtItsLifetimeInTheSameWorker() throws Exception {
        Bytes endless = Bytes.wrap(HostileModule.endless());
        try (Workers workers = workers(endless)) {
            run(workers, 1, endless);
            assertThat(ended(CODE_MAX)).isEqualTo(TrapCode.DEADLINE);
            List<Long> standing = workersOfThisTest();
            List<String> open = openFiles(standing.getLast());
            long begun = System.nanoTime();
            run(workers, 2, endless);
            assertThat(ended()).isEqualTo(TrapCode.DEADLINE);
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .as("compiled by now, so nothing is added")
                    .isBetween(LIFETIME, LIFETIME.plusSeconds(5));
            assertThat(workersOfThisTest()).as("no other process").isEqualTo(standing);
            assertThat(openFiles(standing.getLast())).as("its files").isEqualTo(open);
        }
        assertThat(workersOfThisTest()).as("after the node").isEmpty();
    }

    @Test
    void aFunctionThatWaitsForItsNodeEndsAtItsLifetimeAlsoWhileItIsInterpreted() throws Exception {
        Bytes asking = Bytes.wrap(HostileModule.asking());
        try (Workers workers = workers(asking)) {
            run(workers, 1, asking);
            assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(ended()).isEqualTo(TrapCode.DEADLINE);
            assertThat(givenUp.tryAcquire(10, TimeUnit.SECONDS))
                    .as("what it waited for is given up")
                    .isTrue();
            run(workers, 2, asking);
            assertThat(ended()).as("and again, compiled").isEqualTo(TrapCode.DEADLINE);
        }
    }

    @Test
    void afterItsFirstHostCallARunHasItsOwnTimeAndNoMore() throws Exception {
        Bytes asking = Bytes.wrap(HostileModule.asking());
        Sandbox sandbox = new Sandbox(System::nanoTime);
        Modules modules =
                new Modules(
                        sandbox,
                        new Modules.Sources(
                                d -> Optional.of(asking), Optional.of(d -> Optional.empty())),
                        1 << 20);
        try (SandboxRunner runner =
                new SandboxRunner(sandbox, 1, modules, heard::add, run -> slow)) {
            runner.run(
                    new Effect.Run(
                            1,
                            Digest.of(asking),
                            Request.post(Bytes.EMPTY),
                            LIMITS,
                            Digest.ZERO,
                            new Rights.Trial(Grants.NONE)));
            assertThat(ended()).as("its code never comes").isEqualTo(TrapCode.DEADLINE);
        }
    }
}
