package orb.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Lane;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Response;
import orb.kernel.Timing;
import orb.kernel.message.CallDigest;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.Seeding;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.ledger.Entry;
import orb.ledger.HostLane;
import orb.ledger.NodeBinding;
import orb.ledger.Plan;
import orb.overlay.PeerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What trackers are to each other: links, copies of executables, calls that are passed on. */
final class FellowsTest {
    private final Market market = new Market();
    private final Scene scene = market.scene;

    @Test
    void ofTwoTrackersTheOneWithTheSmallerIdDials() {
        Fellow above = Fellow.of(scene, true);
        Fellow below = Fellow.of(scene, false);

        scene.step(new Event.Discovered(List.of(above.contact, below.contact)));

        assertThat(scene.dials).containsExactly(above.contact);
    }

    @Test
    void aTrackerThatCannotBeReachedIsDialledAgain() {
        Fellow fellow = Fellow.of(scene, true);
        scene.step(new Event.Discovered(List.of(fellow.contact)));
        scene.step(new Event.DialFailed(fellow.contact, new Refusal(ErrorCode.PEER_LOST, "down")));
        scene.sleep(Duration.ofSeconds(1));

        assertThat(scene.dials).containsExactly(fellow.contact, fellow.contact);
    }

    @Test
    void aFellowGetsBeatsAndIsNoHost() {
        Fellow fellow = Fellow.of(scene, true).met();
        assertThat(scene.kinds("tracker.")).contains("tracker.alive");
        scene.sleep(Duration.ofMillis(500));

        assertThat(scene.asksTo(fellow.id, Membership.Beat.class)).isNotEmpty();
        assertThat(scene.nodes().nodes()).noneMatch(view -> view.id().equals(fellow.id));
    }

    @Test
    void aPeerThatIsNoTrackerIsLeftWhenItIsDialledAsOne() {
        Fellow fellow = Fellow.of(scene, true);
        scene.step(new Event.Discovered(List.of(fellow.contact)));
        scene.step(new Event.Linked(fellow.id, fellow.contact.address(), true));
        scene.reply(fellow.asked(), fellow.welcome(PeerRecord.Role.NODE));

        assertThat(scene.hangUps).extracting(Effect.HangUp::peer).containsExactly(fellow.id);
    }

    @Test
    @Tag("B6")
    void aNodeThatIsLinkedToAFellowIsAliveHereWhileTheFellowSaysSo() {
        Fellow fellow = Fellow.of(scene, true).met();
        Host far = new Host(scene, "far");
        long first = tell(fellow, List.of(far.record(1).sign(far.key).bytes()));
        assertThat(first).isZero();
        assertThat(state(far)).isEqualTo("alive");

        long next = tell(fellow, List.of());
        assertThat(next).as("it says what it knows").isEqualTo(7);
        assertThat(state(far)).isEqualTo("dead");
    }

    /** Answers the fellow's next question on who is there; the revision that it carried. */
    private long tell(Fellow fellow, List<Bytes> records) {
        for (int second = 0; second < 12; second++) {
            for (Effect.Ask ask : scene.asksTo(fellow.id)) {
                if (ask.message() instanceof Membership.FindPeers(var known)) {
                    scene.reply(ask, new Membership.Peers(records, 7));
                    return known;
                }
                scene.reply(ask, ask.message());
            }
            scene.asked(fellow.id, new Membership.Beat(0, 0, 0));
            scene.sleep(Duration.ofSeconds(1));
        }
        throw new AssertionError("it does not ask");
    }

    private String state(Host host) {
        return scene.nodes().nodes().stream()
                .filter(view -> view.id().equals(host.id))
                .findFirst()
                .orElseThrow()
                .state();
    }

    @Test
    void aSilentFellowIsDead() {
        Fellow fellow = Fellow.of(scene, true).met();
        scene.sleep(Duration.ofSeconds(8));

        assertThat(scene.kinds("tracker.")).contains("tracker.dead");
        assertThat(scene.hangUps).extracting(Effect.HangUp::peer).contains(fellow.id);
    }

