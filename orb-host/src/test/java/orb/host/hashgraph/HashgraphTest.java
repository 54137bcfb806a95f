package orb.host.hashgraph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Four trackers as processes of their own; each test finds all four ordering. */
@Timeout(600)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("many processes")
class HashgraphTest {
    @TempDir static Path home;

    private static Cluster cluster;

    @BeforeAll
    static void found() throws Exception {
        cluster = new Cluster(home, 4);
    }

    @BeforeEach
    void allOrder() throws Exception {
        cluster.start();
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    private static void awaitEqualLogs() {
        int most = cluster.engines().stream().mapToInt(e -> e.ordered().size()).max().orElseThrow();
        cluster.engines().forEach(engine -> engine.awaitOrdered(most));
        List<String> first = cluster.engine(0).ordered();
        for (Engine engine : cluster.engines()) {
            assertThat(engine.ordered()).isEqualTo(first);
            assertThat(engine.tail()).isEqualTo(cluster.engine(0).tail());
            assertThat(engine.troubles()).isEmpty();
        }
        long last = 0;
        for (int i = 0; i < first.size(); i++) {
            String[] words = first.get(i).split(" ", -1);
            assertThat(words[0]).isEqualTo(Integer.toString(i));
            assertThat(Long.parseLong(words[1])).isGreaterThanOrEqualTo(last);
            last = Long.parseLong(words[1]);
        }
    }

    @Test
    void whatFourTrackersProposeAtOnceGetsOneOrderOnAllOfThem() {
        for (int i = 0; i < 4; i++) {
            cluster.engine(i).load("order" + i, 500);
        }
        for (Engine engine : cluster.engines()) {
            engine.awaitEntries("order", 2_000);
            assertThat(new HashSet<>(engine.entries("order"))).hasSize(2_000);
        }
        awaitEqualLogs();
    }

    @Test
    void theSameBytesGetAsManyPlacesAsTheyWereProposed() {
        cluster.engine(1).propose("twice");
        cluster.engine(2).propose("twice");
        cluster.engine(0).awaitEntries("twice", 2);
        cluster.engine(1).propose("twice-end");
        cluster.engine(0).awaitEntries("twice-end", 1);
        assertThat(cluster.engine(0).entries("twice"))
                .containsExactly("twice", "twice", "twice-end");
    }

    @Test
    @Tag("B12")
    void oneThatIsKilledHoldsUpNobodyAndCatchesUpByItself() throws Exception {
        Engine victim = cluster.engine(3);
        victim.load("lost", 50);
        victim.kill();
        for (int i = 0; i < 3; i++) {
            cluster.engine(i).load("quick" + i, 100);
        }
        for (int i = 0; i < 3; i++) {
            cluster.engine(i).awaitEntries("quick", 300);
        }
        victim.start();
        victim.awaitEntries("quick", 300);
        victim.awaitActive();
        victim.propose("here");
        cluster.engine(0).awaitEntries("here", 1);
        awaitEqualLogs();
    }

    @Test
    @Tag("B12")
    void oneThatWasAwayTooLongForGossipFetchesWhatItMissed() throws Exception {
        Engine victim = cluster.engine(3);
        victim.kill();
        for (int i = 0; i < 3; i++) {
            cluster.engine(i).load("without" + i, 100);
        }
        cluster.engine(0).awaitEntries("without", 300);
        long away = cluster.engine(0).round() + Engine.ROUNDS_AWAY;
        await().atMost(Duration.ofMinutes(3)).until(() -> cluster.engine(0).round() > away);
        victim.start();
        victim.awaitEntries("without", 300);
        victim.awaitActive();
        assertThat(victim.log()).contains("the platform is RECONNECT_COMPLETE");
        victim.propose("back");
        cluster.engine(0).awaitEntries("back", 1);
        awaitEqualLogs();
    }

    @Test
    @Tag("B12")
    void nothingAcknowledgedIsLostWhenAllAreKilledAtOnceUnderLoad() throws Exception {
        for (int i = 0; i < 4; i++) {
            cluster.engine(i).load("kill" + i, 2_000);
        }
        cluster.engine(0).awaitEntries("kill", 100);
        cluster.engines().parallelStream().forEach(Engine::kill);
        List<List<String>> acknowledged = cluster.engines().stream().map(Engine::ordered).toList();
        cluster.start();
        awaitEqualLogs();
        for (List<String> before : acknowledged) {
            assertThat(cluster.engine(0).ordered()).startsWith(before.toArray(String[]::new));
        }
        cluster.engine(2).propose("after");
        cluster.engines().forEach(engine -> engine.awaitEntries("after", 1));
    }

    @Test
    void twoOfFourAcknowledgeNothingAndGoOnOnceAThirdIsBack() throws Exception {
        cluster.engine(2).kill();
        cluster.engine(3).kill();
        cluster.engine(0).awaitStatus("CHECKING");
        int before = cluster.engine(0).ordered().size();
        Engine lonely = cluster.engine(0);
        int[] proposed = {0};
        await().atMost(Duration.ofMinutes(2))
                .until(() -> {
                    lonely.propose("nobody-" + proposed[0]++);
                    return !lonely.failed().isEmpty(); // those before it may be in an event already
                });
        assertThat(lonely.ordered()).hasSize(before);
        assertThat(cluster.engine(1).ordered()).hasSizeLessThanOrEqualTo(before);
        cluster.engine(2).start();
        cluster.engine(1).awaitActive();
        cluster.engine(1).propose("three");
        for (int i = 0; i < 3; i++) {
            cluster.engine(i).awaitEntries("three", 1);
        }
        cluster.start();
        cluster.engine(3).awaitEntries("three", 1);
        await().atMost(Duration.ofMinutes(2))
                .until(() ->
                        lonely.failed().size() + lonely.entries("nobody").size() == proposed[0]);
        List<String> failed = lonely.failed();
        for (String entry : lonely.entries("nobody")) {
            assertThat(failed).doesNotContain(Digest.of(Bytes.utf8(entry)).hex() + " ORB-0310");
        }
        awaitEqualLogs();
    }
}
