package orb.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Incident;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.port.Event;
import orb.ledger.Plan;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a tracker makes of the threats that nodes tell of, and of those that it sees itself. */
@Tag("H5")
class IncidentsTest {
    private static final FunctionName ADD = new FunctionName("alice", "add");

    private final Market market = new Market();
    private final Scene scene = market.scene;
    private final Host bob = market.bobsNode;
    private final Host carol = market.carolsNode;
    private final Host dan = market.dansNode;

    private static Incident incident(Incident.Kind kind, Optional<NodeId> peer, long count) {
        return new Incident(kind, Optional.of(ADD), peer, "because", count, 5, 9);
    }

    private void says(Host node, Incident... incidents) {
        Message answer = scene.asked(node.id, new Membership.Incidents(List.of(incidents)));
        assertThat(answer).isEqualTo(new Message.Done());
        scene.wake("sweep");
    }

    private TrackerReply.Incidents incidents() {
        return switch (scene.returned(scene.command(new TrackerCommand.FindIncidents()))) {
            case Result.Ok<?>(TrackerReply.Incidents all) -> all;
            case Result<?> other -> throw new AssertionError(other);
        };
    }

    private int reputation(Host node) {
        return incidents().nodes().stream()
                .filter(each -> each.node().equals(node.id))
                .findFirst()
                .orElseThrow()
                .reputation();
    }

    private int standing() {
        return incidents().functions().stream()
                .filter(each -> each.function().equals(ADD))
                .mapToInt(TrackerReply.FunctionScore::standing)
                .findFirst()
                .orElse(100);
    }

    @Test
    void whatNodesSayOfAFunctionLowersItsStandingByTheAccountNotByTheCount() {
        market.sponsored(Credits.whole(10), carol, dan);
        says(carol, incident(Incident.Kind.EGRESS_DENIED, Optional.empty(), 1));
        assertThat(standing()).isEqualTo(90);
        says(carol, incident(Incident.Kind.EGRESS_DENIED, Optional.empty(), 1_000_000));
        assertThat(standing()).isEqualTo(90);
        says(dan, incident(Incident.Kind.WORKER_LOST, Optional.empty(), 3));
        assertThat(standing()).isEqualTo(70);

        TrackerReply.Noticed first = incidents().noticed().getFirst();
        assertThat(incidents().noticed()).hasSize(2);
        assertThat(first.incident().function()).contains(ADD);
        assertThat(List.of(carol.id, dan.id)).contains(first.by());
        assertThat(reputation(carol)).as("it only told of it").isEqualTo(100);
    }

    @Test
    void aNodeThatIsSaidToHaveSentAnotherExecutableLosesTenPointsForEachAccountThatSaysSo() {
        market.sponsored(Credits.whole(10), carol);
        Incident changed = incident(Incident.Kind.ARTEFACT_CHANGED, Optional.of(carol.id), 50);
        says(dan, changed);
        assertThat(reputation(carol)).isEqualTo(90);
        says(bob, changed);
        assertThat(reputation(carol)).isEqualTo(80);
        assertThat(standing()).as("that is not the function's doing").isEqualTo(100);
    }

    @Test
    void whatANodeSaidItCannotTakeBackAndADayForgetsIt() {
        market.sponsored(Credits.whole(10), carol);
        says(carol, incident(Incident.Kind.CODE_CHANGED, Optional.empty(), 1));
        assertThat(reputation(carol)).isEqualTo(95);
        says(carol);
        scene.cut(carol.id, "gone");
        carol.join();
        assertThat(reputation(carol)).as("it came back").isEqualTo(95);

        scene.later(Duration.ofHours(24));
        carol.join();
        scene.wake("sweep");

        assertThat(reputation(carol)).isEqualTo(100);
        assertThat(incidents().noticed()).isEmpty();
    }

    @Test
    void wordsOfANodeWithoutAnAccountAndOfFunctionsThatDoNotExistAreNotKept() {
        market.sponsored(Credits.whole(10), carol);
        Host nobody = new Host(scene, "nobodys node");
        nobody.join();
        says(nobody, incident(Incident.Kind.EGRESS_DENIED, Optional.empty(), 1));
        says(
                carol,
                new Incident(
                        Incident.Kind.EGRESS_DENIED,
                        Optional.of(new FunctionName("alice", "none")),
                        Optional.empty(),
                        "",
                        1,
                        5,
                        9),
                incident(Incident.Kind.FUEL_LIMIT, Optional.empty(), 2));

        assertThat(incidents().noticed()).isEmpty();
    }

    @Test
    void aHostThatAnswersFalselyLosesItsReputationAndItsShareOfTheCallsAlsoAfterARestart() {
        carol.lies = IncidentsTest::withoutReceipt;
        for (String name : List.of("add", "mul", "sub")) { // each lie ends a lane
            FunctionFacts facts = market.function(name, Plan.SPONSORED, carol);
            market.alice.sponsors(facts, Credits.whole(10));
            scene.command(
                    new TrackerCommand.Call(
                            facts.name(), Request.post(Bytes.EMPTY), Optional.empty()));
            market.answerAll();
            market.rest(scene.config.waits().leftOut().plusSeconds(2));
        }
        assertThat(reputation(carol)).isEqualTo(40);
        assertThat(scene.kinds("incident")).hasSize(3);

        scene.restart();
        market.nodes().forEach(Host::join);
        scene.wake("sweep");

        assertThat(reputation(carol)).isEqualTo(40);
        assertThat(incidents().noticed().getFirst().incident().kind())
                .isEqualTo(Incident.Kind.FALSE_ANSWER);
    }

    private static Message withoutReceipt(Message message) {
        return message instanceof Calling.Invoked(var outcome, var host, _, var timing)
                ? new Calling.Invoked(outcome, host, Bytes.EMPTY, timing)
                : message;
    }

    @Test
    void whatChangedOnTheTrackersOwnDiskIsShownAsItsOwn() {
        Digest artefact = market.sponsored(Credits.whole(10), carol).artefact();
        scene.step(new Event.Noticed(Incident.Kind.ARTEFACT_CHANGED, artefact, "damaged"));

        TrackerReply.Noticed own = incidents().noticed().getFirst();
        assertThat(own.by()).isEqualTo(NodeId.of(Scene.KEY.publicKey()));
        assertThat(own.incident().function()).contains(ADD);
    }
}
