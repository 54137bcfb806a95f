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
import orb.kernel.Lane;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Request;
import orb.kernel.TrapCode;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.CallDigest;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.message.Seeding;
import orb.kernel.message.UseReport;
import orb.kernel.port.Event;
import orb.kernel.port.MachineUse;
import orb.ledger.Entry;
import orb.ledger.HostLane;
import orb.ledger.Plan;
import orb.ledger.ReceiptProof;
import orb.ledger.Voucher;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class HostingTest {
    private static final KeyPair BOB = Drive.key(30);
    private static final Request REQUEST = Request.post(Bytes.utf8("input"));
    private static final Credits PRICE =
            Plan.METERED.price(Receipt.Ending.COMPLETED, new Fuel(1_000_000));

    private Drive drive;
    private PlainTracker tracker;
    private FunctionFacts facts;
    private Digest channel;
    private int calls;

    @BeforeEach
    void serve() {
        begin(Drive.standard());
    }

    private void begin(NodeConfig config) {
        drive = Drive.started(config);
        tracker = new PlainTracker(50).joinedBy(drive);
        LoginTest.logIn(drive, tracker);
        tracker.person(drive, "bob", BOB, Drive.key(31));
        tracker.person(drive, "hub", Drive.key(33), tracker.key);
        facts = tracker.deployed(drive, BOB, Drive.key(70), Plan.METERED);
        drive.asked(tracker.id, new Seeding.Available(facts));
        tracker.serve(drive);
        channel =
                tracker.entry(
                        drive,
                        BOB,
                        new Entry.LockEscrow(
                                tracker.id,
                                Credits.whole(10),
                                BOB.publicKey(),
                                new Entry.Purpose.Calls(),
                                drive.now.plusSeconds(86_400)));
    }

    private Lane lane() {
        return new Lane(channel, drive.node.id(), facts.id());
    }

    private static Digest id(int call) {
        return Digest.of(Bytes.utf8("call " + call));
    }

    private long invoke() {
        return invoke(Credits.whole(10));
    }

    private long invoke(Credits slice) {
        long question =
                drive.asked(
                        tracker.id,
                        new Calling.Invoke(
                                id(++calls),
                                facts.name(),
                                Optional.of(new Calling.Payment(channel, slice)),
                                REQUEST,
                                Duration.ofSeconds(10)));
        tracker.serve(drive);
        return question;
    }

    private Receipt receipt(long question) {
        return Receipt.decode(drive.answer(question, Calling.Invoked.class).receipt()).orThrow();
    }

    private Message pay(Receipt last) {
        Voucher voucher =
                new Voucher(
                        Drive.GENESIS.network(),
                        last.lane(),
                        last.plan(),
                        last.sequence(),
                        last.amount());
        long question =
                drive.asked(
                        tracker.id,
                        new Calling.Pay(
                                drive.node.id(),
                                voucher.sign(BOB).countersign(tracker.key).encoded()));
        return drive.answers.get(question);
    }

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

    private void measured(int othersPermille) {
        drive.event(new Event.Measured(new MachineUse(1, List.of(), othersPermille)));
    }

    @Test
    @Tag("K6")
    void aNodeOfAnIdleMachineTurnsCallsAwayWhileItsOwnerUsesItAndTakesThemAgainAfterACalmTime() {
        NodeConfig.Places yields = new NodeConfig.Places(2, 1, Duration.ofMillis(500), true);
        begin(Drive.standard().with(yields));
        measured(299);
        assertThat(receipt(invoke()).sequence()).as("below the bound").isEqualTo(1);
        measured(300);
        long declined = invoke();
        assertThat(drive.refusedAs(declined)).isEqualTo(ErrorCode.BUSY);
        assertThat(drive.answer(declined, Message.Refused.class).refusal().what())
                .contains("the owner uses this machine");
        passServed(Duration.ofSeconds(20));
        measured(200);
        measured(149);
        assertThat(drive.refusedAs(invoke())).as("not calm for long").isEqualTo(ErrorCode.BUSY);
        passServed(Duration.ofSeconds(10));
        measured(149);
        assertThat(receipt(invoke()).sequence()).as("calm").isEqualTo(2);
    }

    @Test
    @Tag("K6")
    void aNodeThatWasNotToldToYieldHostsBesideALoad() {
        measured(1000);
        assertThat(receipt(invoke()).sequence()).isEqualTo(1);
    }

    @Test
    @Tag("K6")
    void whatAFunctionEarnedIsThisHostsShareOfItsReceipts() {
        for (int i = 0; i < 10; i++) {
            receipt(invoke());
        }
        NodeReply.Statistics counters =
                drive.reply(
                        drive.command(new NodeCommand.FindStatistics()),
                        NodeReply.Statistics.class);
        assertThat(counters.functions().getFirst().earned())
                .isEqualTo(Plan.METERED.requested().split(PRICE.times(10)).host());
    }

    @Test
    @Tag("H6")
    void trackersAreToldWhatIsUsedAndWhatFunctionsDid() {
        drive.event(
                new Event.Measured(
                        new MachineUse(3, List.of(new UseReport.Worker(3, 9, 4096)), 0)));
        receipt(invoke());
        passServed(Duration.ofSeconds(6));
        UseReport said = tracker.heard(Membership.Use.class).getLast().report();
        assertThat(said.started()).isEqualTo(3);
        assertThat(said.workers()).containsExactly(new UseReport.Worker(3, 9, 4096));
        UseReport.Function function = said.functions().getFirst();
        assertThat(function.name()).isEqualTo(facts.name().toString());
        assertThat(function.ended()).isEqualTo(new UseReport.Ended(1, 0, 0));
        assertThat(function.latency().get(3)).as("2.021 ms are in the class up to 3").isEqualTo(1);
        assertThat(function.latencyMicros()).isEqualTo(2_021);
        assertThat(function.cpuMicros()).isEqualTo(1_500);
        assertThat(function.peakMemory()).isEqualTo(128 << 10);
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

    private void passServed(Duration span) {
        for (long second = 0; second < span.toSeconds(); second++) {
            drive.pass(Duration.ofSeconds(1));
            tracker.serve(drive);
        }
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

    @Test
    @Tag("A14")
    void afterAHundredCallsTheCounterReadsAHundredAlsoAfterARestart() {
        for (int i = 0; i < 100; i++) {
            pay(receipt(invoke()));
        }
        assertThat(statistics().calls()).isEqualTo(100);
        assertThat(statistics().p50Micros()).isEqualTo(2_000);
        assertThat(statistics().p99Micros()).isEqualTo(2_000);
        assertThat(statistics().bytesIn()).isEqualTo(500);
        assertThat(statistics().cpuMicros()).isEqualTo(150_000);
        assertThat(statistics().errors()).isZero();
        NodeReply.FunctionStatistics before = statistics();
        drive.pass(Duration.ofSeconds(3));
        drive = drive.restarted(Duration.ofSeconds(1));
        assertThat(statistics()).isEqualTo(before);
    }

    private NodeReply.FunctionStatistics statistics() {
        long command = drive.command(new NodeCommand.FindStatistics());
        return drive.reply(command, NodeReply.Statistics.class).functions().getFirst();
    }

    @Test
    void theLastLogLinesOfAFunctionAreKept() {
        for (int i = 0; i < 3; i++) {
            receipt(invoke());
        }
        long command = drive.command(new NodeCommand.FindLogs(facts.name()));
        assertThat(drive.reply(command, NodeReply.Logs.class).lines())
                .hasSize(3)
                .allMatch(line -> line.text().equals("line"));
    }
}
