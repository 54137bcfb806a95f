package orb.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.NodeView;
import orb.kernel.message.Registry;
import orb.kernel.port.Event;
import orb.ledger.Plan;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class RestartTest {
    private final Market market = new Market();
    private final Scene scene = market.scene;

    @Test
    @Tag("B4")
    void functionsNodesUrlsAndBalancesAreAllThereAfterAKill() {
        FunctionFacts add = market.sponsored(Credits.whole(10), market.carolsNode);
        market.alice.deploys("sub", Plan.METERED);
        TrackerReply.Status before = scene.status();
        Registry.Account alice = market.alice.books();
        List<NodeId> nodes = ids();

        scene.restart();

        TrackerReply.Status after = scene.status();
        assertThat(after.stateRoot()).isEqualTo(before.stateRoot());
        assertThat(after.entries()).isEqualTo(before.entries()).isEqualTo(scene.log.size());
        assertThat(after.functions()).isEqualTo(2);
        assertThat(market.alice.facts("add")).contains(add);
        assertThat(market.alice.books()).isEqualTo(alice);
        assertThat(ids()).containsExactlyInAnyOrderElementsOf(nodes);
        market.carolsNode.join();
        market.carolsNode.answerAll();
        market.carolsNode.serve(add);
        long call = market.call();
        market.answerAll();
        assertThat(Market.body(market.called(call))).isEqualTo("5");
    }

    private List<NodeId> ids() {
        return scene.nodes().nodes().stream().map(NodeView::id).toList();
    }

    @Test
    void twoTrackersWithOneLogHaveOneStateRootAtEveryLength() {
        market.sponsored(Credits.whole(10), market.carolsNode);
        Tracker one = fresh();
        Tracker two = fresh();
        List<Digest> roots = new ArrayList<>();
        for (Event.Ordered entry : scene.log) {
            one.step(entry.time(), entry);
            two.step(entry.time(), entry);
        }
        for (Tracker tracker : List.of(one, two)) {
            roots.add(root(tracker));
        }

        assertThat(roots).containsOnly(scene.status().stateRoot());
    }

    private Tracker fresh() {
        return Tracker.of(
                scene.config, Scene.KEY, Scene.GENESIS, new java.util.SplittableRandom(5));
    }

    private Digest root(Tracker tracker) {
        tracker.step(scene.now, new Event.Started(new java.util.TreeMap<>()));
        return tracker
                .step(scene.now, new Event.Commanded(1, new TrackerCommand.FindStatus()))
                .stream()
                .filter(orb.kernel.port.Effect.Return.class::isInstance)
                .map(effect -> ((orb.kernel.port.Effect.Return) effect).result().orThrow())
                .map(reply -> ((TrackerReply.Status) reply).stateRoot())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void damagedRowsOfEveryTableAreLeftOutAndTheRestIsThere() {
        market.sponsored(Credits.whole(10), market.carolsNode);
        for (int i = 0; i < 8; i++) {
            market.call();
            market.answerAll();
        }
        scene.disk
                .values()
                .forEach(rows -> rows.replaceAll((_, _) -> orb.kernel.Bytes.hex("8201")));

        scene.restart();

        assertThat(scene.status().functions()).isEqualTo(1);
        assertThat(scene.nodes().nodes()).isEmpty();
        market.carolsNode.join();
        assertThat(scene.nodes().nodes()).hasSize(1);
    }

    @Test
    void theFirstStartOfATrackerRegistersItAsAHubOnce() {
        Scene fresh = new Scene();
        assertThat(fresh.log).hasSize(2);

        fresh.restart();

        assertThat(fresh.log).hasSize(2);
    }
}
