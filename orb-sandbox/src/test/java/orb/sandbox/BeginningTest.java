package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.TrapCode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a module did before its entry is found again by its later calls, and nothing else is. */
final class BeginningTest {
    private static final int I32 = TestModule.I32;
    private static final int[] NONE = TestModule.none();
    private static final Limits LIMITS =
            new Limits(ByteSize.mib(2), new Fuel(10_000_000), Duration.ofSeconds(30));
    private static final RunInputs OTHER = new RunInputs(Instant.ofEpochSecond(1_000_000), 77);
    private static final Request EMPTY = Request.post(Bytes.EMPTY);

    private final Sandbox sandbox = new Sandbox(() -> 0);
    @TempDir Path folder;

    private static Run run(Sandbox sandbox, Module module, Limits limits, RunInputs inputs) {
        return sandbox.invoke(module, EMPTY, limits, inputs);
    }

    private Run run(Module module, Limits limits) {
        return run(sandbox, module, limits, RunInputs.FIXED);
    }

    private static boolean startsFromSnapshot(Module module) {
        return module.beginning().of(LIMITS).startsFromSnapshot();
    }

    private static Bytes body(Run run) {
        assertThat(run.outcome()).isInstanceOf(Outcome.Completed.class);
        return ((Outcome.Completed) run.outcome()).response().body();
    }

    /** Counts local 0 down from 1,000: some thousands of fuel. */
    private static Asm work() {
        return new Asm()
                .i32(1_000)
                .set(0)
                .loop()
                .get(0)
                .i32(1)
                .op(0x6b)
                .with(0x22, 0)
                .brIf(0)
                .end();
    }

    /** A handler whose {@code _initialize} runs this code, behind some work. */
    private static Bytes initialising(TestModule module, Asm code, Asm handle) {
        Asm all = work();
        all.sink().append(code.sink());
        int initialise = module.function(NONE, NONE, new int[] {I32}, all);
        module.export("_initialize", 0, initialise);
        return module.handling(handle);
    }

    /**
     * The start function writes 7 at 0; {@code _initialize} grows memory and table, sets a global,
     * an element and a byte of the new page. The handler answers with all of them, and changes each
     * before it ends.
     */
    private static Bytes everything() {
        TestModule module = TestModule.handler(1).table(1, 100);
        int global = module.global(I32, true, new Asm().i32(1));
        Asm starting = work().i32(0).i32(7).op(0x36, 2, 0);
        int start = module.function(NONE, NONE, new int[] {I32}, starting);
        int five = module.function(NONE, new int[] {I32}, NONE, new Asm().i32(5));
        module.elements(0, five);
        Asm code = new Asm().i32(1).op(0x40, 0, 0x1a); // memory.grow
        code.op(0xd0, 0x70).i32(3).op(0xfc, 0x0f, 0, 0x1a); // table.grow
        code.i32(2).op(0xd2, five).op(0x26, 0); // table.set
        code.with(0x23, global).i32(41).op(0x6a).with(0x24, global);
        code.i32(70_000).i32(9).op(0x3a, 0, 0);
        Asm handle = new Asm();
        handle.i32(16).i32(0).op(0x28, 2, 0).op(0x36, 2, 0);
        handle.i32(20).op(0x3f, 0).op(0x36, 2, 0);
        handle.i32(24).op(0xfc, 0x10, 0).op(0x36, 2, 0);
        handle.i32(28).with(0x23, global).op(0x36, 2, 0);
        handle.i32(32).i32(70_000).op(0x2d, 0, 0).op(0x36, 2, 0);
        int type = module.type(NONE, I32);
        handle.i32(36).i32(2).op(0x11, type, 0).op(0x36, 2, 0);
        handle.i32(0).i32(99).op(0x36, 2, 0);
        handle.i32(70_000).i32(99).op(0x3a, 0, 0);
        handle.i32(99).with(0x24, global);
        handle.i32(2).op(0xd0, 0x70).op(0x26, 0);
        handle.op(0xd0, 0x70).i32(1).op(0xfc, 0x0f, 0, 0x1a);
        module.starting(start);
        return initialising(module, code, handle.output(16, 24));
    }

    private static Bytes expected() {
        byte[] words = new byte[24];
        int[] values = {7, 2, 4, 42, 9, 5};
        for (int i = 0; i < values.length; i++) {
            words[4 * i] = (byte) values[i];
        }
        return Bytes.wrap(words);
    }

