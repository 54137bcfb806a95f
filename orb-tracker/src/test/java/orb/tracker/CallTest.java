package orb.tracker;

import static orb.tracker.MembershipTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.kernel.message.Seeding;
import orb.kernel.port.Effect;
import orb.ledger.Plan;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class CallTest {
    private final Market market = new Market();
    private final Scene scene = market.scene;
    private final Host carol = market.carolsNode;
    private final Host dan = market.dansNode;

    @Test
    void aCallGoesToAHostAndItsAnswerComesBackWithTheReceipt() {
        FunctionFacts facts = market.sponsored(Credits.whole(10), carol);

        long call = market.call();
        market.answerAll();

        TrackerReply.Called called = market.called(call);
        assertThat(Market.body(called)).isEqualTo("5");
        assertThat(called.host()).isEqualTo(carol.id);
        Receipt receipt = Receipt.decode(called.receipt()).orThrow();
        assertThat(receipt.call()).isEqualTo(called.call());
        assertThat(receipt.artefact()).isEqualTo(facts.artefact());
        assertThat(called.trail())
                .singleElement()
                .asString()
                .contains(carol.id.brief() + " chosen");
    }

    @Test
    void twoHostsShareTheCalls() {
        market.sponsored(Credits.whole(10), carol, dan);
        carol.beat(0, 16);
        dan.beat(0, 16);

        List<Long> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            calls.add(market.call());
        }
        market.answerAll();

        calls.forEach(call -> assertThat(Market.body(market.called(call))).isEqualTo("5"));
        assertThat(carol.ran).isBetween(6, 14);
        assertThat(dan.ran).isEqualTo(20 - carol.ran);
    }

    @Test
    void aBusyHostsCallGoesToAnotherAndTheTrailSaysSo() {
        market.sponsored(Credits.whole(10), carol, dan);
        Host first = onlyAsked(market.call());
        Host second = first == carol ? dan : carol;
        first.lies = _ -> new Message.Refused(new Refusal(ErrorCode.BUSY, "no free place"));
        long call = scene.returns.size() + lastCommand();
        first.answerNext();
        assertThat(scene.asksTo(second.id, Calling.Invoke.class)).hasSize(1);
        market.answerAll();

        TrackerReply.Called called = market.called(lastCommand());
        assertThat(called.host()).isEqualTo(second.id);
        assertThat(String.join("\n", called.trail()))
                .contains(first.id.brief() + " left: ORB-0207")
                .contains(second.id.brief() + " chosen");
        assertThat(call).isPositive();
        assertThat(scene.kinds("call.")).containsExactly("call.rerouted");
    }

    private long command;

    private long lastCommand() {
        return command;
    }

    private Host onlyAsked(long call) {
        command = call;
        return scene.asksTo(carol.id, Calling.Invoke.class).isEmpty() ? dan : carol;
    }

    @Test
    @Tag("D2")
    void aNodeThatDeclinedGetsNoCalls() {
        carol.seeds = false;
        market.sponsored(Credits.whole(10), dan);
        dan.beat(0, 64);

        for (int i = 0; i < 10; i++) {
            market.call();
        }

        assertThat(scene.asksTo(carol.id)).isEmpty();
        assertThat(scene.asksTo(dan.id, Calling.Invoke.class)).hasSize(10);
    }

    @Test
    void aLostHostsGetGoesToAnotherAndItsPostIsNotRunTwice() {
        market.sponsored(Credits.whole(10), carol, dan);

        Host first = onlyAsked(market.call("GET", Optional.empty()));
        scene.cut(first.id, "connection reset");
        market.answerAll();
        assertThat(market.called(command).host()).isNotEqualTo(first.id);

        first.join();
        first.serve(market.alice.facts("add").orElseThrow());
        Host second = onlyAsked(market.call("POST", Optional.empty()));
        scene.cut(second.id, "connection reset");
        assertThat(scene.refusal(command)).isEqualTo(ErrorCode.PEER_LOST);
    }

    @Test
    void aHostThatDoesNotAnswerInTimeIsTheCallersTimeOut() {
        market.sponsored(Credits.whole(10), carol);
        long call = market.call("GET", Optional.empty());

        scene.unanswered(scene.asksTo(carol.id).getFirst(), ErrorCode.TIMED_OUT);

        assertThat(scene.refusal(call)).isEqualTo(ErrorCode.TIMED_OUT);
    }

    @Test
    void aCallIsAnsweredEvenIfTheWorldNeverReportsItsEnd() {
        market.sponsored(Credits.whole(10), carol);
        long call = market.call();
        for (int second = 0; second < 75; second++) {
            carol.beat(0, 4);
            scene.sleep(Duration.ofSeconds(1));
        }

        assertThat(scene.refusal(call)).isEqualTo(ErrorCode.TIMED_OUT);
        scene.reply(
                scene.asksTo(carol.id).getFirst(),
                carol.answer(scene.asksTo(carol.id).getFirst().message()));
    }

    @Test
    void anUnknownFunctionAndOneThatNobodyServesAreToldApart() {
        assertThat(scene.refusal(market.call())).isEqualTo(ErrorCode.UNKNOWN_FUNCTION);
        market.sponsored(Credits.whole(10));
        market.rest(Duration.ofSeconds(10));
        assertThat(scene.refusal(market.call())).isEqualTo(ErrorCode.NO_HOST);
    }

    @Test
    void whileAllHostsAreFullACallWaitsAndThenRuns() {
        market.sponsored(Credits.whole(10), carol);
        carol.beat(0, 2);
        List<Long> calls = List.of(market.call(), market.call(), market.call());
        assertThat(scene.asksTo(carol.id, Calling.Invoke.class)).hasSize(2);

        carol.answerNext();
        assertThat(scene.asksTo(carol.id, Calling.Invoke.class)).hasSize(2);
        market.answerAll();

        calls.forEach(call -> assertThat(market.called(call).host()).isEqualTo(carol.id));
    }

    @Test
    void aCallThatFindsNoPlaceInTimeIsRefusedAsBusy() {
        market.sponsored(Credits.whole(10), carol);
        carol.beat(4, 4);
        long call = market.call();
        for (int second = 0; second < 61; second++) {
            carol.beat(4, 4);
            scene.sleep(Duration.ofSeconds(1));
        }

        assertThat(scene.refusal(call)).isEqualTo(ErrorCode.BUSY);
        assertThat(scene.asksTo(carol.id)).isEmpty();
    }

    @Test
    void aHostWhoseAnswerCannotBeRightIsLeftOutForAWhile() {
        market.sponsored(Credits.whole(10), carol, dan);
        Host liar = onlyAsked(market.call());
        Host honest = liar == carol ? dan : carol;
        liar.lies =
                message ->
                        message instanceof Calling.Invoked said
                                ? new Calling.Invoked(
                                        new Outcome.Completed(
                                                Response.ok(Bytes.utf8("6")), Scene.FUEL),
                                        said.host(),
                                        said.receipt(),
                                        said.timing())
                                : message;
        market.answerAll();

        TrackerReply.Called called = market.called(command);
        assertThat(called.host()).isEqualTo(honest.id);
        assertThat(Market.body(called)).isEqualTo("5");
        assertThat(String.join("\n", called.trail())).contains("does not fit its answer");
        for (int i = 0; i < 8; i++) {
            market.call();
        }
        assertThat(scene.asksTo(liar.id)).isEmpty();
    }

    @Test
    void everyLieInAReceiptIsFound() {
        List<Lie> lies =
                List.of(
                        r -> with(r, carol.id.digest(), r.artefact(), r.price()),
                        r -> with(r, r.call(), Digest.ZERO, r.price()),
                        r -> with(r, r.call(), r.artefact(), r.price().plus(new Credits(1))));
        for (Lie lie : lies) {
            Market fresh = new Market();
            fresh.sponsored(Credits.whole(10), fresh.carolsNode);
            fresh.carolsNode.lies = message -> lied(message, lie);
            long call = fresh.call();
            fresh.answerAll();
            assertThat(fresh.scene.refusal(call)).isEqualTo(ErrorCode.PROOF_REFUSED);
        }
    }

    @Test
    void aHostThatLiedIsLeftOutForAWhileAndItsLaneForGood() {
        market.sponsored(Credits.whole(10), carol);
        carol.lies = message -> lied(message, r -> with(r, r.call(), Digest.ZERO, r.price()));
        market.call();
        market.answerAll();
        carol.lies = message -> message;

        long soon = market.call();
        assertThat(scene.refusal(soon)).isEqualTo(ErrorCode.NO_HOST);
        for (int i = 0; i < scene.config.waits().leftOut().toSeconds() + 1; i++) {
            carol.beat(0, 4);
            scene.sleep(Duration.ofSeconds(1));
        }
        assertThat(scene.refusal(market.call())).isEqualTo(ErrorCode.UNPAID);

        Bytes token = Bytes.utf8("another channel");
        market.function("mul", Plan.METERED, carol);
        market.token(token, Credits.whole(1));
        Request request = Request.post(Bytes.utf8("5"));
        long other =
                scene.command(
                        new TrackerCommand.Call(
                                market.alice.function("mul"), request, Optional.of(token)));
        market.answerAll();
        assertThat(market.called(other).host()).isEqualTo(carol.id);
    }

    @Test
    void aGetWhoseHostWasLostIsNotGivenToItAgainWhenItReturns() {
        FunctionFacts facts = market.sponsored(Credits.whole(10), carol, dan);
        dan.beat(64, 64); // full, so the call waits for it
        long call = market.call("GET", Optional.empty());
        carol.answer(scene.asksTo(carol.id).getFirst().message()); // it runs, nobody hears
        scene.cut(carol.id, "connection reset");
        carol.join();
        carol.serve(facts);
        carol.answerAll();
        assertThat(carol.ran).isEqualTo(1);
        assertThat(scene.returns).doesNotContainKey(call);

        dan.beat(0, 64);
        scene.sleep(Duration.ofMillis(600));
        market.answerAll();
        assertThat(market.called(call).host()).isEqualTo(dan.id);
        assertThat(carol.ran).isEqualTo(1);
    }

    @Test
    void aCallThatIsRepeatedRunsOnce() {
        market.sponsored(Credits.whole(10), carol, dan);
        Calling.Invoke invoke =
                new Calling.Invoke(
                        Digest.of(Bytes.utf8("once")),
                        market.alice.function("add"),
                        Optional.empty(),
                        Request.post(Bytes.utf8("x")),
                        Duration.ofSeconds(30));
        long first = scene.ask(market.bobsNode.id, invoke);
        market.answerAll();
        assertThat(scene.answer(first)).isInstanceOf(Calling.Invoked.class);

        assertThat(refused(scene.asked(market.bobsNode.id, invoke)))
                .isEqualTo(ErrorCode.REPLAYED_ENTRY);
        assertThat(carol.ran + dan.ran).isEqualTo(1);
    }

    @Test
    void aCallThatAHostHadBeforeIsNotGivenToAnother() {
        market.sponsored(Credits.whole(10), carol, dan);
        long call = market.call();
        Host first = onlyAsked(call);
        first.lies =
                message ->
                        message instanceof Calling.Invoked
                                ? new Message.Refused(
                                        new Refusal(ErrorCode.REPLAYED_ENTRY, "it was here before"))
                                : message;
        market.answerAll();

        assertThat(scene.refusal(call)).isEqualTo(ErrorCode.PEER_LOST);
        assertThat(carol.ran + dan.ran).isEqualTo(1);
        assertThat(first.vouchers).as("its receipt is found and paid").isEmpty();
        scene.sleep(Duration.ofSeconds(2));
        market.answerAll();
        assertThat(first.vouchers).hasSize(1);
    }

    private interface Lie {
        Receipt of(Receipt receipt);
    }

    private static Message lied(Message message, Lie lie) {
        return message instanceof Calling.Invoked(var outcome, var host, var receipt, var timing)
                ? new Calling.Invoked(
                        outcome, host, lie.of(Receipt.decode(receipt).orThrow()).encoded(), timing)
                : message;
    }

    private static Receipt with(Receipt r, Digest call, Digest artefact, Credits price) {
        return new Receipt(
                r.lane(),
                artefact,
                r.version(),
                r.sequence(),
                r.previous(),
                r.input(),
                r.output(),
                r.ending(),
                r.fuel(),
                r.gasSchedule(),
                price,
                r.plan(),
                r.amount().minus(r.price()).plus(price),
                call,
                r.atMillis());
    }

    @Test
    void anAnswerThatIsNoAnswerAtAllCountsAsALieToo() {
        market.sponsored(Credits.whole(10), carol);
        carol.lies = _ -> new Message.Done();

        long call = market.call();
        market.answerAll();

        assertThat(scene.refusal(call)).isEqualTo(ErrorCode.PROOF_REFUSED);
        assertThat(scene.refusal(market.call())).isEqualTo(ErrorCode.NO_HOST);
    }

    @Test
    void theSameCallTwiceRunsOnceAndIsAnsweredTwice() {
        market.sponsored(Credits.whole(10), carol);
        Calling.Invoke invoke = invoke("call 1", Optional.empty());
        long first = scene.ask(market.bobsNode.id, invoke);
        long second = scene.ask(market.bobsNode.id, invoke);
        long stranger = scene.ask(dan.id, invoke);
        market.answerAll();

        assertThat(scene.answer(first)).isInstanceOf(Calling.Invoked.class);
        assertThat(scene.answer(second)).isEqualTo(scene.answer(first));
        assertThat(refused(scene.answer(stranger))).isEqualTo(ErrorCode.BAD_ARGUMENT);
        assertThat(carol.ran).isEqualTo(1);
    }

    private Calling.Invoke invoke(String call, Optional<Calling.Payment> payment) {
        return new Calling.Invoke(
                Digest.of(Bytes.utf8(call)),
                new FunctionName("alice", "add"),
                payment,
                Person.SAMPLE,
                Duration.ofSeconds(30));
    }

    @Test
    void aCallWithoutTimeLeftIsNotSent() {
        market.sponsored(Credits.whole(10), carol);
        Calling.Invoke late =
                new Calling.Invoke(
                        Digest.ZERO,
                        market.alice.function("add"),
                        Optional.empty(),
                        Person.SAMPLE,
                        Duration.ZERO);

        assertThat(refused(scene.asked(market.bobsNode.id, late))).isEqualTo(ErrorCode.TIMED_OUT);
    }

    @Test
    void theHostIsToldWhatTimeIsLeft() {
        market.sponsored(Credits.whole(10), carol);
        scene.ask(market.bobsNode.id, invoke("call", Optional.empty()));

        Effect.Ask ask = scene.asksTo(carol.id).getFirst();
        assertThat(ask.timeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(((Calling.Invoke) ask.message()).deadline()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void theProofOfACallComesFromItsHost() {
        market.sponsored(Credits.whole(10), carol);
        long call = market.call();
        market.answerAll();
        Digest id = market.called(call).call();

        long proof = scene.command(new TrackerCommand.FindProof(id));
        long fromPeer = scene.ask(dan.id, new Calling.FindProof(id, carol.id));
        carol.answerAll();

        assertThat(scene.returned(proof).toString()).contains("Proof");
        assertThat(scene.answer(fromPeer)).isInstanceOf(Calling.Proof.class);
        assertThat(scene.refusal(scene.command(new TrackerCommand.FindProof(Digest.ZERO))))
                .isEqualTo(ErrorCode.UNKNOWN_CALL);
        scene.cut(carol.id, "connection reset");
        assertThat(refused(scene.asked(dan.id, new Calling.FindProof(id, carol.id))))
                .isEqualTo(ErrorCode.UNKNOWN_PEER);
    }

    @Test
    void aHostThatStopsServingGetsNoMoreCalls() {
        FunctionFacts facts = market.sponsored(Credits.whole(10), carol);
        scene.asked(carol.id, new Seeding.Stopped(facts.id(), "unseeded"));

        market.rest(Duration.ofSeconds(10));
        assertThat(scene.refusal(market.call())).isEqualTo(ErrorCode.NO_HOST);
    }

    @Test
    void aCallerWhoPaysForNothingUnderAMeteredPlanIsTurnedAway() {
        market.function("add", Plan.METERED, carol);

        assertThat(scene.refusal(market.call())).isEqualTo(ErrorCode.TOKEN_REFUSED);
        Request request = Person.SAMPLE;
        assertThat(request.method()).isEqualTo("POST");
    }
}
