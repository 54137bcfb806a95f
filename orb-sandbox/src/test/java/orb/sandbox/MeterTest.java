package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.TrapCode;
import orb.sandbox.fuel.GasSchedule;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fuel belongs to the module and its input, not to the engine that runs it. */
final class MeterTest {
    private static final Request EMPTY = Request.post(Bytes.EMPTY);

    private static final long GOLDEN = 2_683;
    private final Sandbox compiled = new Sandbox(() -> 0);
    private final Sandbox interpreted = new Sandbox(() -> 0, Bytes.EMPTY, Program.Mode.INTERPRETED);

    private static Limits fuel(long units) {
        return new Limits(ByteSize.mib(4), new Fuel(units), Duration.ofMinutes(1));
    }

    private static Run run(Sandbox sandbox, Bytes artefact, Limits limits) {
        Module module = sandbox.prepare(artefact).orThrow();
        return sandbox.invoke(module, EMPTY, limits, RunInputs.FIXED);
    }

    /** Runs on a thread with the stack that the sandbox asks for. */
    private static Run onDeepStack(Sandbox sandbox, Bytes artefact, Limits limits, long stack) {
        Run[] run = new Run[1];
        Thread thread =
                new Thread(null, () -> run[0] = run(sandbox, artefact, limits), "deep", stack);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return run[0];
    }

    private Fuel used(Asm code) {
        Bytes module = TestModule.handler(1).handling(code);
        Fuel used = run(compiled, module, fuel(1_000_000)).outcome().used();
        assertThat(run(interpreted, module, fuel(1_000_000)).outcome().used()).isEqualTo(used);
        return used;
    }

    @Test
    void everyInstructionCostsWhatTheScheduleSays() {
        long nothing = used(new Asm().output(0, 0)).units();
        assertThat(nothing).isEqualTo(GasSchedule.PAGE + 2);
        assertThat(used(new Asm().i32(1).op(0x1a).output(0, 0)).units() - nothing).isEqualTo(2);
        assertThat(used(new Asm().i32(8).i32(2).op(0x6e, 0x1a).output(0, 0)).units() - nothing)
                .isEqualTo(2 + 4 + 1);
        assertThat(used(new Asm().block().br(0).i32(1).op(0x1a).end().output(0, 0)).units())
                .as("code that is not reached is free")
                .isEqualTo(nothing + 1);
    }

    @Test
    void bothWaysOfAnIfCostWhatTheyRun() {
        Asm taken = new Asm().i32(1).op(0x04, 0x40).i32(1).op(0x1a).op(0x05).end().output(0, 0);
        Asm other = new Asm().i32(0).op(0x04, 0x40).i32(1).op(0x1a).op(0x05).end().output(0, 0);
        assertThat(used(taken).units() - used(other).units()).isEqualTo(2);
    }

    @Test
    void bulkWorkIsChargedByItsSize() {
        Asm small = new Asm().i32(0).i32(7).i32(16).op(0xfc, 0x0b, 0).output(0, 0);
        Asm large = new Asm().i32(0).i32(7).i32(65_536).op(0xfc, 0x0b, 0).output(0, 0);
        assertThat(used(large).units() - used(small).units()).isEqualTo((65_536 - 16) / 16);
        Asm grown = new Asm().i32(3).op(0x40, 0, 0x1a).output(0, 0);
        assertThat(used(grown).units())
                .isGreaterThan(GasSchedule.PAGE + 4L * GasSchedule.PAGE)
                .isLessThan(GasSchedule.PAGE + 5L * GasSchedule.PAGE);
    }

    @Test
    void largeBodiesAreNeverChargedLessThanTheyRun() {
        Asm code = new Asm().i32(0).set(2);
        code.loop();
        for (int i = 0; i < 3_000; i++) {
            code.get(2).i32(1).op(0x6a).set(2);
        }
        code.get(2).i32(9_000).op(0x48).brIf(0).end().output(0, 0);
        Bytes module = TestModule.handler(1).handling(new int[] {TestModule.I32}, code);
        Outcome one = run(compiled, module, fuel(1_000_000)).outcome();
        assertThat(one.used().units()).isBetween(36_000L, 40_000L);
        assertThat(run(interpreted, module, fuel(1_000_000)).outcome()).isEqualTo(one);
    }