    @Test
    @Tag("I5")
    void memoryGlobalsAndTablesAreAsInitialisationLeftThemForEachCall() {
        Module module = sandbox.prepare(everything()).orThrow();
        Run first = run(module, LIMITS);
        assertThat(body(first)).isEqualTo(expected());
        assertThat(startsFromSnapshot(module)).isTrue();
        for (int i = 0; i < 3; i++) {
            Run next = run(module, LIMITS);
            assertThat(next.outcome()).isEqualTo(first.outcome());
            assertThat(next.peakPages()).isEqualTo(first.peakPages());
        }
    }

    @Test
    @Tag("A9")
    void fuelIsTheSameOnCompilerInterpreterAndV8WithAndWithoutSnapshot() throws Exception {
        Module compiled = sandbox.prepare(everything()).orThrow();
        Module interpreted = sandbox.prepareInterpreted(everything()).orThrow();
        String told = Oracle.told(run(compiled, LIMITS).outcome());
        assertThat(told).startsWith("Completed");
        for (Module module : List.of(compiled, interpreted, interpreted, compiled)) {
            assertThat(Oracle.told(run(module, LIMITS).outcome())).isEqualTo(told);
        }
        assumeTrue(Oracle.isHere(), "Node.js is not installed: V8 was not asked");
        Oracle oracle = new Oracle(folder);
        oracle.add(everything(), "HANDLER", Bytes.EMPTY, LIMITS);
        assertThat(oracle.outcomes()).containsExactly(told);
    }

    /** Also for a limit in the middle of the initialisation, which a snapshot leaps over. */
    @Test
    @Tag("H2")
    void eachFuelLimitEndsAtTheSameUnit() {
        Module module = sandbox.prepare(everything()).orThrow();
        long needed = ((Outcome.Completed) run(module, LIMITS).outcome()).used().units();
        assertThat(startsFromSnapshot(module)).isTrue();
        for (long units = needed - 3; units < needed + 3; units++) {
            Outcome outcome = run(module, with(units)).outcome();
            assertThat(outcome)
                    .isEqualTo(run(fresh(), with(units)).outcome())
                    .isInstanceOf(
                            units < needed ? Outcome.OutOfFuel.class : Outcome.Completed.class);
        }
        for (long units : new long[] {1, 500, 2_000, 5_000, needed / 2}) {
            assertThat(run(module, with(units)).outcome())
                    .isEqualTo(run(fresh(), with(units)).outcome())
                    .isEqualTo(new Outcome.OutOfFuel(new Fuel(units)));
        }
    }

    private Module fresh() {
        return sandbox.prepare(everything()).orThrow();
    }

    private static Limits with(long fuel) {
        return new Limits(ByteSize.mib(2), new Fuel(fuel), Duration.ofSeconds(30));
    }

    @Test
    void aCallWithLessMemoryThanTheSnapshotHasDoesItsOwnInitialisation() {
        Module module = sandbox.prepare(everything()).orThrow();
        assertThat(body(run(module, LIMITS))).isEqualTo(expected());
        Limits onePage = new Limits(ByteSize.kib(64), LIMITS.fuel(), LIMITS.wall());
        Outcome outcome = run(module, onePage).outcome();
        assertThat(outcome)
                .isEqualTo(run(fresh(), onePage).outcome())
                .isInstanceOfSatisfying(
                        Outcome.Trapped.class,
                        trap -> assertThat(trap.code()).isEqualTo(TrapCode.OUT_OF_MEMORY));
    }

    /** Chance, clock, environment, body, output, log, and what the node is asked for. */
    @Test
    @Tag("H4")
    void whatAsksForAnythingOfItsCallIsInitialisedInEach() {
        Asm read = new Asm().i32(0).i32(8).call(0).op(0x1a);
        Asm time = new Asm().i32(0).i64(0).i32(8).call(0).op(0x1a);
        Asm sizes = new Asm().i32(8).i32(12).call(0).op(0x1a);
        Asm vector = new Asm().i32(0).i32(16).op(0x36, 2, 0).i32(4).i32(8).op(0x36, 2, 0);
        Asm in = new Asm();
        in.sink().append(vector.sink());
        in.i32(0).i32(0).i32(1).i32(32).call(0).op(0x1a);
        Asm out = new Asm();
        out.sink().append(vector.sink());
        out.i32(1).i32(0).i32(1).i32(32).call(0).op(0x1a);
        Asm log = new Asm();
        log.sink().append(vector.sink());
        log.i32(2).i32(0).i32(1).i32(32).call(0).op(0x1a);
        int[] four = {I32, I32, I32, I32};
        asks("random_get", new int[] {I32, I32}, read);
        asks("clock_time_get", new int[] {I32, TestModule.I64, I32}, time);
        asks("environ_sizes_get", new int[] {I32, I32}, sizes);
        asks("fd_read", four, in);
        asks("fd_write", four, out);
        asks("fd_write", four, log);
        TestModule node = TestModule.handler(1);
        node.imported("orb", "kv_get", new int[] {I32, I32}, I32);
        keepsNone(initialising(node, new Asm().i32(0).i32(1).call(0).op(0x1a), answer()));
    }

