package orb.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.TrapCode;
import orb.kernel.message.CallDigest;
import orb.kernel.message.Calling;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.port.Event;
import orb.ledger.HostLane;
import orb.ledger.Plan;
import orb.ledger.ReceiptProof;
import orb.ledger.Voucher;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class HostingTest extends HostedFunction {
    @Test
    void aCallIsRunAndItsReceiptSaysWhatHappened() {
        Calling.Invoked invoked = drive.answer(invoke(), Calling.Invoked.class);
        Receipt receipt = Receipt.decode(invoked.receipt()).orThrow();
        assertThat(invoked.outcome()).isEqualTo(Drive.ECHO.apply(REQUEST));
        assertThat(receipt.lane()).isEqualTo(lane());
        assertThat(receipt.input()).isEqualTo(CallDigest.input(REQUEST));
        assertThat(receipt.output()).isEqualTo(CallDigest.output(invoked.outcome()));
        assertThat(receipt.artefact()).isEqualTo(facts.artefact());
        assertThat(receipt.price()).isEqualTo(PRICE);
        assertThat(receipt.call()).isEqualTo(id(1));
        assertThat(invoked.timing().runNanos()).isEqualTo(2_000_000);
    }

    @Test
    void aCallWhoseLinkIsLostWhileItRunsIsNotCharged() {
        receipt(invoke()); // the lane is known
        drive.function = Optional.empty();
        long unheard = invoke();
        drive.event(new Event.Unlinked(tracker.id, "connection reset"));
        drive.ran(drive.runs.getFirst(), Drive.ECHO.apply(REQUEST));
        assertThat(drive.answer(unheard, Calling.Invoked.class).receipt().isEmpty()).isTrue();

        drive.function = Optional.of(Drive.ECHO);
        tracker.link(drive);
        Receipt next = receipt(invoke());
        assertThat(next.sequence()).isEqualTo(2);
        assertThat(next.amount()).isEqualTo(PRICE.times(2));
    }

    @Test
    @Tag("H1")
    void theStatusNamesTheTasksThatRunWithTheirLimits() {
        drive.function = Optional.empty();
        invoke();
        long asked = drive.command(new NodeCommand.FindStatus());

        NodeReply.Status status = drive.reply(asked, NodeReply.Status.class);
        assertThat(status.tracker()).contains(tracker.id);
        assertThat(status.seeds()).containsExactly(facts.name());
        assertThat(status.places()).isEqualTo(Drive.standard().places());
        assertThat(status.tasks())
                .containsExactly(
                        new NodeReply.Task(
                                facts.name().toString(),
                                drive.now,
                                drive.runs.getFirst().limits()));

        drive.ran(drive.runs.getFirst(), Drive.ECHO.apply(REQUEST));
        long after = drive.command(new NodeCommand.FindStatus());
        assertThat(drive.reply(after, NodeReply.Status.class).tasks()).isEmpty();
    }

    @Test
    void aHostThatWaitsToBePaidShowsItsNewestReceipt() {
        Receipt last = receipt(invoke());
        while (last.sequence() < HostLane.UNPAID_MAX) {
            last = receipt(invoke());
        }
        Calling.Invoked refused = drive.answer(invoke(), Calling.Invoked.class);
        assertThat(refused.outcome()).isInstanceOf(Outcome.Refused.class);
        assertThat(refused.receipt()).isEqualTo(last.encoded());
    }

    @Test
    void aHubThatSignsIsShownItsDebtWhenItIsBackAndEachEpochUntilItPays() {
        receipt(invoke()); // its payer signs: the hub could not pay
        channel = lockedFor(tracker.key);
        receipt(invoke());
        Receipt last = receipt(invoke());
        drive.event(new Event.Unlinked(tracker.id, "connection reset"));
        tracker.link(drive);
        tracker.serve(drive);
        assertThat(tracker.heard(Calling.Owed.class))
                .containsExactly(new Calling.Owed(last.encoded()));

        passServed(Drive.GENESIS.epoch()); // from here on it is the tracker's epoch
        int before = tracker.heard(Calling.Owed.class).size();
        Duration epoch = Duration.ofSeconds(5);
        passServed(epoch.multipliedBy(4));
        int shown = tracker.heard(Calling.Owed.class).size();
        assertThat(shown - before).isBetween(3, 5);

        pay(last);
        passServed(epoch.multipliedBy(3));
        assertThat(tracker.heard(Calling.Owed.class)).hasSize(shown);
    }

    @Test
    void receiptsOfALaneAreAChain() {
        Receipt previous = receipt(invoke());
        for (int i = 2; i <= 10; i++) {
            Receipt next = receipt(invoke());
            assertThat(next.sequence()).isEqualTo(i);
            assertThat(next.previous()).isEqualTo(previous.digest());
            assertThat(next.amount()).isEqualTo(previous.amount().plus(PRICE));
            previous = next;
        }
    }

    @Test
    @Tag("E3")
    void aCallThatFailsIsNotCharged() {
        drive.function =
                Optional.of(
                        _ -> new Outcome.Trapped(TrapCode.UNREACHABLE, "boom", new Fuel(5_000)));
        Receipt failed = receipt(invoke());
        assertThat(failed.price()).isEqualTo(Credits.ZERO);
        assertThat(failed.ending()).isEqualTo(Receipt.Ending.TRAPPED);
        drive.function = Optional.of(Drive.ECHO);
        assertThat(receipt(invoke()).amount()).isEqualTo(PRICE);
    }

    @Test
    void theSeventeenthUnpaidCallIsRefusedAndAVoucherLetsItIn() {
        List<Receipt> receipts = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            receipts.add(receipt(invoke()));
        }
        assertThat(drive.refusedAs(invoke())).isEqualTo(ErrorCode.UNPAID);
        assertThat(pay(receipts.get(7))).isEqualTo(new Message.Done());
        assertThat(receipt(invoke()).sequence()).isEqualTo(17);
    }

    @Test
    void aVoucherThatDoesNotFitItsLaneIsRefused() {
        Receipt receipt = receipt(invoke());
        Voucher more =
                new Voucher(
                        Drive.GENESIS.network(),
                        lane(),
                        receipt.plan(),
                        1,
                        PRICE.plus(new Credits(1)));
        Voucher good = new Voucher(Drive.GENESIS.network(), lane(), receipt.plan(), 1, PRICE);
        for (Bytes voucher :
                List.of(
                        more.sign(BOB).countersign(tracker.key).encoded(),
                        good.sign(Drive.key(99)).countersign(tracker.key).encoded(),
                        good.sign(BOB).encoded(),
                        Bytes.utf8("no voucher"))) {
            long question = drive.asked(tracker.id, new Calling.Pay(drive.node.id(), voucher));
            assertThat(drive.refusedAs(question))
                    .isIn(ErrorCode.BAD_VOUCHER, ErrorCode.MALFORMED_BYTES);
        }
    }

    @Test
    void aCallThatCouldCostMoreThanItsSliceIsRefused() {
        assertThat(drive.refusedAs(invoke(new Credits(10)))).isEqualTo(ErrorCode.CHANNEL_EXHAUSTED);
        assertThat(drive.runs).isEmpty();
    }

    @Test
    void aChannelThatTheTrackerCannotShowIsRefused() {
        Digest real = channel;
        channel = Digest.of(Bytes.utf8("no channel"));
        assertThat(drive.refusedAs(invoke())).isEqualTo(ErrorCode.UNKNOWN_CHANNEL);
        tracker.entries.put(channel, tracker.entries.get(real));
        assertThat(drive.refusedAs(invoke())).isEqualTo(ErrorCode.HASH_MISMATCH);
    }

    @Test
    void whatIsNotServedNotPaidOrDoubledIsRefused() {
        Optional<Calling.Payment> payment =
                Optional.of(new Calling.Payment(channel, Credits.whole(10)));
        Duration time = Duration.ofSeconds(10);
        long unknown =
                drive.asked(
                        tracker.id,
                        new Calling.Invoke(
                                id(1),
                                new orb.kernel.FunctionName("bob", "nothing"),
                                payment,
                                REQUEST,
                                time));
        assertThat(drive.refusedAs(unknown)).isEqualTo(ErrorCode.NO_HOST);
        long unpaid =
                drive.asked(
                        tracker.id,
                        new Calling.Invoke(id(2), facts.name(), Optional.empty(), REQUEST, time));
        assertThat(drive.refusedAs(unpaid)).isEqualTo(ErrorCode.UNPAID);
        receipt(invoke());
        calls--;
        assertThat(drive.refusedAs(invoke())).isEqualTo(ErrorCode.REPLAYED_ENTRY);
    }

    @Test
    void aFullNodeSaysWhatIsBusyAndAQueuedCallWaitsOnlySoLong() {
        begin(Drive.standard().with(new NodeConfig.Places(1, 1, Duration.ofMillis(500))));
        drive.function = Optional.empty();
        long first = invoke();
        long second = invoke();
        long third = invoke();
        assertThat(drive.runs).hasSize(1);
        assertThat(drive.refusedAs(third)).isEqualTo(ErrorCode.BUSY);
        assertThat(drive.answer(third, Message.Refused.class).refusal().what())
                .contains("1 of 1 places", "1 of 1 calls wait");
        drive.pass(Duration.ofMillis(499));
        assertThat(drive.answers).doesNotContainKey(second);
        drive.pass(Duration.ofMillis(2));
        assertThat(drive.refusedAs(second)).isEqualTo(ErrorCode.BUSY);
        drive.ran(drive.runs.getFirst(), Drive.ECHO.apply(REQUEST));
        assertThat(receipt(first).sequence()).isEqualTo(1);
        drive.function = Optional.of(Drive.ECHO);
        assertThat(receipt(invoke()).sequence()).isEqualTo(2);
    }

    @Test
    @Tag("E4")
    void vouchersAreSettledEachEpochAndTheSharesArePaid() {
        Receipt last = receipt(invoke());
        for (int i = 0; i < 9; i++) {
            last = receipt(invoke());
        }
        pay(last);
        AccountId alice = AccountId.of(LoginTest.wallet().publicKey());
        AccountId bob = AccountId.of(BOB.publicKey());
        Credits before = tracker.ledger.account(alice).balance();
        Credits owner = tracker.ledger.account(bob).balance();
        passServed(Duration.ofSeconds(61));
        Credits total = PRICE.times(10);
        Plan.Split split = Plan.METERED.requested().split(total);
        assertThat(tracker.ledger.account(alice).balance().minus(before)).isEqualTo(split.host());
        assertThat(tracker.ledger.account(bob).balance().minus(owner)).isEqualTo(split.owner());
        assertThat(tracker.ledger.payout(lane()).orElseThrow().paid()).isEqualTo(total);
        int submits = tracker.heard(Registry.Submit.class).size();
        passServed(Duration.ofSeconds(120));
        assertThat(tracker.heard(Registry.Submit.class)).hasSize(submits);
    }

    @Test
    void aSettlementWhoseAnswerIsLostIsTriedAgainAndPaidOnce() {
        pay(receipt(invoke()));
        while (drive.asks.stream().noneMatch(ask -> ask.message() instanceof Registry.Submit)) {
            passServed(Duration.ofSeconds(4));
            drive.pass(Duration.ofMillis(1_000));
        }
        var ask = drive.takeAsk(Registry.Submit.class);
        tracker.ledger
                .apply(tracker.ledger.next(), drive.now, ((Registry.Submit) ask.message()).entry())
                .orThrow();
        drive.lose(ask, ErrorCode.PEER_LOST);
        passServed(Duration.ofSeconds(130));
        assertThat(tracker.ledger.payout(lane()).orElseThrow().paid()).isEqualTo(PRICE);
        assertThat(drive.kindsOf("settle.")).containsOnly("settle.refused");
        int submits = tracker.heard(Registry.Submit.class).size();
        passServed(Duration.ofSeconds(130));
        assertThat(tracker.heard(Registry.Submit.class)).hasSize(submits);
    }

    @Test
    void lanesGoOnAfterARestartWhereTheyStood() {
        Receipt paid = receipt(invoke());
        pay(paid);
        Receipt last = receipt(invoke());
        drive = drive.restarted(Duration.ofSeconds(1));
        tracker.link(drive);
        Receipt next = receipt(invoke());
        assertThat(next.sequence()).isEqualTo(3);
        assertThat(next.previous()).isEqualTo(last.digest());
        assertThat(next.amount()).isEqualTo(PRICE.times(3));
        assertThat(pay(next)).isEqualTo(new Message.Done());
        for (int i = 0; i < 16; i++) {
            receipt(invoke());
        }
        assertThat(drive.refusedAs(invoke())).isEqualTo(ErrorCode.UNPAID);
    }

    @Test
    void aLaneThatWrappedItsRingStillGoesOnAfterARestart() {
        Receipt last = receipt(invoke());
        for (int i = 0; i < 100; i++) {
            last = receipt(invoke());
            if (i % 10 == 0) {
                pay(last);
            }
        }
        drive = drive.restarted(Duration.ofSeconds(1));
        tracker.link(drive);
        assertThat(receipt(invoke()).previous()).isEqualTo(last.digest());
    }

    @Test
    void theProofOfAReceiptVerifiesBeforeAndAfterItsBatchAndARestart() {
        Receipt early = receipt(invoke());
        assertThat(proof(early)).isEqualTo(early);
        Receipt receipt = early;
        for (int i = 0; i < 20; i++) {
            receipt = receipt(invoke());
            pay(receipt);
        }
        Receipt unbatched = receipt;
        assertThat(proof(early)).isEqualTo(early);
        drive = drive.restarted(Duration.ofSeconds(1));
        assertThat(proof(early)).isEqualTo(early);
        tracker.link(drive);
        assertThat(drive.refusedAs(drive.asked(tracker.id, find(Digest.ZERO))))
                .isEqualTo(ErrorCode.PROOF_REFUSED);
        assertThat(unbatched.sequence()).isEqualTo(21);
    }

    @Test
    void receiptsThatNoBatchHeldAtACrashAreProvableAfterwards() {
        Receipt receipt = receipt(invoke());
        drive = drive.restarted(Duration.ofSeconds(1));
        assertThat(proof(receipt)).isEqualTo(receipt);
    }

    private Calling.FindProof find(Digest call) {
        return new Calling.FindProof(call, drive.node.id());
    }

    private Receipt proof(Receipt receipt) {
        long question = drive.asked(tracker.id, find(receipt.call()));
        Bytes proof = drive.answer(question, Calling.Proof.class).proof();
        return ReceiptProof.decode(proof).orThrow().verify(Plan.METERED).orThrow();
    }

    @Test
    void batchesAreSignedAfterASecondAndOldOnesMakeRoom() {
        NodeConfig config = Drive.standard();
        NodeConfig.Bounds standard = config.bounds();
        begin(
                config.with(
                        new NodeConfig.Bounds(
                                standard.seedsMax(),
                                standard.functionsMax(),
                                standard.samplesMax(),
                                standard.logLinesMax(),
                                standard.factsMax(),
                                20,
                                20,
                                standard.lanesMax(),
                                standard.peersMax(),
                                standard.trackersMax(),
                                standard.neighboursMax(),
                                standard.questionsMax(),
                                standard.entriesMax(),
                                standard.transfersMax(),
                                standard.trailMax(),
                                standard.channelAmount())));
        Receipt first = receipt(invoke());
        drive.pass(Duration.ofMillis(1_001));
        tracker.serve(drive);
        assertThat(drive.kept.get(orb.kernel.port.Table.BATCHES)).hasSize(1);
        for (int i = 0; i < 40; i++) {
            pay(receipt(invoke()));
        }
        assertThat(drive.refusedAs(drive.asked(tracker.id, find(first.call()))))
                .isEqualTo(ErrorCode.PROOF_REFUSED);
        assertThat(drive.kept.get(orb.kernel.port.Table.BATCHES)).hasSizeLessThanOrEqualTo(2);
    }
}
