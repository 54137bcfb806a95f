package orb.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.NodeView;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Table;
import orb.overlay.PeerRecord;
import orb.overlay.Presence;
import orb.overlay.SignedRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class MembershipTest {
    private final Scene scene = new Scene();
    private final Host node = new Host(scene, "node");

    private String state(Host host) {
        return scene.nodes().nodes().stream()
                .filter(view -> view.id().equals(host.id))
                .map(NodeView::state)
                .findFirst()
                .orElse("unknown");
    }

    private String standing(Host host) {
        return scene.nodes().nodes().stream()
                .filter(view -> view.id().equals(host.id))
                .map(NodeView::standing)
                .findFirst()
                .orElse("unknown");
    }

    static ErrorCode refused(Message message) {
        return ((Message.Refused) message).refusal().code();
    }

    @Test
    void aNodeThatSaysHelloIsWelcomeAndListedAsAlive() {
        Membership.Welcome welcome = (Membership.Welcome) node.join();

        assertThat(welcome.network()).isEqualTo(Scene.GENESIS.network());
        assertThat(welcome.observed()).isEqualTo(new Address("192.0.2.1", 40_000));
        assertThat(welcome.epochMillis()).isEqualTo(5_000);
        assertThat(state(node)).isEqualTo("alive");
        assertThat(scene.status().nodes()).isEqualTo(1);
    }

    @Test
    @Tag("B2")
    void theRecordOfATrackerWithoutADomainIsMarkedDev() {
        Membership.Welcome welcome = (Membership.Welcome) node.join();
        SignedRecord record = SignedRecord.open(welcome.record(), scene.now).orThrow();

        assertThat(record.id()).isEqualTo(Scene.SELF);
        assertThat(record.record().role()).isEqualTo(PeerRecord.Role.TRACKER);
        assertThat(record.record().dev()).isTrue();
        assertThat(scene.status().dev()).isTrue();
    }

    @Test
    void aNodeOfAnotherSwarmIsRefusedAndOneThatDoesNotKnowYetIsNot() {
        scene.link(node.id);
        Bytes record = node.record(1).sign(node.key).bytes();

        assertThat(
                        refused(
                                scene.asked(
                                        node.id,
                                        new Membership.Hello(
                                                Digest.of(Bytes.utf8("other")), record, "orb"))))
                .isEqualTo(ErrorCode.WRONG_NETWORK);
        assertThat(scene.asked(node.id, new Membership.Hello(Digest.ZERO, record, "orb")))
                .isInstanceOf(Membership.Welcome.class);
    }

    @Test
    void aRecordOfAnotherPeerForgedOrExpiredIsRefused() {
        Host other = new Host(scene, "other");
        scene.link(node.id);
        Bytes good = node.record(1).sign(node.key).bytes();
        byte[] forged = good.toArray();
        forged[forged.length - 1] ^= 1;
        Instant before = scene.now;
        scene.later(Duration.ofHours(2));

        assertThat(refused(scene.asked(node.id, other.hello())))
                .isEqualTo(ErrorCode.WRONG_PEER_KEY);
        assertThat(refused(hello(Bytes.of(forged)))).isEqualTo(ErrorCode.BAD_SIGNATURE);
        assertThat(refused(hello(good))).isEqualTo(ErrorCode.ENTRY_EXPIRED);
        scene.now = before;
        assertThat(hello(good)).isInstanceOf(Membership.Welcome.class);
    }

    private Message hello(Bytes record) {
        return scene.asked(node.id, new Membership.Hello(Scene.GENESIS.network(), record, "orb"));
    }

    @Test
    void whoHasNotSaidHelloIsToldSo() {
        scene.link(node.id);

        assertThat(refused(node.beat(0, 4))).isEqualTo(ErrorCode.NOT_CONNECTED);
        assertThat(refused(scene.asked(node.id, new Membership.FindPeers(0))))
                .isEqualTo(ErrorCode.NOT_CONNECTED);
    }

    @Test
    @Tag("A4")
    void aSilentNodeIsSuspectAfterThreeSecondsAndDeadAfterFive() {
        node.join();
        assertThat(node.beat(1, 4)).isEqualTo(new Membership.Beat(1, 4, 0));

        scene.sleep(Duration.ofMillis(2_500));
        assertThat(state(node)).isEqualTo("alive");
        scene.sleep(Duration.ofMillis(500));
        assertThat(state(node)).isEqualTo("suspect");
        scene.sleep(Duration.ofMillis(2_000));
        assertThat(state(node)).isEqualTo("dead");
        assertThat(scene.hangUps).extracting(Effect.HangUp::peer).containsExactly(node.id);
        assertThat(scene.kinds("node.")).containsExactly("node.alive", "node.suspect", "node.dead");
    }

    @Test
    void aNodeThatBeatsStaysAlive() {
        node.join();
        for (int second = 0; second < 20; second++) {
            node.beat(0, 4);
            scene.sleep(Duration.ofSeconds(1));
        }

        assertThat(state(node)).isEqualTo("alive");
        assertThat(scene.kinds("node.")).containsExactly("node.alive");
    }

    @Test
    void aCutLinkMeansDeadAndAGoodbyeMeansLeft() {
        Host other = new Host(scene, "other");
        node.join();
        other.join();

        scene.cut(node.id, "connection reset");
        scene.cut(other.id, Presence.GOODBYE);

        assertThat(state(node)).isEqualTo("dead");
        assertThat(state(other)).isEqualTo("left");
        node.join();
        assertThat(state(node)).isEqualTo("alive");
    }

    @Test
    void whatWasLearnedOfANodeIsKeptAndToldToOthersAfterARestart() {
        node.join();
        scene.restart();

        assertThat(scene.disk.get(Table.PEERS)).containsKey(node.id.digest().bytes());
        assertThat(state(node)).isEqualTo("dead");
        Host other = new Host(scene, "other");
        Membership.Welcome welcome = (Membership.Welcome) other.join();
        assertThat(welcome.peers())
                .extracting(record -> SignedRecord.open(record, scene.now).orThrow().id())
                .containsExactly(node.id);
    }

    @Test
    @Tag("B6")
    void whoIsLinkedIsNamedAndNothingIsSentTwice() {
        Host other = new Host(scene, "other");
        node.join();
        other.join();
        Membership.Peers all = peers(other);
        assertThat(ids(all)).containsExactlyInAnyOrder(Scene.SELF, node.id, other.id);
        assertThat(scene.asked(other.id, new Membership.FindPeers(all.revision())))
                .isEqualTo(new Message.Done());

        scene.cut(node.id, "connection reset");
        Membership.Peers left =
                (Membership.Peers) scene.asked(other.id, new Membership.FindPeers(all.revision()));
        assertThat(ids(left)).containsExactlyInAnyOrder(Scene.SELF, other.id);
    }

    private Membership.Peers peers(Host asker) {
        return (Membership.Peers) scene.asked(asker.id, new Membership.FindPeers(0));
    }

    private List<NodeId> ids(Membership.Peers peers) {
        return peers.records().stream()
                .map(record -> SignedRecord.open(record, scene.now).orThrow().id())
                .toList();
    }

    @Test
    @Tag("G1")
    void eachStandingOfANodeIsToldAsItComes() {
        node.join();
        scene.sleep(Duration.ofSeconds(1));
        assertThat(scene.kinds("standing.")).containsExactly("standing.discovered");

        new Person(scene, "alice").owns(node.key);
        scene.sleep(Duration.ofSeconds(1));
        node.beat(0, 2);
        scene.sleep(Duration.ofSeconds(1));
        node.beat(2, 2);
        scene.sleep(Duration.ofSeconds(1));
        assertThat(standing(node)).isEqualTo("busy");
        node.beat(1, 2);
        scene.sleep(Duration.ofSeconds(1));
        scene.cut(node.id, "connection reset");

        assertThat(scene.kinds("standing."))
                .containsExactly(
                        "standing.discovered",
                        "standing.attested",
                        "standing.ready",
                        "standing.busy",
                        "standing.ready",
                        "standing.lost");
        assertThat(standing(node)).isEqualTo("lost");
    }

    @Test
    @Tag("C5")
    void aWayIsMeasuredByWhatItCarriesAndNotWithoutEnd() {
        node.join();
        Membership.Gauge gauge = new Membership.Gauge(Bytes.EMPTY, 1_000);
        for (int i = 0; i < 18; i++) {
            assertThat(scene.asked(node.id, gauge))
                    .isEqualTo(new Membership.Gauged(Bytes.wrap(new byte[1_000])));
        }
        assertThat(refused(scene.asked(node.id, gauge))).isEqualTo(ErrorCode.BUSY);
    }

    @Test
    void aHelloThatComesAfterTheEndOfItsLinkMakesNoMember() {
        node.join();
        scene.cut(node.id, "connection reset");

        assertThat(refused(scene.asked(node.id, node.hello()))).isEqualTo(ErrorCode.NOT_CONNECTED);
        assertThat(state(node)).isEqualTo("dead");
    }

    @Test
    void oneNodeCanBeLookedUpAndAnUnknownOneIsNoError() {
        node.join();

        assertThat(one(node.id.digest()).nodes()).hasSize(1);
        assertThat(one(Digest.ZERO).nodes()).isEmpty();
    }

    private Membership.Nodes one(Digest id) {
        return (Membership.Nodes) scene.told(new Membership.FindNodes(Optional.of(id)));
    }

    @Test
    void moreNodesThanTheBoundAreTurnedAway() {
        TrackerConfig.Bounds b = TrackerConfig.Bounds.STANDARD;
        Scene small =
                new Scene(
                        Scene.config()
                                .with(
                                        new TrackerConfig.Bounds(
                                                1,
                                                b.peersMax(),
                                                b.questionsMax(),
                                                b.callsMax(),
                                                b.callBytesMax(),
                                                b.triesMax(),
                                                b.callersMax(),
                                                b.recentMax(),
                                                b.deploysMax(),
                                                b.entriesMax(),
                                                b.entryBytesMax(),
                                                b.noticesMax(),
                                                b.fetchesMax(),
                                                b.artefactBytesMax(),
                                                b.lanesMax())));
        assertThat(new Host(small, "one").join()).isInstanceOf(Membership.Welcome.class);
        assertThat(refused(new Host(small, "two").join())).isEqualTo(ErrorCode.BUSY);
    }

    @Test
    void whatIsNoQuestionIsRefusedAndStillAnswered() {
        node.join();

        assertThat(refused(scene.asked(node.id, new Message.Done())))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
        assertThat(refused(scene.told(new Membership.Beat(0, 1, 0))))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
        scene.step(new Event.Answered(99, node.id, new Message.Done()));
    }
}
