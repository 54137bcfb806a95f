package orb.cli.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
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
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Timing;
import orb.kernel.message.Grants;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.HostCalls;
import orb.kernel.port.HostReply;
import orb.kernel.port.Rights;
import orb.sandbox.Module;
import orb.sandbox.Sandbox;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Compiled code: made in one process, kept on disk, run in another. */
@Timeout(240)
class CompilingTest {
    private static final Rights RIGHTS = new Rights.Trial(Grants.NONE);
    private static final Limits LIMITS =
            new Limits(ByteSize.mib(16), new Fuel(100_000_000_000L), Duration.ofMinutes(3));

    private final Sandbox sandbox = new Sandbox(System::nanoTime);
    private final BlockingQueue<Event> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<Refusal> troubles = new LinkedBlockingQueue<>();
    private final WorkerProgram program = WorkerProgram.ofThisOne(WorkerMain.class.getName(), 2);
    @TempDir private Path folder;

    private static Bytes add() throws IOException {
        Path root = Path.of(System.getProperty("orb.root", ".."));
        return Bytes.wrap(Files.readAllBytes(root.resolve("examples/add/add.wasm")));
    }

    private Workers workers(Bytes artefact) throws IOException {
        Walls walls = Walls.find(program);
        CodeFolder codes =
                new CodeFolder(
                        folder,
                        Bytes.utf8("secret"),
                        program.digest(),
                        1 << 20,
                        (digest, refusal) -> troubles.add(refusal));
        Compiling compiling =
                new Compiling(
                        walls.around(program.compiler(CompilerMain.class.getName())),
                        codes,
                        WorkerTimes.DEFAULT);
        return new Workers(
                walls,
                program,
                Bytes.EMPTY,
                new WorkerPorts(
                        d -> Optional.of(artefact),
                        heard::add,
                        Optional.of(compiling),
                        Granting::trial),
                WorkerTimes.DEFAULT);
    }

    private Outcome outcome(Workers workers, Bytes artefact) throws InterruptedException {
        return ran(workers, artefact).outcome();
    }

    private Event.Ran ran(Workers workers, Bytes artefact) throws InterruptedException {
        Request request = Request.post(Bytes.utf8("{\"a\":2,\"b\":3}"));
        workers.run(new Effect.Run(1, Digest.of(artefact), request, LIMITS, Digest.ZERO, RIGHTS));
        Event event = heard.poll(200, TimeUnit.SECONDS);
        assertThat(event).isInstanceOf(Event.Ran.class);
        return (Event.Ran) event;
    }

    private static String body(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Completed.class);
        return ((Outcome.Completed) outcome).response().body().utf8();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private Path codeFile() throws Exception {
        while (files().stream().noneMatch(file -> !file.toString().endsWith(".new"))) {
            Thread.sleep(50); // until the compiling process is done; the test's timeout ends it
        }
        return files().getFirst();
    }

    @Test
    void aRecordTellsFetchingFromCompilingAndOnlyAColdCallHasEither() throws Exception {
        Bytes artefact = add();
        try (Workers workers = workers(artefact)) {
            Timing cold = ran(workers, artefact).facts().timing();
            assertThat(cold.warm()).isFalse();
            assertThat(List.of(cold.fetchNanos(), cold.compileNanos(), cold.runNanos()))
                    .allMatch(nanos -> nanos > 0);

            Timing warm = ran(workers, artefact).facts().timing();
            assertThat(warm.warm()).isTrue();
            assertThat(warm.fetchNanos() + warm.compileNanos()).isZero();
            assertThat(warm.runNanos()).isPositive();
        }
    }

    @Test
    @Tag("H4")
    void codeIsKeptAndCodeThatSomebodyElsePutThereIsNotRun() throws Exception {
        Bytes artefact = add();
        Outcome first;
        Path file;
        try (Workers workers = workers(artefact)) {
            first = outcome(workers, artefact);
            file = codeFile();
        }
        assertThat(body(first)).contains("5");
        try (Workers workers = workers(artefact)) {
            assertThat(outcome(workers, artefact)).isEqualTo(first);
        }
        assertThat(troubles).isEmpty();

        byte[] tampered = Files.readAllBytes(file);
        tampered[tampered.length / 2] ^= 4;
        Files.write(file, tampered);
        try (Workers workers = workers(artefact)) {
            assertThat(outcome(workers, artefact)).isEqualTo(first);
            assertThat(troubles.poll(10, TimeUnit.SECONDS)).isNotNull();
            codeFile();
        }
        assertThat(Files.readAllBytes(file)).isNotEqualTo(tampered);
    }

