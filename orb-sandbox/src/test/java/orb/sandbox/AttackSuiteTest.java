package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.TrapCode;
import orb.sandbox.fuel.Layout;
import orb.sandbox.fuel.SectionScan;
import orb.sandbox.fuel.Splitter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Attacks of a module on whoever runs it: each ends with its own reason, and with the same one on
 * the compiler and on the interpreter. docs/attacks.md lists them with the tests of other modules.
 */
@Tag("H2")
@Timeout(240)
class AttackSuiteTest {
    private static final int I32 = TestModule.I32;
    private static final int I64 = TestModule.I64;

    private final Sandbox compiled = new Sandbox(System::nanoTime);
    private final Sandbox interpreted =
            new Sandbox(System::nanoTime, Bytes.EMPTY, Program.Mode.INTERPRETED);

    /** The outcome of both engines, which is one. */
    private Outcome outcome(Bytes module) {
        Outcome one = Attack.run(compiled, compiled.prepare(module).orThrow()).outcome();
        Outcome two = Attack.run(interpreted, interpreted.prepare(module).orThrow()).outcome();
        assertThat(two).isEqualTo(one);
        return one;
    }

    private static Bytes handler(Asm code) {
        return TestModule.handler(1).handling(code);
    }

    @Test
    void anEndlessLoopOfEveryConstructUsesUpItsFuel() {
        Map<String, Bytes> loops = new LinkedHashMap<>();
        loops.put("br", handler(new Asm().loop().br(0).end().output(0, 0)));
        loops.put("br_if", handler(new Asm().loop().i32(1).brIf(0).end().output(0, 0)));
        Asm table = new Asm().loop().i32(7).op(0x0e, 2, 0, 0, 0).end().output(0, 0);
        loops.put("br_table", handler(table));
        Asm inner = new Asm().loop().block().br(1).end().end().output(0, 0);
        loops.put("br out of a block", handler(inner));
        Asm both = new Asm().loop().i32(1).op(0x04, 0x40).br(1).op(0x05).br(1).end().end();
        loops.put("if and else", handler(both.output(0, 0)));
        loops.put(
                "memory.grow",
                handler(new Asm().loop().i32(0).op(0x40, 0, 0x1a).br(0).end().output(0, 0)));
        Asm fill = new Asm().loop().i32(0).i32(0).i32(65_536).op(0xfc, 11, 0).br(0).end();
        loops.put("memory.fill", handler(fill.output(0, 0)));
        Asm copy = new Asm().loop().i32(0).i32(1).i32(65_535).op(0xfc, 10, 0, 0).br(0).end();
        loops.put("memory.copy", handler(copy.output(0, 0)));
        TestModule yields = TestModule.handler(1);
        int yield = yields.wasi("sched_yield", TestModule.none(), I32);
        loops.put(
                "a host call",
                yields.handling(new Asm().loop().call(yield).op(0x1a).br(0).end().output(0, 0)));
        TestModule chance = TestModule.handler(1);
        int random = chance.wasi("random_get", TestModule.params(I32, I32), I32);
        Asm floods = new Asm().loop().i32(0).i32(65_536).call(random).op(0x1a).br(0).end();
        loops.put("a host call that writes", chance.handling(floods.output(0, 0)));

        loops.forEach((what, module) ->
                assertThat(outcome(module)).as(what).isInstanceOf(Outcome.OutOfFuel.class));
    }

