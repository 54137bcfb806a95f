package orb.tracker;

import static orb.tracker.MembershipTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Lane;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Response;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.port.Table;
import orb.ledger.Entry;
import orb.ledger.HostLane;
import orb.ledger.PayerLane;
import orb.ledger.Plan;
import orb.ledger.SignedEntry;
import orb.ledger.Voucher;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class PaymentTest {
    private static final Bytes TOKEN = Bytes.utf8("a secret token");

    private final Market market = new Market();
    private final Scene scene = market.scene;
    private final Host carol = market.carolsNode;
    private final Host dan = market.dansNode;
    private final Credits price = Plan.METERED.price(scene.outcome);

    private void calls(int count) {
        for (int i = 0; i < count; i++) {
            long call = market.call();
            market.answerAll();
            assertThat(market.called(call).host()).isNotNull();
        }
    }

    @Test
    void theTrackerPromisesAnOwnersCreditsBeforeSixteenCallsAreUnpaid() {
        market.sponsored(Credits.whole(10), carol);

        calls(40);

        assertThat(carol.vouchers).hasSizeBetween(3, 5);
        Voucher last = carol.vouchers.getLast().voucher();
        assertThat(last.amount()).isEqualTo(price.times(last.calls()));
        assertThat(40 - last.calls()).isLessThan(HostLane.UNPAID_MAX);
        assertThat(carol.vouchers.getLast().isMarkedBy(Scene.SELF)).isTrue();
    }

    @Test
    void oneCallIsPromisedWithinASecond() {
        market.sponsored(Credits.whole(10), carol);
        calls(1);
        assertThat(carol.vouchers).isEmpty();

        scene.later(Duration.ofSeconds(1));
        scene.wake(Lanes.TIMER);
        carol.answerAll();

        assertThat(carol.vouchers).hasSize(1);
        assertThat(carol.vouchers.getFirst().voucher().calls()).isEqualTo(1);
        assertThat(scene.timers).doesNotContain(Lanes.TIMER);
    }

    @Test
    void aSponsoredFunctionWithoutAnAllocationIsExhausted() {
        market.function("add", Plan.SPONSORED, carol);

        assertThat(scene.refusal(market.call())).isEqualTo(ErrorCode.CHANNEL_EXHAUSTED);
    }

    @Test
    void anAllocationPaysAsFarAsItGoesAndNotFurther() {
        Credits most = Plan.SPONSORED.priceMax(orb.kernel.Limits.DEFAULT.fuel());
        Credits allocation = most.plus(price.times(2));
        market.sponsored(allocation, carol);

        calls(3);

        assertThat(scene.refusal(market.call())).isEqualTo(ErrorCode.CHANNEL_EXHAUSTED);
        assertThat(carol.ran).isEqualTo(3);
    }

    @Test
    void moreCallsAtOnceThanAnAllocationCoversWaitForEachOther() {
        Credits most = Plan.SPONSORED.priceMax(orb.kernel.Limits.DEFAULT.fuel());
        market.sponsored(most.times(2), carol, dan);
        List<Long> calls = List.of(market.call(), market.call(), market.call(), market.call());
        assertThat(scene.asks.values()).hasSize(2);

        market.answerAll();
        scene.sleep(Duration.ofSeconds(1));
        market.answerAll();

        calls.forEach(call -> assertThat(Market.body(market.called(call))).isEqualTo("5"));
    }

    @Test
    void aTokenPaysForItsBearerAndAnUnknownOneIsRefused() {
        market.function("add", Plan.METERED, carol);
        market.token(TOKEN, Credits.whole(5));

        long call = market.call("POST", Optional.of(TOKEN));
        market.answerAll();
        assertThat(Market.body(market.called(call))).isEqualTo("5");
        assertThat(scene.refusal(market.call("POST", Optional.of(Bytes.utf8("a guess")))))
                .isEqualTo(ErrorCode.TOKEN_REFUSED);
        assertThat(scene.refusal(market.call())).isEqualTo(ErrorCode.TOKEN_REFUSED);
    }

    @Test
    void aReleasedTokenChannelPaysNoMore() {
        market.function("add", Plan.METERED, carol);
        Digest channel = market.token(TOKEN, Credits.whole(5));
        market.bob.submitted(new Entry.ReleaseEscrow(channel));

        assertThat(scene.refusal(market.call("POST", Optional.of(TOKEN))))
                .isEqualTo(ErrorCode.TOKEN_REFUSED);
    }

    @Test
    void aChannelThatIsClosedIsForgottenWithItsLanes() {
        FunctionFacts facts = market.function("add", Plan.SPONSORED, carol);
        Digest channel = market.alice.sponsors(facts, Credits.whole(5));
        calls(8);
        assertThat(scene.disk.get(Table.LANES)).hasSize(1);
        market.alice.submitted(new Entry.ReleaseEscrow(channel));
        scene.later(Scene.GENESIS.releaseWindow());
        market.alice.submitted(new Entry.CloseEscrow(channel));

        assertThat(scene.disk.get(Table.LANES)).isEmpty();
        assertThat(scene.refusal(market.call())).isEqualTo(ErrorCode.CHANNEL_EXHAUSTED);
    }

    /** Bob's node as a payer: one channel to the tracker, receipts in, vouchers out. */
    private final class Payer {
        private final Digest channel =
                market.bob.locks(
                        Credits.whole(10),
                        market.bob.wallet.publicKey(),
                        new Entry.Purpose.Calls());
        private final FunctionFacts facts;
        private final PayerLane lane;
        private int made;

        Payer(FunctionFacts facts, Host host) {
            this.facts = facts;
            lane =
                    new PayerLane(
                            new HostLane.Terms(
                                    Scene.GENESIS.network(),
                                    new Lane(channel, host.id, facts.id()),
                                    Plan.METERED,
                                    Scene.SELF,
                                    List.of(market.bob.wallet.publicKey()),
                                    HostLane.UNPAID_MAX),
                            Credits.whole(10));
        }

        long invoke() {
            return scene.ask(market.bobsNode.id, question());
        }

        private Calling.Invoke question() {
            Digest call = Digest.of(Bytes.utf8("bob's call " + made++));
            lane.send(call, facts.limits().fuel());
            return new Calling.Invoke(
                    call,
                    facts.name(),
                    Optional.of(new Calling.Payment(channel, Credits.ZERO)),
                    Person.SAMPLE,
                    Duration.ofSeconds(30));
        }

        void takes(Message answer) {
            Receipt receipt = Receipt.decode(((Calling.Invoked) answer).receipt()).orThrow();
            lane.receive(receipt, scene.now).orThrow();
        }

        Bytes voucher() {
            return lane.promiseAll().orElseThrow().sign(market.bob.wallet).encoded();
        }
    }

    @Test
    @Tag("E3")
    @Tag("E4")
    @Tag("E5")
    void aRequesterPaysPerCallAndOwnerHostAndTrackerGetTheirShares() {
        FunctionFacts facts = market.function("add", Plan.METERED, carol);
        Payer bob = new Payer(facts, carol);
        Credits alicesBefore = market.alice.books().balance();
        for (int i = 0; i < 100; i++) {
            long call = bob.invoke();
            carol.answerAll();
            bob.takes(scene.answer(call));
            if (i % 10 == 9) {
                long paid = scene.ask(market.bobsNode.id, new Calling.Pay(carol.id, bob.voucher()));
                carol.answerAll();
                assertThat(scene.answer(paid)).isInstanceOf(Message.Done.class);
            }
        }

        settle(carol);

        Credits total = price.times(100);
        Plan.Split split = Plan.METERED.requested().split(total);
        Registry.Account books = market.bob.books();
        assertThat(books.balance().plus(books.escrow())).isEqualTo(Credits.whole(100).minus(total));
        assertThat(market.alice.books().balance()).isEqualTo(alicesBefore.plus(split.owner()));
        assertThat(market.carol.books().balance()).isEqualTo(Credits.whole(100).plus(split.host()));
        assertThat(scene.books(AccountId.of(Scene.KEY.publicKey())).balance())
                .isEqualTo(Credits.whole(100).plus(split.tracker()));
    }

    private void settle(Host host) {
        long nonce = 1;
        for (HostLane lane : host.lanes.values()) {
            Bytes entry =
                    SignedEntry.sign(
                                    host.key,
                                    Scene.GENESIS.network(),
                                    nonce++,
                                    scene.now.plusSeconds(60).truncatedTo(ChronoUnit.MILLIS),
                                    lane.settlement(Credits.ZERO).orElseThrow())
                            .encoded();
            assertThat(scene.asked(host.id, new Registry.Submit(entry)))
                    .isInstanceOf(Registry.Submitted.class);
        }
    }

    @Test
    void callsOfAPayerWhoSendsNoVouchersStopAfterSixteen() {
        FunctionFacts facts = market.function("add", Plan.METERED, carol);
        Payer bob = new Payer(facts, carol);
        for (int i = 0; i < HostLane.UNPAID_MAX; i++) {
            long call = bob.invoke();
            carol.answerAll();
            bob.takes(scene.answer(call));
        }

        long next = bob.invoke();
        carol.answerAll();
        assertThat(scene.answers).doesNotContainKey(next);
        long paid = scene.ask(market.bobsNode.id, new Calling.Pay(carol.id, bob.voucher()));
        carol.answerAll();

        assertThat(scene.answer(paid)).isInstanceOf(Message.Done.class);
        assertThat(scene.answer(next)).isInstanceOf(Calling.Invoked.class);
    }

    @Test
    void aVoucherThatPromisesMoreThanTheReceiptsOrIsForgedIsNotCountersigned() {
        FunctionFacts facts = market.function("add", Plan.METERED, carol);
        Payer bob = new Payer(facts, carol);
        long call = bob.invoke();
        carol.answerAll();
        bob.takes(scene.answer(call));
        Voucher good = bob.lane.promiseAll().orElseThrow();
        Voucher greedy =
                new Voucher(
                        good.network(), good.lane(), good.plan(), good.calls(), Credits.whole(9));

        assertThat(pay(greedy.sign(market.bob.wallet))).isEqualTo(ErrorCode.BAD_VOUCHER);
        assertThat(pay(good.sign(market.dan.wallet))).isEqualTo(ErrorCode.BAD_VOUCHER);
        byte[] flipped = good.sign(market.bob.wallet).encoded().toArray();
        flipped[flipped.length - 1] ^= 1;
        assertThat(
                        refused(
                                scene.asked(
                                        market.bobsNode.id,
                                        new Calling.Pay(carol.id, Bytes.of(flipped)))))
                .isEqualTo(ErrorCode.BAD_SIGNATURE);
        assertThat(scene.asksTo(carol.id)).isEmpty();
    }

    private ErrorCode pay(Voucher.Signed voucher) {
        return refused(
                scene.asked(market.bobsNode.id, new Calling.Pay(carol.id, voucher.encoded())));
    }

    @Test
    void nobodyPaysFromAChannelOfAnother() {
        FunctionFacts facts = market.function("add", Plan.METERED, carol);
        Payer bob = new Payer(facts, carol);

        assertThat(refused(scene.asked(dan.id, bob.question()))).isEqualTo(ErrorCode.NOT_OWNER);
        Calling.Invoke unknown =
                new Calling.Invoke(
                        Digest.ZERO,
                        facts.name(),
                        Optional.of(new Calling.Payment(Digest.ZERO, Credits.ZERO)),
                        Person.SAMPLE,
                        Duration.ofSeconds(1));
        assertThat(refused(scene.asked(market.bobsNode.id, unknown)))
                .isEqualTo(ErrorCode.UNKNOWN_CHANNEL);
    }

    @Test
    void aReceiptThatWasLostWithTheLinkIsFoundWhenTheHostReturns() {
        FunctionFacts facts = market.sponsored(Credits.whole(10), carol);
        calls(2);
        long lost = market.call();
        carol.answer(scene.asksTo(carol.id).getFirst().message()); // it runs, nobody hears
        scene.cut(carol.id, "connection reset");
        assertThat(scene.refusal(lost)).isEqualTo(ErrorCode.PEER_LOST);

        carol.join();
        assertThat(scene.asksTo(carol.id, Calling.FindProof.class)).hasSize(1);
        carol.answerAll();
        carol.serve(facts);
        calls(30);

        assertThat(carol.vouchers.getLast().voucher().calls()).isGreaterThan(24);
    }

    @Test
    void afterARestartTheLaneGoesOnAndWhatWasPromisedStaysCovered() {
        FunctionFacts facts = market.sponsored(Credits.whole(10), carol);
        calls(13); // a voucher covers the first ones; the rest the tracker forgets

        scene.restart();
        carol.join();
        carol.answerAll();
        carol.serve(facts);
        calls(30);

        assertThat(carol.ran).isEqualTo(43);
        Voucher last = carol.vouchers.getLast().voucher();
        assertThat(last.calls()).isGreaterThan(43 - HostLane.UNPAID_MAX);
        assertThat(last.amount()).isEqualTo(price.times(last.calls()));
    }

    @Test
    @Tag("K4")
    void theLaneOfAHostThatLiedIsNotUsedAfterARestartEither() {
        FunctionFacts facts = market.sponsored(Credits.whole(10), carol);
        calls(3);
        carol.lies =
                message ->
                        message instanceof Calling.Invoked said
                                ? new Calling.Invoked(
                                        new Outcome.Completed(
                                                Response.ok(Bytes.utf8("6")), Scene.FUEL),
                                        said.host(),
                                        said.receipt(),
                                        said.timing())
                                : message;
        long call = market.call();
        market.answerAll();
        assertThat(scene.refusal(call)).isEqualTo(ErrorCode.PROOF_REFUSED);
        carol.lies = message -> message;

        scene.restart();
        carol.join();
        carol.answerAll();
        carol.serve(facts);

        assertThat(scene.refusal(market.call())).isEqualTo(ErrorCode.UNPAID);
        assertThat(carol.ran).as("three good calls and the lie").isEqualTo(4);
    }

    @Test
    void aHostThatCountsMoreThanItsReceiptsIsLeftAndNobodyIsAskedForMoreCredits() {
        market.sponsored(Credits.whole(10), carol);
        calls(3);
        carol.lies =
                message ->
                        message instanceof Calling.Invoked
                                ? new Message.Refused(
                                        new Refusal(ErrorCode.CHANNEL_EXHAUSTED, "a small slice"))
                                : message;
        long call = market.call();
        market.answerAll();

        assertThat(scene.refusal(call)).isEqualTo(ErrorCode.UNPAID);
    }

    @Test
    void aPayersVoucherForReceiptsThatTheHubForgotIsCountersigned() {
        FunctionFacts facts = market.function("add", Plan.METERED, carol);
        Payer bob = new Payer(facts, carol);
        for (int i = 0; i < 3; i++) {
            long call = bob.invoke();
            carol.answerAll();
            bob.takes(scene.answer(call));
        }

        scene.restart();
        carol.join();
        carol.answerAll();
        market.bobsNode.join();
        market.bobsNode.answerAll();
        long paid = scene.ask(market.bobsNode.id, new Calling.Pay(carol.id, bob.voucher()));
        carol.answerAll();

        assertThat(scene.answer(paid)).isInstanceOf(Message.Done.class);
        assertThat(carol.vouchers.getLast().voucher().calls()).isEqualTo(3);
    }

    @Test
    void aHubThatForgotAllThatItOwesIsShownItAndPays() {
        FunctionFacts facts = market.sponsored(Credits.whole(10), carol);
        calls(1);
        carol.losesVouchers = true;
        calls(15);
        carol.losesVouchers = false;
        carol.vouchers.clear();

        scene.restart();
        carol.join();
        carol.answerAll();
        carol.serve(facts);
        long refused = market.call();
        market.answerAll();
        assertThat(scene.refusal(refused)).isEqualTo(ErrorCode.UNPAID);
        assertThat(carol.vouchers.getLast().voucher().calls()).isEqualTo(16);

        calls(3);
        assertThat(carol.ran).isEqualTo(19);
    }

    @Test
    void aPayerWhoOwesIsShownItsNewestReceiptAfterAShortWait() {
        FunctionFacts facts = market.function("add", Plan.METERED, carol);
        Payer bob = new Payer(facts, carol);
        Message last = new Message.Done();
        for (int i = 0; i < HostLane.UNPAID_MAX; i++) {
            long call = bob.invoke();
            carol.answerAll();
            last = scene.answer(call);
            bob.takes(last);
        }
        long next = bob.invoke();
        carol.answerAll();
        assertThat(scene.answers).doesNotContainKey(next);

        for (int i = 0; i < 4; i++) {
            carol.beat(0, 4);
            scene.sleep(Duration.ofSeconds(1));
        }

        Calling.Invoked shown = (Calling.Invoked) scene.answer(next);
        assertThat(shown.outcome()).isInstanceOf(Outcome.Refused.class);
        assertThat(shown.receipt()).isEqualTo(((Calling.Invoked) last).receipt());
    }

    @Test
    void afterARestartCallsAtOnceGoOnToo() {
        FunctionFacts facts = market.sponsored(Credits.whole(10), carol);
        calls(5);
        scene.restart();
        carol.join();
        carol.answerAll();
        carol.serve(facts);
        carol.beat(0, 16);

        List<Long> calls = List.of(market.call(), market.call(), market.call());
        var asks = scene.asksTo(carol.id);
        var answers = asks.stream().map(ask -> carol.answer(ask.message())).toList();
        for (int i = asks.size() - 1; i >= 0; i--) { // the last answer comes first
            scene.reply(asks.get(i), answers.get(i));
        }
        market.answerAll();

        calls.forEach(call -> assertThat(Market.body(market.called(call))).isEqualTo("5"));
        calls(20);
        assertThat(carol.vouchers.getLast().voucher().calls())
                .isGreaterThan(28 - HostLane.UNPAID_MAX);
    }
}