    @Test
    void fuelEndsAnEndlessLoopAtItsLimit() {
        Bytes module = TestModule.handler(1).handling(new Asm().loop().br(0).end().output(0, 0));
        for (Sandbox sandbox : List.of(compiled, interpreted)) {
            assertThat(run(sandbox, module, fuel(50_000)).outcome())
                    .isEqualTo(new Outcome.OutOfFuel(new Fuel(50_000)));
        }
    }

    /** Functions that call themselves, of many shapes: each must end at the same depth. */
    @Test
    @Tag("H2")
    void deepRecursionEndsAtTheSamePlaceInBothEngines() {
        for (int[] shape : new int[][] {{1, 0}, {1, 20}, {1, 300}, {2, 1}, {60, 3}, {99, 0}}) {
            for (boolean indirect : new boolean[] {false, true}) {
                Bytes module = recursive(shape[0], shape[1], indirect);
                long stack = Sandbox.STACK_BYTES.bytes();
                Outcome one = onDeepStack(compiled, module, fuel(500_000_000), stack).outcome();
                Outcome two =
                        onDeepStack(interpreted, module, fuel(500_000_000), 512 << 20).outcome();
                assertThat(one)
                        .as("%d parameters, %d locals", shape[0], shape[1])
                        .isInstanceOfSatisfying(
                                Outcome.Trapped.class,
                                trap ->
                                        assertThat(trap.code())
                                                .isEqualTo(TrapCode.STACK_EXHAUSTED));
                assertThat(two).isEqualTo(one);
            }
        }
    }

    private static Bytes recursive(int params, int locals, boolean indirect) {
        TestModule module = TestModule.handler(1).table(1, 1);
        int[] ints = new int[Math.max(params, locals)];
        Arrays.fill(ints, TestModule.I64);
        int[] parameters = Arrays.copyOf(ints, params);
        int type = module.type(parameters, TestModule.I64);
        Asm code = new Asm();
        Asm first = new Asm();
        for (int i = 0; i < params; i++) {
            code.get(i);
            first.i64(i);
        }
        if (indirect) {
            code.i32(0).op(0x11, type, 0);
        } else {
            code.call(0);
        }
        for (int i = params; i < params + locals; i++) {
            code.get(i).op(0x7c);
        }
        module.function(type, Arrays.copyOf(ints, locals), code);
        module.elements(0, 0);
        return module.handling(first.call(0).op(0x1a).output(0, 0));
    }

    /** A change of the schedule or of how bodies are cut shows here: raise its version then. */
    @Test
    void theFuelOfAKnownModuleIsWhatScheduleOneSays() throws IOException {
        String name = "AdmissionFuzzTestInputs/anyBytesAreRefusedOrRun/add.wasm";
        try (InputStream in = MeterTest.class.getResourceAsStream(name)) {
            Bytes add = Bytes.wrap(in.readAllBytes());
            Module module = compiled.prepare(add).orThrow();
            Request request = Request.post(Bytes.utf8("{\"a\":2,\"b\":3}"));
            Run run = compiled.invoke(module, request, fuel(1_000_000), RunInputs.FIXED);
            Bytes answer = ((Outcome.Completed) run.outcome()).response().body();
            assertThat(answer.utf8().strip()).isEqualTo("{\"sum\":5}");
            assertThat(run.outcome().used()).isEqualTo(new Fuel(GOLDEN));
        }
    }

    @Test
    void depthIsGivenBackWhenAFunctionReturns() {
        TestModule module = TestModule.handler(1);
        int type = module.type(TestModule.none());
        module.function(type, new int[] {}, new Asm().op(0x01));
        module.function(type, new int[] {}, new Asm().call(0).op(0x0f));
        Asm code = new Asm().i32(100_000).set(2).loop().call(1);
        code.get(2).i32(1).op(0x6b).with(0x22, 2).brIf(0).end().output(0, 0);
        Bytes bytes = module.handling(new int[] {TestModule.I32}, code);
        assertThat(run(compiled, bytes, fuel(10_000_000)).outcome())
                .isInstanceOf(Outcome.Completed.class);
    }
}
