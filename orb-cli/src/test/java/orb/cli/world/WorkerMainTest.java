package orb.cli.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import orb.cli.workshop.Engine;
import orb.host.capability.Granting;
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
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.TrapCode;
import orb.kernel.message.Grants;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Rights;
import orb.kernel.port.Runner;
import orb.sandbox.Sandbox;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real worker with the real sandbox, behind whatever walls this machine has. */
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkerMainTest {
    private static final Bytes INPUT = Bytes.utf8("{\"a\":2,\"b\":3}");
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Limits LIMITS = limits(1_000_000_000L, MINUTE);

    private final BlockingQueue<Event> heard = new LinkedBlockingQueue<>();
    private final Map<Digest, Bytes> blobs = new ConcurrentHashMap<>();
    private final WorkerProgram program = WorkerProgram.ofThisOne(WorkerMain.class.getName(), 4);
    @TempDir private static Path codes;
    private Workers workers;
    private Digest add = Digest.ZERO;
    private long lastRun;

    private static Limits limits(long fuel, Duration wall) {
        return new Limits(ByteSize.mib(64), new Fuel(fuel), wall);
    }

    @BeforeAll
    void start() throws IOException {
        add = keep(Bytes.wrap(Files.readAllBytes(example("add/add.wasm"))));
        Walls walls = Walls.find(program);
        Compiling compiling =
                new Compiling(
                        walls.around(program.compiler(CompilerMain.class.getName())),
                        new CodeFolder(
                                codes,
                                Bytes.utf8("secret"),
                                program.digest(),
                                1 << 24,
                                (d, r) -> {}),
                        WorkerTimes.DEFAULT);
        workers =
                new Workers(
                        walls,
                        program,
                        Engine.scriptEngine(),
                        new WorkerPorts(
                                d -> Optional.ofNullable(blobs.get(d)),
                                heard::add,
                                Optional.of(compiling),
                                Granting::trial),
                        WorkerTimes.DEFAULT);
    }

    @BeforeEach
    void forget() {
        heard.clear();
    }

    @AfterAll
    void end() {
        workers.close();
    }

    private static Path example(String name) {
        return Path.of(System.getProperty("orb.root", ".."), "examples").resolve(name);
    }

    private Digest keep(Bytes artefact) {
        Digest name = Digest.of(artefact);
        blobs.put(name, artefact);
        return name;
    }

    private static Effect.Run run(long number, Digest artefact, Limits limits) {
        return new Effect.Run(
                number,
                artefact,
                Request.post(INPUT),
                limits,
                Digest.ZERO,
                new Rights.Trial(Grants.NONE));
    }

    private long begin(Digest artefact, Limits limits) {
        workers.run(run(++lastRun, artefact, limits));
        return lastRun;
    }

    private Event.Ran ran(BlockingQueue<Event> from, long number) throws InterruptedException {
        Event event = from.poll(200, TimeUnit.SECONDS);
        assertThat(event)
                .isInstanceOfSatisfying(
                        Event.Ran.class, r -> assertThat(r.run()).isEqualTo(number));
        return (Event.Ran) event;
    }

    private Outcome outcome(Digest artefact, Limits limits) throws InterruptedException {
        return ran(heard, begin(artefact, limits)).outcome();
    }

    private static List<ProcessHandle> workersOfThisTest() {
        return ProcessHandle.current()
                .descendants()
                .filter(child -> child.info().command().orElse("").endsWith("/java"))
                .filter(child -> runs(child, WorkerMain.class))
                .toList();
    }

    private static boolean runs(ProcessHandle process, Class<?> main) {
        List<String> words = List.of(process.info().arguments().orElse(new String[0]));
        return words.contains(main.getName());
    }

    private static void kill(ProcessHandle process) throws Exception {
        process.destroyForcibly();
        process.onExit().get(20, TimeUnit.SECONDS);
    }

    @Test
    void aWorkerAnswersAsTheSandboxOfTheNodeDoes() throws Exception {
        BlockingQueue<Event> here = new LinkedBlockingQueue<>();
        Sandbox sandbox = Engine.sandbox();
        Modules modules =
                new Modules(
                        sandbox,
                        new Modules.Sources(
                                d -> Optional.ofNullable(blobs.get(d)), Optional.empty()),
                        1 << 20);
        try (SandboxRunner inside =
                new SandboxRunner(sandbox, 1, modules, here::add, Granting::trial)) {
            asks(inside, here, 1);
        }
        Event.Ran there = ran(heard, begin(add, LIMITS));
        Event.Ran expected = (Event.Ran) here.remove();

        assertThat(there.outcome()).isEqualTo(expected.outcome());
        assertThat(there.facts().peakMemory()).isEqualTo(expected.facts().peakMemory());
    }

    private void asks(Runner runner, BlockingQueue<Event> answers, long number)
            throws InterruptedException {
        runner.run(run(number, add, LIMITS));
        Event.Ran ran = ran(answers, number);
        answers.add(ran);
    }

    @Test
    void aModuleIsAdmittedInTheWorkerAndABadOneRefusedWithItsReason() throws Exception {
        workers.prepare(new Effect.Prepare(add));
        assertThat(prepared().facts().orThrow().shape()).isEqualTo("handler");

        workers.prepare(new Effect.Prepare(keep(Bytes.utf8("no module"))));
        assertThat(prepared().facts().toString()).contains("ORB-0101");
    }

    private Event.Prepared prepared() throws InterruptedException {
        return (Event.Prepared) heard.poll(200, TimeUnit.SECONDS);
    }

    @Test
    @Tag("H2")
    @Tag("K3")
    void eachHostileFunctionIsStoppedForItsOwnReasonWhileAPoliteOneGoesOn() throws Exception {
        Digest endless = keep(Bytes.wrap(HostileModule.endless()));
        Digest greedy = keep(Bytes.wrap(HostileModule.growth()));
        Limits small = new Limits(ByteSize.mib(4), LIMITS.fuel(), MINUTE);
        Digest deep = keep(Bytes.wrap(HostileModule.recursion()));

        Outcome fuel = besideAPoliteOne(endless, limits(1_000_000_000L, MINUTE));
        Outcome late = besideAPoliteOne(endless, limits(1_000_000_000_000L, Duration.ofSeconds(2)));
        Outcome memory = besideAPoliteOne(greedy, small);
        Outcome stack = besideAPoliteOne(deep, LIMITS);

        assertThat(fuel).isInstanceOf(Outcome.OutOfFuel.class);
        assertThat(code(late)).isEqualTo(TrapCode.DEADLINE);
        assertThat(code(memory)).isEqualTo(TrapCode.OUT_OF_MEMORY);
        assertThat(code(stack)).isEqualTo(TrapCode.STACK_EXHAUSTED);
    }

    private static TrapCode code(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Trapped.class);
        return ((Outcome.Trapped) outcome).code();
    }

    private Outcome besideAPoliteOne(Digest hostile, Limits limits) throws Exception {
        long attack = begin(hostile, limits);
        long polite = begin(add, LIMITS);
        Outcome stopped = null;
        for (int i = 0; i < 2; i++) {
            Event.Ran ended = (Event.Ran) heard.poll(200, TimeUnit.SECONDS);
            assertThat(ended).isNotNull();
            if (ended.run() == attack) {
                stopped = ended.outcome();
            } else {
                assertThat(ended.run()).isEqualTo(polite);
                assertThat(ended.outcome()).isInstanceOf(Outcome.Completed.class);
            }
        }
        assertThat(stopped).isNotNull();
        return stopped;
    }

    @Test
    @Tag("H2")
    void aWorkerKilledInTheMiddleOfACallCostsThatCallAlone() throws Exception {
        assertThat(outcome(add, LIMITS)).isInstanceOf(Outcome.Completed.class);
        Digest endless = keep(Bytes.wrap(HostileModule.endless()));
        long lost = begin(endless, limits(1_000_000_000_000L, MINUTE));
        List<ProcessHandle> killed = workersOfThisTest();
        assertThat(killed).hasSize(1);

        kill(killed.getFirst());

        assertThat(ran(heard, lost).outcome())
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        r -> assertThat(r.refusal().code()).isEqualTo(ErrorCode.WORKER_LOST));
        assertThat(outcome(add, LIMITS)).isInstanceOf(Outcome.Completed.class);
        assertThat(workersOfThisTest()).hasSize(1).doesNotContainAnyElementsOf(killed);
    }

    @Test
    @Tag("K3")
    void theWorkerHoldsNoLibraryOfLinksWalletsOrStores() {
        assertThat(program.classPath())
                .isNotEmpty()
                .allSatisfy(entry ->
                        assertThat(entry.toString())
                                .doesNotContain("netty", "sqlite", "bcprov", "node", "ledger"));
    }
}