    /** A version gets its place in the log through another tracker. */
    private FunctionFacts deployedElsewhere(String function, Plan plan) {
        Bytes entry =
                market.alice.sign(
                        market.alice.entry(market.alice.version(function, plan, Scene.FUEL)));
        Event.Ordered ordered = new Event.Ordered(scene.log.size(), scene.now, entry);
        scene.log.add(ordered);
        scene.step(ordered);
        return market.alice.facts(function).orElseThrow();
    }

    @Test
    @Tag("B7")
    void anExecutableThatWasDeployedElsewhereIsCopiedAndHandedOut() {
        Fellow fellow = Fellow.of(scene, true).met();
        FunctionFacts facts = deployedElsewhere("add", Plan.METERED);
        Bytes artefact = Person.artefact("add");
        scene.sleep(Duration.ofMillis(500));

        Effect.Ask fetch =
                scene.asksTo(fellow.id).stream()
                        .filter(ask -> ask.message() instanceof Seeding.Fetch)
                        .findFirst()
                        .orElseThrow();
        scene.reply(fetch, new Seeding.Chunk(artefact, artefact.length()));

        assertThat(scene.blobs).containsEntry(facts.artefact(), artefact);
        assertThat(
                        scene.asked(
                                market.carolsNode.id,
                                new Seeding.Fetch(facts.artefact(), 0, artefact.length())))
                .isEqualTo(new Seeding.Chunk(artefact, artefact.length()));
    }

    @Test
    @Tag("K4")
    void aCopyWithAnotherDigestIsNotTaken() {
        Fellow fellow = Fellow.of(scene, true).met();
        FunctionFacts facts = deployedElsewhere("add", Plan.METERED);
        scene.sleep(Duration.ofMillis(500));
        Bytes wrong = Bytes.wrap(new byte[Person.artefact("add").length()]);
        scene.reply(
                scene.asksTo(fellow.id).stream()
                        .filter(ask -> ask.message() instanceof Seeding.Fetch)
                        .findFirst()
                        .orElseThrow(),
                new Seeding.Chunk(wrong, wrong.length()));

        assertThat(scene.blobs).doesNotContainKey(facts.artefact());
        scene.sleep(Duration.ofSeconds(4));
        assertThat(scene.asksTo(fellow.id, Seeding.Fetch.class)).as("it tries again").isNotEmpty();
    }

