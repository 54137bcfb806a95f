package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Header;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.TrapCode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What an invocation may do, and what becomes of one that tries more. */
final class SandboxTest {
    private static final int I32 = TestModule.I32;
    private static final Limits LIMITS =
            new Limits(ByteSize.mib(2), new Fuel(100_000_000), Duration.ofSeconds(30));

    private final Sandbox sandbox = new Sandbox(() -> 0);

    private Run run(Bytes artefact, Request request) {
        Module module = sandbox.prepare(artefact).orThrow();
        return sandbox.invoke(module, request, LIMITS, RunInputs.FIXED);
    }

    private Run run(Bytes artefact) {
        return run(artefact, Request.post(Bytes.EMPTY));
    }

    private static Bytes body(Run run) {
        assertThat(run.outcome()).isInstanceOf(Outcome.Completed.class);
        return ((Outcome.Completed) run.outcome()).response().body();
    }

    private void traps(TrapCode code, Asm asm) {
        traps(code, TestModule.handler(1).handling(asm.output(0, 0)));
    }

    private void traps(TrapCode code, Bytes module) {
        Outcome outcome = run(module).outcome();
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Trapped.class,
                        trap -> assertThat(trap.code()).as("%s", trap).isEqualTo(code));
    }

    private static Bytes echo() {
        Asm packed = new Asm().get(0).op(0xad).i64(32).op(0x86).get(1).op(0xad, 0x84);
        return TestModule.handler(1).handling(packed);
    }

    @Test
    void aHandlerAnswersWithTheBytesItPointsAt() {
        Bytes text = Bytes.utf8("any bytes \0 at all");
        Run run = run(echo(), Request.post(text));
        assertThat(body(run)).isEqualTo(text);
        assertThat(run.peakPages()).isEqualTo(1);
        Module module = sandbox.prepare(echo()).orThrow();
        assertThat(module.shape()).isEqualTo(EntryShape.HANDLER);
        assertThat(module.artefact()).isEqualTo(Digest.of(echo()));
        assertThat(module.gasVersion()).isEqualTo(2);
        assertThat(module.initialPages()).isEqualTo(1);
    }

    /** The next run on a thread gets the array that the last one left. */
    @Test
    @Tag("H4")
    @Tag("I5")
    void nothingThatAGuestWroteIsSeenByTheNext() {
        Asm fills = new Asm().i32(0).i32(0xaa).i32(65_536).op(0xfc, 0x0b, 0);
        Bytes writer = TestModule.handler(1).handling(fills.output(0, 1));
        Asm fillsAndTraps = new Asm().i32(0).i32(0xbb).i32(65_536).op(0xfc, 0x0b, 0).op(0);
        Bytes trapper = TestModule.handler(1).handling(fillsAndTraps.output(0, 1));
        Bytes reader = TestModule.handler(1).handling(new Asm().output(0, 65_536));
        Bytes fresh = body(run(reader));
        assertThat(fresh).isEqualTo(Bytes.wrap(new byte[65_536]));
        assertThat(body(run(writer))).isEqualTo(Bytes.of((byte) 0xaa));
        assertThat(body(run(reader))).isEqualTo(fresh);
        traps(TrapCode.UNREACHABLE, trapper);
        assertThat(body(run(reader))).isEqualTo(fresh);
    }

    @Test
    void eachKindOfTrapHasItsCode() {
        traps(TrapCode.UNREACHABLE, new Asm().op(0));
        traps(TrapCode.ARITHMETIC, new Asm().i32(1).i32(0).op(0x6d, 0x1a));
        traps(TrapCode.ARITHMETIC, new Asm().i64(1).i64(0).op(0x80, 0x1a));
        traps(TrapCode.ARITHMETIC, new Asm().i32(Integer.MIN_VALUE).i32(-1).op(0x6d, 0x1a));
        traps(TrapCode.OUT_OF_BOUNDS, new Asm().i32(65_536).op(0x28, 2, 0, 0x1a));
        traps(TrapCode.OUT_OF_BOUNDS, new Asm().i32(-4).op(0x28, 2, 0, 0x1a));
        traps(TrapCode.OUT_OF_BOUNDS, new Asm().i32(65_533).i32(7).op(0x36, 2, 0));
        traps(TrapCode.OUT_OF_BOUNDS, new Asm().i32(65_000).i32(7).i32(900).op(0xfc, 0x0b, 0));
        traps(TrapCode.OUT_OF_BOUNDS, new Asm().i32(0).i32(-1).i32(9).op(0xfc, 0x0a, 0, 0));
        TestModule indirect = TestModule.handler(1).table(2, 2);
        int type = indirect.type(TestModule.none());
        traps(
                TrapCode.INDIRECT_CALL,
                indirect.handling(new Asm().i32(1).op(0x11, type, 0).output(0, 0)));
        TestModule beyond = TestModule.handler(1).table(2, 2);
        beyond.type(TestModule.none());
        traps(
                TrapCode.INDIRECT_CALL,
                beyond.handling(new Asm().i32(9).op(0x11, 0, 0).output(0, 0)));
    }

    /** The engine adds addresses in 32 bits; the sandbox must not let that wrap around. */
    @Test
    @Tag("H4")
    void anOffsetBeyondTwoGibibytesDoesNotWrapAround() {
        Asm load = new Asm().i32(0x7fff_fff0).op(0x28, 2, 0x98, 0x80, 0x80, 0x80, 0x08, 0x1a);
        traps(TrapCode.OUT_OF_BOUNDS, load);
    }

    @Test
    void outputThatIsOutsideOrTooLargeIsBadOutput() {
        traps(TrapCode.BAD_OUTPUT, TestModule.handler(1).handling(new Asm().output(65_530, 10)));
        traps(TrapCode.BAD_OUTPUT, TestModule.handler(1).handling(new Asm().output(-1, 10)));
        traps(TrapCode.BAD_OUTPUT, TestModule.handler(1).handling(new Asm().output(0, -5)));
        traps(
                TrapCode.BAD_OUTPUT,
                TestModule.handler(1).handling(new Asm().output(0, Response.BODY_MAX + 1)));
    }

    @Test
    @Tag("H2")
    void memoryThatGrowsBeyondTheLimitIsRefusedToTheGuest() {
        Asm once = new Asm().i32(65_535).op(0x40, 0).i32(-1).op(0x46);
        Asm grow = once.op(0x04, 0x40, 0x00, 0x0b).output(0, 0);
        traps(TrapCode.OUT_OF_MEMORY, TestModule.handler(1).handling(grow));
        Asm loop = new Asm().loop().i32(1).op(0x40, 0).i32(-1).op(0x47).brIf(0).end();
        Run run = run(TestModule.handler(1).handling(loop.output(0, 0)));
        assertThat(body(run)).isEqualTo(Bytes.EMPTY);
        assertThat(run.peakPages()).isEqualTo(LIMITS.memoryPages());
    }

    @Test
    @Tag("H2")
    void aModuleThatStartsWithMoreMemoryThanTheLimitIsNotStarted() {
        Bytes large = TestModule.handler(33).handling(new Asm().output(0, 0));
        assertThat(run(large).outcome())
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused ->
                                assertThat(refused.refusal().code())
                                        .isEqualTo(ErrorCode.OUT_OF_MEMORY));
    }

    @Test
    @Tag("H2")
    void anEndlessLoopStopsWhenItsThreadIsInterrupted() throws InterruptedException {
        Bytes endless = TestModule.handler(1).handling(new Asm().loop().br(0).end().output(0, 0));
        Module module = sandbox.prepare(endless).orThrow();
        Limits limits =
                new Limits(ByteSize.mib(2), new Fuel(1_000_000_000_000L), Duration.ofMinutes(5));
        List<Run> runs = new ArrayList<>();
        List<Boolean> interrupted = new ArrayList<>();
        CountDownLatch started = new CountDownLatch(1);
        Thread caller =
                new Thread(() -> {
                    started.countDown();
                    Request request = Request.post(Bytes.EMPTY);
                    runs.add(sandbox.invoke(module, request, limits, RunInputs.FIXED));
                    interrupted.add(Thread.currentThread().isInterrupted());
                });
        caller.start();
        started.await();
        caller.interrupt();
        caller.join();
        assertThat(runs.getFirst().outcome())
                .isInstanceOfSatisfying(
                        Outcome.Trapped.class,
                        trap -> assertThat(trap.code()).isEqualTo(TrapCode.DEADLINE));
        assertThat(interrupted).containsExactly(false);
    }

    @Test
    @Tag("H4")
    @Tag("I5")
    void twoInvocationsShareNeitherMemoryNorGlobalsNorTables() {
        TestModule module = TestModule.handler(1).table(1, 100).passiveData("x");
        module.data(0, "abc");
        int global = module.global(I32, true, new Asm().i32(0));
        Asm code = new Asm().with(0x23, global).i32(1).op(0x6a).with(0x24, global);
        // the sum of a byte of memory, the table's size, the global and the page count
        code.i32(0).i32(0).op(0x2d, 0, 0).i32(1).op(0x6a).op(0x3a, 0, 0);
        code.op(0xd0, 0x70).i32(5).op(0xfc, 0x0f, 0, 0x1a).i32(1).op(0x40, 0, 0x1a);
        code.op(0xfc, 0x09, 0);
        code.i32(8).i32(0).op(0x2d, 0, 0).op(0xfc, 0x10, 0, 0x6a).with(0x23, global).op(0x6a);
        code.op(0x3f, 0, 0x6a).op(0x36, 2, 0).output(8, 4);
        Bytes bytes = module.handling(code);
        Module prepared = sandbox.prepare(bytes).orThrow();
        Request request = Request.post(Bytes.EMPTY);
        Run first = sandbox.invoke(prepared, request, LIMITS, RunInputs.FIXED);
        assertThat(body(first).at(0)).isEqualTo((byte) ('a' + 1 + 6 + 1 + 2));
        for (int i = 0; i < 5; i++) {
            Run next = sandbox.invoke(prepared, request, LIMITS, RunInputs.FIXED);
            assertThat(next.outcome()).isEqualTo(first.outcome());
        }
    }

    @Test
    @Tag("H2")
    void aCallThatFailsLeavesItsNeighboursAlone() {
        Bytes recursive = recursive();
        Module bad = sandbox.prepare(recursive).orThrow();
        Module good = sandbox.prepare(echo()).orThrow();
        for (int i = 0; i < 3; i++) {
            assertThat(Attack.run(sandbox, bad).outcome()).isNotInstanceOf(Outcome.Completed.class);
            assertThat(body(Attack.run(sandbox, good))).isEqualTo(Bytes.utf8("in"));
        }
    }

    private static Bytes recursive() {
        TestModule module = TestModule.handler(1);
        int type = module.type(TestModule.none());
        module.function(type, new int[] {}, new Asm().call(0));
        return module.handling(new Asm().call(0).output(0, 0));
    }

    @Test
    void theStartFunctionRunsBeforeTheEntryAndIsCharged() {
        Bytes plain = TestModule.handler(1).handling(new Asm().output(0, 1));
        assertThat(run(plain).outcome().used().units()).isPositive();
        assertThat(new String(body(run(plain)).array(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("\0");
    }

    @Test
    void timingsComeFromTheTickerAlone() {
        long[] ticks = {0};
        Sandbox ticking = new Sandbox(() -> ticks[0] += 7);
        Module module = ticking.prepare(echo()).orThrow();
        Run run = ticking.invoke(module, Request.post(Bytes.EMPTY), LIMITS, RunInputs.FIXED);
        assertThat(run.timings()).isEqualTo(new Run.Timings(7, 7));
    }

    /** Prints what a command sees of the world: environment, clock, random bytes and input. */
    private static Bytes command() {
        TestModule module = TestModule.handler(1);
        int[] two = TestModule.params(I32, I32);
        int[] four = TestModule.params(I32, I32, I32, I32);
        int sizes = module.wasi("environ_sizes_get", two, I32);
        int environ = module.wasi("environ_get", two, I32);
        int clock = module.wasi("clock_time_get", TestModule.params(I32, TestModule.I64, I32), I32);
        int chance = module.wasi("random_get", two, I32);
        int read = module.wasi("fd_read", four, I32);
        int write = module.wasi("fd_write", four, I32);
        Asm code = new Asm().i32(0).i32(4).call(sizes).op(0x1a);
        code.i32(4096).i32(8192).call(environ).op(0x1a);
        code.i32(0).i64(0).i32(16).call(clock).op(0x1a);
        code.i32(24).i32(8).call(chance).op(0x1a);
        code.i32(40).i32(1024).op(0x36, 2, 0).i32(44).i32(512).op(0x36, 2, 0);
        code.i32(0).i32(40).i32(1).i32(48).call(read).op(0x1a);
        // vectors: environment, clock and chance, input
        code.i32(56).i32(8192).op(0x36, 2, 0).i32(60).i32(4).op(0x28, 2, 0).op(0x36, 2, 0);
        code.i32(64).i32(16).op(0x36, 2, 0).i32(68).i32(16).op(0x36, 2, 0);
        code.i32(72).i32(1024).op(0x36, 2, 0).i32(76).i32(48).op(0x28, 2, 0).op(0x36, 2, 0);
        code.i32(1).i32(56).i32(3).i32(52).call(write).op(0x1a);
        code.i32(2).i32(72).i32(1).i32(52).call(write).op(0x1a);
        return module.command(code);
    }

    @Test
    @Tag("H4")
    void aCommandSeesItsRequestAndNothingOfTheHost() {
        Module module = sandbox.prepare(command()).orThrow();
        assertThat(module.shape()).isEqualTo(EntryShape.COMMAND);
        Request request =
                new Request(
                        "PUT",
                        "/a/b",
                        "q=1",
                        List.of(
                                new Header("x-key", "v"),
                                new Header("content-type", "text/plain"),
                                new Header("proxy", "evil")),
                        Bytes.utf8("body"));
        RunInputs inputs = new RunInputs(Instant.ofEpochSecond(1), 42);
        Run run = sandbox.invoke(module, request, LIMITS, inputs);
        String output = body(run).utf8();
        assertThat(output)
                .startsWith(
                        "GATEWAY_INTERFACE=CGI/1.1\0REQUEST_METHOD=PUT\0PATH_INFO=/a/b\0"
                                + "QUERY_STRING=q=1\0CONTENT_LENGTH=4\0HTTP_X_KEY=v\0"
                                + "CONTENT_TYPE=text/plain\0")
                .endsWith("body")
                .doesNotContain("evil", "HOME", "JAVA");
        assertThat(run.logs()).isEqualTo(Bytes.utf8("body"));
        assertThat(sandbox.invoke(module, request, LIMITS, inputs).outcome())
                .isEqualTo(run.outcome());
        RunInputs other = new RunInputs(Instant.ofEpochSecond(1), 43);
        assertThat(body(sandbox.invoke(module, request, LIMITS, other))).isNotEqualTo(body(run));
    }

    @Test
    void anExitStatusOtherThanZeroIsAnOutcomeWithTheTailOfStderr() {
        TestModule module = TestModule.handler(1).data(100, "went wrong");
        int exit = module.wasi("proc_exit", TestModule.params(I32));
        int write = module.wasi("fd_write", TestModule.params(I32, I32, I32, I32), I32);
        Asm code = new Asm().i32(0).i32(100).op(0x36, 2, 0).i32(4).i32(10).op(0x36, 2, 0);
        code.i32(2).i32(0).i32(1).i32(8).call(write).op(0x1a).i32(3).call(exit);
        Run run = run(module.command(code));
        assertThat(run.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Trapped.class,
                        trap -> {
                            assertThat(trap.code()).isEqualTo(TrapCode.EXIT);
                            assertThat(trap.detail()).isEqualTo("status 3: went wrong");
                        });
        assertThat(run.logs()).isEqualTo(Bytes.utf8("went wrong"));

        TestModule fine = TestModule.handler(1);
        int leave = fine.wasi("proc_exit", TestModule.params(I32));
        assertThat(run(fine.command(new Asm().i32(0).call(leave))).outcome())
                .isInstanceOf(Outcome.Completed.class);
    }

    @Test
    @Tag("H4")
    void filesDoNotExistForAGuest() {
        TestModule module = TestModule.handler(1).data(100, "/etc/passwd");
        int i64 = TestModule.I64;
        int[] nine = TestModule.params(I32, I32, I32, I32, I32, i64, i64, I32, I32);
        int open = module.wasi("path_open", nine, I32);
        int prestat = module.wasi("fd_prestat_get", TestModule.params(I32, I32), I32);
        int read = module.wasi("fd_read", TestModule.params(I32, I32, I32, I32), I32);
        Asm code = new Asm().i32(0);
        code.i32(3).i32(0).i32(100).i32(11).i32(0).i64(-1).i64(-1).i32(0).i32(8).call(open);
        code.op(0x36, 2, 0).i32(4).i32(3).i32(8).call(prestat).op(0x36, 2, 0);
        code.i32(8).i32(3).i32(100).i32(1).i32(20).call(read).op(0x36, 2, 0).output(0, 12);
        assertThat(body(run(module.handling(code))))
                .isEqualTo(Bytes.hex("080000000800000008000000"));
    }

    @Test
    @Tag("H4")
    void pointersFromTheGuestThatLeaveItsMemoryTrap() {
        for (String call : List.of("environ_get", "random_get", "args_sizes_get")) {
            TestModule module = TestModule.handler(1);
            int wasi = module.wasi(call, TestModule.params(I32, I32), I32);
            Asm code = new Asm().i32(-8).i32(65_530).call(wasi).op(0x1a).output(0, 0);
            traps(TrapCode.OUT_OF_BOUNDS, module.handling(code));
        }
        TestModule module = TestModule.handler(1);
        int write = module.wasi("fd_write", TestModule.params(I32, I32, I32, I32), I32);
        Asm code = new Asm().i32(1).i32(0x7fff_fff0).i32(5).i32(0).call(write).op(0x1a);
        traps(TrapCode.OUT_OF_BOUNDS, module.handling(code.output(0, 0)));
    }

    @Test
    @Tag("H2")
    void outputBeyondTheLimitStopsAProgramAndLogsAreCut() {
        Bytes flood = flood(1);
        traps(TrapCode.BAD_OUTPUT, flood);
        Run logs = run(flood(2));
        assertThat(logs.outcome()).isInstanceOf(Outcome.OutOfFuel.class);
        assertThat(logs.logs().length()).isEqualTo(Run.LOGS_MAX);
    }

    private static Bytes flood(int descriptor) {
        TestModule module = TestModule.handler(1);
        int write = module.wasi("fd_write", TestModule.params(I32, I32, I32, I32), I32);
        Asm code = new Asm().i32(0).i32(0).op(0x36, 2, 0).i32(4).i32(60_000).op(0x36, 2, 0);
        code.loop().i32(descriptor).i32(0).i32(1).i32(8).call(write).op(0x1a).br(0).end();
        return module.command(code);
    }
}
