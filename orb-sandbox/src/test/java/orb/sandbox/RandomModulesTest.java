package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiler, interpreter and V8 agree on what random modules do and cost. */
final class RandomModulesTest {
    /** Other seeds each time would fail for nobody to see again; these are many instead. */
    private static final int SEEDS = Integer.getInteger("orb.sandbox.seeds", 2_000);

    private static final Limits LIMITS =
            new Limits(ByteSize.mib(4), new Fuel(60_000), Duration.ofMinutes(1));
    private static final Request EMPTY = Request.post(Bytes.EMPTY);

    private final List<String> compiled = new ArrayList<>();
    private final List<String> interpreted = new ArrayList<>();
    private int fromSnapshot;
    private final List<Throwable> broken = new ArrayList<>();
    @TempDir Path folder;

    @AfterEach
    void nothingBroke() {
        assertThat(broken).isEmpty();
    }

    private void run(Program.Mode mode, int stackMib, List<String> told)
            throws InterruptedException {
        Sandbox sandbox = new Sandbox(() -> 0, Bytes.EMPTY, mode);
        Runnable all =
                () -> {
                    try {
                        for (int seed = 0; seed < SEEDS; seed++) {
                            Module module = sandbox.prepare(RandomModule.of(seed)).orThrow();
                            Run run = sandbox.invoke(module, EMPTY, LIMITS, RunInputs.FIXED);
                            told.add(Oracle.told(run.outcome()));
                            if (module.beginning().of(LIMITS).startsFromSnapshot()) {
                                fromSnapshot++;
                                Run next = sandbox.invoke(module, EMPTY, LIMITS, RunInputs.FIXED);
                                assertThat(next.outcome()).isEqualTo(run.outcome());
                                assertThat(next.peakPages()).isEqualTo(run.peakPages());
                            }
                        }
                    } catch (Throwable e) {
                        broken.add(e);
                    }
                };
        Thread thread = new Thread(null, all, "random", (long) stackMib << 20);
        thread.start();
        thread.join();
    }

    @Test
    @Tag("H2")
    void outcomeAndFuelAreTheSameOnCompilerInterpreterAndV8() throws Exception {
        run(Program.Mode.COMPILED, 16, compiled);
        run(Program.Mode.INTERPRETED, 512, interpreted);
        assertThat(fromSnapshot).as("snapshots of both modes").isGreaterThan(SEEDS / 50);
        Map<String, Integer> ends = new TreeMap<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            assertThat(interpreted.get(seed)).as("seed %d", seed).isEqualTo(compiled.get(seed));
            ends.merge(compiled.get(seed).split(" ", 2)[0], 1, Integer::sum);
        }
        assertThat(ends)
                .as("the generator reaches the ends that matter")
                .containsKeys("Completed", "OutOfFuel", "ARITHMETIC", "OUT_OF_BOUNDS");
        assertThat(ends.get("Completed")).as("%s", ends).isGreaterThan(SEEDS / 10);
        assumeTrue(Oracle.isHere(), "Node.js is not installed: V8 was not asked");
        Oracle oracle = new Oracle(folder);
        for (int seed = 0; seed < SEEDS; seed++) {
            oracle.add(RandomModule.of(seed), "HANDLER", Bytes.EMPTY, LIMITS);
        }
        List<String> asked = oracle.outcomes();
        for (int seed = 0; seed < SEEDS; seed++) {
            assertThat(asked.get(seed)).as("seed %d", seed).isEqualTo(compiled.get(seed));
        }
    }
}
