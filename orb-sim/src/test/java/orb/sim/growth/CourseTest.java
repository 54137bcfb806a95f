package orb.sim.growth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Small swarms, run once for all tests; what they show has to hold in large ones too. */
final class CourseTest {
    private static final Course.Lengths SHORT =
            new Course.Lengths(
                    Duration.ofSeconds(4), Duration.ofSeconds(4), Duration.ofSeconds(10), 60);

    private static final Size SMALL = new Size(10, 4, 7);
    private static final Size LARGE = new Size(40, 4, 7);

    private static Figures small;
    private static Figures large;

    @BeforeAll
    static void run() {
        small = run(SMALL);
        large = run(LARGE);
    }

    private static Figures run(Size size) {
        return Course.run(size, SHORT, _ -> {});
    }

    @Test
    void oneSeedGivesOneSetOfFiguresAndAnotherSeedAnother() {
        assertThat(run(SMALL).withoutCost()).isEqualTo(small.withoutCost());
        Figures other = run(new Size(SMALL.nodes(), SMALL.trackers(), 8));
        assertThat(other.nodes()).isNotEqualTo(small.nodes());
    }

    @Tag("C1")
    @Test
    void everyLookupFindsItsRecordInFewHops() {
        for (Figures row : new Figures[] {small, large}) {
            assertThat(row.lookups().asked()).isEqualTo(SHORT.lookups());
            assertThat(row.lookups().found()).isEqualTo(SHORT.lookups());
            double bits = Math.log(row.size().nodes()) / Math.log(2);
            assertThat(row.lookups().hops().most()).isLessThanOrEqualTo(Math.ceil(bits));
            assertThat(row.lookups().questions().most()).isBetween(1.0, 40.0);
            assertThat(row.lookups().millis().p50()).isBetween(16.0, 4_000.0);
        }
    }

    @Test
    void everyNodeHasItsTrackersAndItsNeighbours() {
        assertThat(large.places().alone()).isZero();
        assertThat(large.places().nodeLinks().p50()).isGreaterThanOrEqualTo(4 + 2);
        assertThat(large.places().trackerLinks().most()).isEqualTo(40 + 3);
    }

    /** Four times the nodes: less than twice as much for a node, at most as much for a tracker. */
    @Test
    void aNodeSendsHardlyMoreInALargerSwarmAndATrackerNoMoreThanItsNodesAsk() {
        assertThat(large.nodes().messages().mean())
                .isBetween(1.0, 2 * small.nodes().messages().mean());
        assertThat(large.trackers().messages().mean())
                .isBetween(
                        small.trackers().messages().mean(), 4 * small.trackers().messages().mean());
    }

    @Test
    void messagesAreCountedAsTheBytesThatTheyAre() {
        double links = large.nodes().messages().mean() - large.nodes().tableMessages();
        // a beat to each of four trackers each second, and now and then more
        assertThat(links).isBetween(4.0, 12.0);
        assertThat(large.nodes().tableBytes() / large.nodes().tableMessages())
                .isBetween(40.0, 1_120.0);
    }

    @Test
    void whatAPeerKeepsIsMeasured() {
        assertThat(large.cost().heapPerPeer()).isBetween(10_000L, 10_000_000L);
        assertThat(large.places().known().most()).isLessThan(40 + 4);
        assertThat(large.places().items().mean()).isGreaterThan(1);
    }
}
