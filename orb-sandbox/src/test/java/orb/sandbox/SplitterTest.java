package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.sandbox.fuel.Layout;
import orb.sandbox.fuel.SectionScan;
import orb.sandbox.fuel.Splitter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Large bodies are split, and mean what they meant. */
class SplitterTest {
    private static final int I32 = TestModule.I32;
    private static final int SEEDS = 300;
    private static final Splitter.Sizes TINY = new Splitter.Sizes(40, 0, 0);
    private static final Limits LIMITS =
            new Limits(ByteSize.mib(16), new Fuel(2_000_000), Limits.DEFAULT.wall());

    /** Fuel for what the calls of pieces cost besides. */
    private static final Limits MORE =
            new Limits(ByteSize.mib(16), new Fuel(200_000_000), Limits.DEFAULT.wall());

    private final Sandbox sandbox = new Sandbox(() -> 0, Bytes.EMPTY, Program.Mode.INTERPRETED);
    private final Sandbox compiler = new Sandbox(() -> 0);

    /** What a run gives, without its fuel. */
    private static String told(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Completed(var response, _) -> response.toString();
            case Outcome.Trapped trap -> trap.code().toString();
            case Outcome.OutOfFuel _ -> "OutOfFuel";
            case Outcome.Refused refused -> refused.toString();
        };
    }

    private static Outcome run(Sandbox sandbox, Bytes artefact, Limits limits) {
        Module module = sandbox.prepare(artefact).orThrow();
        return sandbox.invoke(module, Request.post(Bytes.EMPTY), limits, RunInputs.FIXED).outcome();
    }

    @Test
    @Tag("H2")
    void randomModulesEndAsTheyDidBefore() {
        int split = 0;
        Set<String> ends = new TreeSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            Bytes artefact = RandomModule.of(seed);
            Layout whole = SectionScan.scan(artefact.array());
            Layout pieces = Splitter.split(whole, TINY);
            String before = told(run(sandbox, artefact, LIMITS));
            if (pieces.functionCount() > whole.functionCount() && !before.equals("OutOfFuel")) {
                Bytes apart = Bytes.wrap(pieces.bytes);
                assertThat(told(run(sandbox, apart, MORE))).as("seed %d", seed).isEqualTo(before);
                if (seed % 20 == 0) {
                    assertThat(told(run(compiler, apart, MORE))).isEqualTo(before);
                }
                ends.add(before.split("\\[", 2)[0]);
                split++;
            }
        }
        assertThat(split).as("modules that had something to split").isGreaterThan(SEEDS / 5);
        assertThat(ends).contains("Response", "ARITHMETIC", "OUT_OF_BOUNDS");
    }

    /** A case that goes round the loop, one that returns, one that leaves, one that falls out. */
    private static Bytes switching() {
        Asm code = new Asm().get(0).op(0x2d, 0, 0).set(2).i32(5).set(4).loop();
        code.block().block().block().block().block();
        code.get(2).op(0x0e, 4, 0, 1, 2, 3, 4).end();
        code.get(3).i32(3).op(0x6c).i32(1).op(0x6a).set(3);
        code.get(2).i32(2).op(0x6a).set(2).br(4).end();
        code.i32(0).get(3).i32(100).op(0x6a, 0x3a, 0, 0).output(0, 1).op(0x0f).end();
        code.get(3).i32(7).op(0x6a).set(3).i32(9).set(4).br(1).end();
        code.get(3).i32(50).op(0x6a).set(3).end().end();
        code.i32(0).get(3).get(4).op(0x6a, 0x3a, 0, 0).output(0, 1);
        return TestModule.handler(1).handling(new int[] {I32, I32, I32}, code);
    }

    @Test
    @Tag("H2")
    void casesOfOneTableShareAFunction() {
        Bytes whole = switching();
        Layout before = SectionScan.scan(whole.array());
        Layout apart = Splitter.split(before, TINY);
        assertThat(apart.functionCount()).isEqualTo(before.functionCount() + 1);
        for (int number = 0; number < 7; number++) {
            Request request = Request.post(Bytes.of((byte) number));
            for (Sandbox each : List.of(sandbox, compiler)) {
                List<String> told =
                        Stream.of(whole, Bytes.wrap(apart.bytes))
                                .map(artefact -> each.prepare(artefact).orThrow())
                                .map(m -> each.invoke(m, request, MORE, RunInputs.FIXED))
                                .map(run -> told(run.outcome()))
                                .toList();
                assertThat(told.get(0)).startsWith("Response");
                assertThat(told.get(1)).as("number %d", number).isEqualTo(told.get(0));
            }
        }
    }

    @Test
    @Tag("A9")
    void noLoopOfAnInterpreterStaysTooLargeForTheJvm() throws IOException {
        try (InputStream in = SplitterTest.class.getResourceAsStream("/orb/console/quickjs.wasm")) {
            Layout whole = SectionScan.scan(in.readAllBytes());
            Layout pieces = Splitter.split(whole);
            assertThat(longest(whole)).isGreaterThan(37_000);
            assertThat(longest(pieces)).isLessThan(12_000);
            assertThat(Splitter.split(pieces)).as("once is enough").isSameAs(pieces);
        }
    }

    private static int longest(Layout layout) {
        return layout.bodies.stream().mapToInt(b -> b.to() - b.codeFrom()).max().orElseThrow();
    }
}