    private Modules modules(Bytes artefact, Supplier<Optional<Bytes>> code) {
        return new Modules(
                sandbox,
                new Modules.Sources(d -> Optional.of(artefact), Optional.of(d -> code.get())),
                1 << 20);
    }

    @Test
    void codeThatComesWhileItsModuleIsReadIsUsed() throws Exception {
        Bytes artefact = add();
        Bytes code = Sandbox.compile(artefact).orThrow();
        Iterator<Optional<Bytes>> looks =
                List.of(Optional.<Bytes>empty(), Optional.<Bytes>empty(), Optional.of(code))
                        .iterator();
        Modules modules =
                modules(artefact, () -> looks.hasNext() ? looks.next() : Optional.of(code));
        modules.module(Digest.of(artefact)).orThrow();
        assertThat(modules.known(Digest.of(artefact)).orElseThrow().isInterpreted()).isFalse();
    }

    @Test
    void whereNoCodeWillComeNothingWaitsForIt() throws Exception {
        Bytes artefact = add();
        Modules modules = modules(artefact, () -> Optional.of(Bytes.EMPTY));
        Module module = modules.module(Digest.of(artefact)).orThrow();
        assertThat(module.isInterpreted()).isTrue();
        assertThat(modules.isProvisional(module)).isFalse();
    }

    @Test
    void codeThatCannotBeLoadedLeavesTheModuleInterpretedForGood() throws Exception {
        Bytes artefact = add();
        AtomicReference<Optional<Bytes>> code = new AtomicReference<>(Optional.empty());
        Modules modules = modules(artefact, code::get);
        Module module = modules.module(Digest.of(artefact)).orThrow();
        assertThat(modules.isProvisional(module)).isTrue();
        code.set(Optional.of(Bytes.utf8("no code at all")));
        modules.improve(Digest.of(artefact));
        assertThat(modules.known(Digest.of(artefact))).contains(module);
        assertThat(modules.isProvisional(module)).isFalse();
    }

    @Test
    void whatRunsInterpretedBeginsAgainWhenItsCodeComes() throws Exception {
        Bytes artefact = Bytes.wrap(HostileModule.counting());
        Digest name = Digest.of(artefact);
        AtomicReference<Optional<Bytes>> code = new AtomicReference<>(Optional.empty());
        Modules modules = modules(artefact, code::get);
        try (SandboxRunner runner =
                new SandboxRunner(sandbox, 1, modules, heard::add, Granting::trial)) {
            runner.run(
                    new Effect.Run(
                            1, name, Request.post(Bytes.EMPTY), LIMITS, Digest.ZERO, RIGHTS));
            while (modules.known(name).isEmpty()) {
                Thread.sleep(5);
            }
            assertThat(modules.known(name).orElseThrow().isInterpreted()).isTrue();
            code.set(Optional.of(Sandbox.compile(artefact).orThrow()));
            runner.improve(name);
            Event.Ran ran = (Event.Ran) heard.poll(200, TimeUnit.SECONDS);
            assertThat(ran).isNotNull();
            assertThat(ran.outcome()).isInstanceOf(Outcome.Completed.class);
            assertThat(modules.known(name).orElseThrow().isInterpreted()).isFalse();
        }
    }

    @Test
    @Tag("H4")
    void whatAskedItsNodeDoesNotBeginAgain() throws Exception {
        Bytes artefact = Bytes.wrap(HostileModule.asking());
        Digest name = Digest.of(artefact);
        AtomicReference<Optional<Bytes>> code = new AtomicReference<>(Optional.empty());
        Modules modules = modules(artefact, code::get);
        Semaphore asked = new Semaphore(0);
        HostCalls line =
                call -> {
                    asked.release();
                    return new HostReply.Missing();
                };
        try (SandboxRunner runner =
                new SandboxRunner(sandbox, 1, modules, heard::add, run -> line)) {
            Request request = Request.post(Bytes.EMPTY);
            runner.run(new Effect.Run(1, name, request, LIMITS, Digest.ZERO, RIGHTS));
            assertThat(asked.tryAcquire(200, TimeUnit.SECONDS)).isTrue();
            code.set(Optional.of(Sandbox.compile(artefact).orThrow()));
            runner.improve(name);

            Event.Ran ran = (Event.Ran) heard.poll(200, TimeUnit.SECONDS);

            assertThat(ran).isNotNull();
            assertThat(ran.outcome()).isInstanceOf(Outcome.Completed.class);
            assertThat(asked.availablePermits()).as("calls after the first").isZero();
        }
    }
}
