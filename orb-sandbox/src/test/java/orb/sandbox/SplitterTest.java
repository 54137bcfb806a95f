package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.TreeSet;
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
    private static final int SEEDS = 600;
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
