package orb.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import orb.kernel.Digest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the seeds of {@link Seeds}, each twice; two threads share them. */
final class SimulationTest {
    private static final int THREADS = 2;

    private static final Map<Scenario, Future<Course>> COURSES = new LinkedHashMap<>();
    private static final Map<Scenario, Future<Digest>> REPEATS = new LinkedHashMap<>();
    private static ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    static List<Scenario> scenarios() {
        return Seeds.all();
    }

    @BeforeAll
    static void start() {
        threads = Executors.newFixedThreadPool(THREADS);
        for (Scenario scenario : scenarios()) {
            Callable<Course> course = () -> Course.run(scenario, Optional.empty());
            Callable<Digest> repeat = () -> Course.trace(scenario);
            COURSES.put(scenario, threads.submit(course));
            REPEATS.put(scenario, threads.submit(repeat));
        }
    }

    @AfterAll
    static void stop() {
        threads.shutdownNow();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void nothingGoesWrongAndTheSameHappensAgain(Scenario scenario) throws Exception {
        Course course = COURSES.get(scenario).get();

        assertThat(course.violations()).as("replay with ./orb sim %s", scenario).isEmpty();
        assertThat(REPEATS.get(scenario).get())
                .as("the trace of a second run")
                .isEqualTo(course.trace());
    }

    @Test
    void callsCompleteInNearlyEverySeed() throws Exception {
        int some = 0;
        for (Future<Course> course : COURSES.values()) {
            some += course.get().completed() > 0 ? 1 : 0;
        }
        assertThat(some).isGreaterThan(COURSES.size() * 9 / 10);
    }

    @Test
    void manyCallsCompleteInAWorldWithoutFaults() {
        Scenario calm = Scenario.of(1).withNodes(4).withFaults(Faults.NONE).withScarcity(false);
        Course course = Course.run(calm, Optional.empty());
        assertThat(course.violations()).isEmpty();
        assertThat(course.completed()).isGreaterThan(100);
    }

    @Test
    void twoSeedsHaveTwoTraces() {
        Scenario one = Scenario.of(1).withNodes(2).withFaults(Faults.NONE);
        Scenario two =
                new Scenario(
                        2, one.trackers(), one.nodes(), one.busy(), one.faults(), one.isScarce());
        assertThat(Course.trace(one)).isNotEqualTo(Course.trace(two));
    }

    @Test
    void seedsDrawAllSizesAndAllKindsOfFaults() {
        List<Scenario> many = LongStream.range(0, 200).mapToObj(Scenario::of).toList();
        assertThat(many).extracting(Scenario::nodes).contains(2, 3, 4, 5, 6, 7);
        assertThat(many).extracting(Scenario::faults).containsAll(Faults.all());
        assertThat(many).extracting(Scenario::isScarce).contains(true, false);
    }
}