    @Test
    void recursionOfEveryKindEndsAtTheSameDepthInBothEngines() {
        TestModule mutual = TestModule.handler(1);
        int[] none = TestModule.none();
        mutual.function(none, none, none, new Asm().call(1));
        mutual.function(none, none, none, new Asm().call(0));
        TestModule indirect = TestModule.handler(1).table(1, 1);
        int type = indirect.type(none);
        indirect.function(type, none, new Asm().i32(0).op(0x11, type, 0));
        indirect.elements(0, 0);

        for (TestModule module : List.of(mutual, indirect)) {
            Bytes bytes = module.handling(new Asm().call(0).output(0, 0));
            List<Outcome> outcomes = new ArrayList<>();
            Thread deep =
                    new Thread(null, () -> outcomes.add(deepOutcome(bytes)), "deep", 512 << 20);
            deep.start();
            join(deep);
            assertThat(outcomes)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            Outcome.Trapped.class,
                            trap -> assertThat(trap.code()).isEqualTo(TrapCode.STACK_EXHAUSTED));
        }
    }

    private Outcome deepOutcome(Bytes module) {
        var limits =
                new Limits(
                        Attack.LIMITS.memory(),
                        new Fuel(1_000_000_000_000L),
                        Duration.ofMinutes(1));
        var request = Request.post(Bytes.EMPTY);
        Outcome one =
                compiled.invoke(
                                compiled.prepare(module).orThrow(),
                                request,
                                limits,
                                RunInputs.FIXED)
                        .outcome();
        Outcome two =
                interpreted
                        .invoke(
                                interpreted.prepare(module).orThrow(),
                                request,
                                limits,
                                RunInputs.FIXED)
                        .outcome();
        assertThat(two).isEqualTo(one);
        return one;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aMemoryOrATableThatGrowsBeyondItsBoundIsToldNo() {
        Asm memory = new Asm().i32(0).i32(60_000).op(0x40, 0).op(0x36, 2, 0).output(0, 4);
        assertThat(deepOutcome(handler(memory))).satisfies(AttackSuiteTest::isMinusOne);
        TestModule tables = TestModule.handler(1).table(1, -1);
        Asm table = new Asm().i32(0).op(0xd0, 0x70).i32(100_000_000).op(0xfc, 15, 0);
        Bytes bomb = tables.handling(table.op(0x36, 2, 0).output(0, 4));
        assertThat(deepOutcome(bomb)).satisfies(AttackSuiteTest::isMinusOne);
        TestModule loop = TestModule.handler(1).table(1, -1);
        Asm grows = new Asm().loop().op(0xd0, 0x70).i32(1_000).op(0xfc, 15, 0, 0x1a).br(0).end();
        assertThat(outcome(loop.handling(grows.output(0, 0))))
                .isInstanceOf(Outcome.OutOfFuel.class);
    }

    private static void isMinusOne(Outcome outcome) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Completed.class,
                        done ->
                                assertThat(done.response().body())
                                        .isEqualTo(Bytes.hex("ffffffff")));
    }

    @Test
    void theWidestJumpThatIsAdmittedRunsAndAWiderOneIsRefused() {
        assertThat(outcome(handler(jump(29_000)))).isInstanceOf(Outcome.Completed.class);
        assertThat(refusal(handler(jump(31_000))).code()).isEqualTo(ErrorCode.MODULE_BOMB);
    }

    private static Asm jump(int targets) {
        Asm code = new Asm().block().i32(28_999).with(0x0e, targets);
        for (int i = 0; i <= targets; i++) {
            code.op(0);
        }
        return code.end().output(0, 0);
    }

    private Refusal refusal(Bytes module) {
        Result<Module> result = compiled.prepare(module);
        assertThat(result).isInstanceOf(Result.Refused.class);
        return ((Result.Refused<Module>) result).refusal();
    }

    /** A method of the JVM holds 64 KiB of code. */
    @Test
    void codeThatFitsIntoNoMethodOfTheJvmRunsAsAnywhere() {
        for (int size : new int[] {5_000, 20_000, 60_000}) {
            Asm code = new Asm();
            for (int i = 0; i < size; i++) {
                code.i32(i).op(0x1a);
            }
            assertThat(outcome(handler(code.output(0, 0))))
                    .as("%d instructions", 2 * size)
                    .isInstanceOf(Outcome.Completed.class);
        }
    }

    @Test
    void whatIsCostlyToCompileIsCompiledWithinItsBoundsOrRefused() {
        TestModule many = TestModule.handler(1);
        int type = many.type(TestModule.none());
        for (int i = 0; i < 12_000; i++) {
            many.function(type, TestModule.none(), new Asm());
        }
        assertThat(compiled.prepare(many.handling(new Asm().output(0, 0))).isOk()).isTrue();
        assertThat(compiled.prepare(handler(nested(990))).isOk()).isTrue();
        assertThat(refusal(handler(nested(1_001))).code()).isEqualTo(ErrorCode.MODULE_BOMB);
        TestModule wide = TestModule.handler(1);
        wide.functionWithLocals(10_001, I64, new Asm());
        assertThat(refusal(wide.handling(new Asm().output(0, 0))).code())
                .isEqualTo(ErrorCode.MODULE_BOMB);
    }

    /**
     * Blocks behind blocks behind blocks: each might be taken out of a large body, and all in it.
     */
    @Test
    void whatIsCostlyToSplitIsSplitWithinBounds() {
        Asm behind = new Asm();
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 980; i++) {
                behind.block().block().end();
            }
            for (int i = 0; i < 980; i++) {
                behind.end();
            }
        }
        assertThat(outcome(handler(behind.output(0, 0)))).isInstanceOf(Outcome.Completed.class);
    }

    /** More pieces than functions are admitted: the module stays as it is. */
    @Test
    void whatWouldFallIntoTooManyPiecesStaysWhole() {
        TestModule many = TestModule.handler(1);
        int type = many.type(TestModule.none());
        for (int i = 0; i < 29_500; i++) {
            many.function(type, TestModule.none(), new Asm());
        }
        Asm cases = new Asm();
        for (int i = 0; i < 1_000; i++) {
            cases.block().block().get(0).brIf(0).end();
            for (int k = 0; k < 6; k++) {
                cases.get(0).i32(1).op(0x6a).set(0);
            }
            cases.end();
        }
        Bytes module = many.handling(cases.output(0, 0));
        Layout whole = SectionScan.scan(module.array());
        assertThat(Splitter.split(whole)).isSameAs(whole);
        assertThat(outcome(module)).isInstanceOf(Outcome.Completed.class);
    }

    /** Each look finds that one more local matters. */
    @Test
    void aLongChainOfLocalsDoesNotKeepTheMeterBusy() {
        int locals = 9_000;
        Asm code = new Asm().block().loop();
        for (int i = 0; i < locals - 1; i++) {
            code.get(2 + i + 1).set(2 + i);
        }
        code.get(1 + locals).get(1 + locals).op(0xa0).set(1 + locals); // f64.add
        code.i32(0).get(2).op(0x39, 3, 0); // f64.store
        code.get(0).brIf(1).br(0).end().end();
        int[] types = new int[locals];
        Arrays.fill(types, Layout.F64);
        Bytes module = TestModule.handler(1).handling(types, code.output(0, 0));
        assertThat(outcome(module)).isInstanceOf(Outcome.Completed.class);
    }

    private static Asm nested(int depth) {
        Asm code = new Asm();
        for (int i = 0; i < depth; i++) {
            code.block();
        }
        for (int i = 0; i < depth; i++) {
            code.end();
        }
        return code.output(0, 0);
    }

    @Test
    @Tag("H4")
    void noHostFunctionFollowsAPointerOutOfTheGuestsMemory() throws Exception {
        Map<String, Wasi.HostCall> calls = offered();
        assertThat(calls).hasSizeGreaterThan(40);
        for (Map.Entry<String, Wasi.HostCall> each : calls.entrySet()) {
            for (int pointer : new int[] {-8, 65_535, Integer.MAX_VALUE}) {
                for (int descriptor : new int[] {0, 1, pointer}) {
                    Outcome outcome = outcome(calling(each, descriptor, pointer));
                    assertThat(outcome)
                            .as("%s(%d, %d..)", each.getKey(), descriptor, pointer)
                            .satisfiesAnyOf(
                                    o -> assertThat(o).isInstanceOf(Outcome.Completed.class),
                                    o -> assertThat(o).isInstanceOf(Outcome.OutOfFuel.class),
                                    o -> assertThat(trap(o)).contains(TrapCode.OUT_OF_BOUNDS),
                                    o -> assertThat(trap(o)).contains(TrapCode.BAD_OUTPUT),
                                    o -> assertThat(trap(o)).contains(TrapCode.EXIT));
                }
            }
        }
    }

    private static Optional<TrapCode> trap(Outcome outcome) {
        return outcome instanceof Outcome.Trapped trapped
                ? Optional.of(trapped.code())
                : Optional.empty();
    }

    @SuppressWarnings("unchecked") // the field is of this type; it is private on purpose
    private static Map<String, Wasi.HostCall> offered() throws Exception {
        Field calls = Wasi.class.getDeclaredField("CALLS");
        calls.setAccessible(true);
        return (Map<String, Wasi.HostCall>) calls.get(null);
    }

    /** A module that calls it once, with the pointer for everything but the first argument. */
    private static Bytes calling(
            Map.Entry<String, Wasi.HostCall> call, int descriptor, int pointer) {
        String letters = call.getValue().signature();
        int[] params = letters.chars().map(letter -> letter == 'I' ? I64 : I32).toArray();
        TestModule module = TestModule.handler(1);
        int function =
                call.getValue().hasResult()
                        ? module.wasi(call.getKey(), params, I32)
                        : module.wasi(call.getKey(), params);
        Asm code = new Asm();
        for (int i = 0; i < params.length; i++) {
            if (params[i] == I64) {
                code.i64(pointer);
            } else {
                code.i32(i == 0 ? descriptor : pointer);
            }
        }
        code.call(function);
        if (call.getValue().hasResult()) {
            code.op(0x1a);
        }
        return module.handling(code.output(0, 0));
    }
}