    @Test
    void forAnotherTrackerNothingIsFetched() {
        Fellow fellow = Fellow.of(scene, true).met();
        FunctionFacts facts = deployedElsewhere("add", Plan.METERED);

        Message answer = scene.asked(fellow.id, new Seeding.Fetch(facts.artefact(), 0, 10));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        Message.Refused.class,
                        no -> assertThat(no.refusal().code()).isEqualTo(ErrorCode.HASH_MISMATCH));
    }

    /** Another tracker's owner registers it, and alice sets credits aside there. */
    private FunctionFacts sponsoredAt(Fellow fellow) {
        FunctionFacts facts = market.function("add", Plan.SPONSORED, market.carolsNode);
        Person operator = new Person(scene, "operator");
        NodeBinding binding =
                NodeBinding.solve(
                        Scene.GENESIS.network(), fellow.key.publicKey(), operator.account, 0);
        operator.submitted(new Entry.RegisterNode(binding, binding.sign(fellow.key)));
        market.alice.submitted(
                new Entry.LockEscrow(
                        fellow.id,
                        Credits.whole(5),
                        fellow.key.publicKey(),
                        new Entry.Purpose.Sponsor(facts.id()),
                        scene.now.plusSeconds(86_400).truncatedTo(ChronoUnit.MILLIS)));
        return facts;
    }

    private static Calling.Invoked ran(Calling.Invoke invoke, FunctionFacts facts, Host host) {
        Outcome outcome = new Outcome.Completed(Response.ok(Bytes.utf8("5")), Scene.FUEL);
        Lane lane = new Lane(Digest.of(Bytes.utf8("channel")), host.id, facts.id());
        HostLane there =
                new HostLane(
                        new HostLane.Terms(
                                Scene.GENESIS.network(),
                                lane,
                                Plan.SPONSORED,
                                host.id,
                                List.of(host.key.publicKey()),
                                HostLane.UNPAID_MAX));
        HostLane.Ticket ticket = there.admit(Credits.whole(1), facts.limits().fuel()).orThrow();
        Receipt receipt =
                there.complete(
                        ticket,
                        new HostLane.Work(
                                invoke.call(),
                                facts.artefact(),
                                facts.version(),
                                CallDigest.input(invoke.request()),
                                CallDigest.output(outcome),
                                outcome,
                                1,
                                1));
        return new Calling.Invoked(outcome, host.id, receipt.encoded(), Timing.NONE);
    }

    private Effect.Ask passedTo(Fellow fellow) {
        return scene.asksTo(fellow.id).stream()
                .filter(ask -> ask.message() instanceof Calling.Invoke)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no call was passed on"));
    }

    @Test
    @Tag("B7")
    void aCallIsPassedOnToTheTrackerWhereItsOwnerPays() {
        Fellow fellow = Fellow.of(scene, true).met();
        FunctionFacts facts = sponsoredAt(fellow);

        long call = market.call();
        Effect.Ask passed = passedTo(fellow);
        scene.reply(passed, ran((Calling.Invoke) passed.message(), facts, market.carolsNode));

        TrackerReply.Called called = market.called(call);
        assertThat(Market.body(called)).isEqualTo("5");
        assertThat(called.host()).isEqualTo(market.carolsNode.id);
    }

    @Test
    void anAnswerFromElsewhereWhoseReceiptDoesNotFitIsRefused() {
        Fellow fellow = Fellow.of(scene, true).met();
        FunctionFacts facts = sponsoredAt(fellow);

        long call = market.call();
        Effect.Ask passed = passedTo(fellow);
        Calling.Invoke other =
                new Calling.Invoke(
                        Digest.of(Bytes.utf8("another call")),
                        facts.name(),
                        Optional.empty(),
                        Person.SAMPLE,
                        Duration.ofSeconds(1));
        scene.reply(passed, ran(other, facts, market.carolsNode));

        assertThat(scene.refusal(call)).isEqualTo(ErrorCode.PROOF_REFUSED);
    }

    @Test
    void aCallThatCameFromATrackerIsNotPassedOnAgain() {
        Fellow fellow = Fellow.of(scene, true).met();
        FunctionFacts facts = sponsoredAt(fellow);
        Calling.Invoke invoke =
                new Calling.Invoke(
                        Digest.of(Bytes.utf8("call")),
                        facts.name(),
                        Optional.empty(),
                        Person.SAMPLE,
                        Duration.ofSeconds(1));

        Message answer = scene.asked(fellow.id, invoke);

        assertThat(answer).isInstanceOf(Message.Refused.class);
        assertThat(scene.asksTo(fellow.id, Calling.Invoke.class)).isEmpty();
    }

    @Test
    void aCallWhoseAnswerIsLostElsewhereIsNotMadeAgainUnlessThatDoesNoHarm() {
        Fellow fellow = Fellow.of(scene, true).met();
        sponsoredAt(fellow);

        long post = market.call();
        scene.unanswered(passedTo(fellow), ErrorCode.PEER_LOST);
        assertThat(scene.refusal(post)).isEqualTo(ErrorCode.PEER_LOST);

        long get = market.call("GET", Optional.empty());
        scene.unanswered(passedTo(fellow), ErrorCode.PEER_LOST);
        assertThat(scene.refusal(get))
                .as("no other tracker is left, and it surely did no harm")
                .isEqualTo(ErrorCode.CHANNEL_EXHAUSTED);
    }
}