    private void asks(String call, int[] params, Asm code) {
        TestModule module = TestModule.handler(1);
        module.wasi(call, params, I32);
        keepsNone(initialising(module, code, answer()));
    }

    private static Asm answer() {
        return new Asm().output(0, 64);
    }

    private void keepsNone(Bytes artefact) {
        Module module = sandbox.prepare(artefact).orThrow();
        Run first = run(module, LIMITS);
        assertThat(body(first)).isNotNull();
        assertThat(startsFromSnapshot(module)).isFalse();
        Module fresh = sandbox.prepare(artefact).orThrow();
        assertThat(run(sandbox, module, LIMITS, OTHER).outcome())
                .isEqualTo(run(sandbox, fresh, LIMITS, OTHER).outcome());
    }

    /** What is the same for every call may be asked: wasi-libc does so before a main function. */
    @Test
    void questionsWithOneAnswerForAllDoNotStandInTheWay() {
        TestModule module = TestModule.handler(1);
        module.wasi("fd_prestat_get", new int[] {I32, I32}, I32);
        Asm code = new Asm().i32(0).i32(3).i32(0).call(0).op(0x36, 2, 0);
        Module prepared =
                sandbox.prepare(initialising(module, code, new Asm().output(0, 4))).orThrow();
        Run first = run(prepared, LIMITS);
        assertThat(body(first)).isEqualTo(Bytes.of((byte) Wasi.BADF, (byte) 0, (byte) 0, (byte) 0));
        assertThat(startsFromSnapshot(prepared)).isTrue();
        assertThat(run(prepared, LIMITS).outcome()).isEqualTo(first.outcome());
    }

    @Test
    void aDroppedSegmentIsNotForgotten() {
        TestModule data = TestModule.handler(1).passiveData("abc");
        Asm copied = new Asm().i32(0).i32(0).i32(3).op(0xfc, 0x08, 0, 0).output(0, 3);
        trapsEachTime(initialising(data, new Asm().op(0xfc, 0x09, 0), copied));
        TestModule elements = TestModule.handler(1).table(1, 1);
        int member = elements.function(NONE, NONE, NONE, new Asm());
        elements.passiveElements(member);
        Asm placed = new Asm().i32(0).i32(0).i32(1).op(0xfc, 0x0c, 0, 0).output(0, 3);
        trapsEachTime(initialising(elements, new Asm().op(0xfc, 0x0d, 0), placed));
    }

    private void trapsEachTime(Bytes artefact) {
        Module prepared = sandbox.prepare(artefact).orThrow();
        Outcome first = run(prepared, LIMITS).outcome();
        assertThat(first).isInstanceOf(Outcome.Trapped.class);
        assertThat(run(prepared, LIMITS).outcome()).isEqualTo(first);
    }

    @Test
    void anInitialisationThatTrapsOrDoesLittleLeavesNone() {
        Bytes trapping = initialising(TestModule.handler(1), new Asm().op(0), answer());
        Module module = sandbox.prepare(trapping).orThrow();
        assertThat(run(module, LIMITS).outcome()).isInstanceOf(Outcome.Trapped.class);
        assertThat(run(module, LIMITS).outcome()).isInstanceOf(Outcome.Trapped.class);
        assertThat(startsFromSnapshot(module)).isFalse();
        TestModule brief = TestModule.handler(1);
        brief.export("_initialize", 0, brief.function(NONE, NONE, NONE, new Asm()));
        Module prepared = sandbox.prepare(brief.handling(answer())).orThrow();
        assertThat(body(run(prepared, LIMITS)).length()).isEqualTo(64);
        assertThat(startsFromSnapshot(prepared)).isFalse();
    }

    /** Threads that come at once may each initialise; all of them answer alike. */
    @Test
    void firstCallsAtOnceAgree() throws InterruptedException {
        Module module = sandbox.prepare(everything()).orThrow();
        Outcome[] outcomes = new Outcome[4];
        Thread[] threads = new Thread[outcomes.length];
        for (int i = 0; i < threads.length; i++) {
            int at = i;
            threads[i] = new Thread(() -> outcomes[at] = run(module, LIMITS).outcome());
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Outcome once = run(fresh(), LIMITS).outcome();
        assertThat(outcomes).containsOnly(once);
    }
}
