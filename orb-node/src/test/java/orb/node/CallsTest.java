package orb.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.FunctionName;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.CallDigest;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.port.Event;
import orb.ledger.HostLane;
import orb.ledger.Plan;
import orb.ledger.ReceiptBatch;
import orb.ledger.ReceiptProof;
import orb.ledger.Voucher;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CallsTest {
    private static final KeyPair BOB = Drive.key(30);
    private static final KeyPair HOST = Drive.key(31);
    private static final Request REQUEST = Request.post(Bytes.utf8("input"));
    private static final Fuel FUEL = new Fuel(1_000_000);
    private static final Credits PRICE = Plan.METERED.price(Receipt.Ending.COMPLETED, FUEL);

    private Drive drive;
    private PlainTracker tracker;
    private FunctionFacts facts;
    private final Map<Digest, HostLane> hostLanes = new LinkedHashMap<>();
    private final List<Receipt> issued = new ArrayList<>();

    @BeforeEach
    void join() {
        drive = Drive.started(Drive.hostingNothing());
        tracker = new PlainTracker(50).joinedBy(drive);
        LoginTest.logIn(drive, tracker);
        tracker.person(drive, "bob", BOB, HOST);
        tracker.person(drive, "hub", Drive.key(33), tracker.key);
        facts = tracker.deployed(drive, BOB, Drive.key(72), Plan.METERED);
        tracker.calls = invoke -> Optional.of(run(invoke));
    }

    /** What an honest host answers. */
    private Message run(Calling.Invoke invoke) {
        NodeId host = NodeId.of(HOST.publicKey());
        Digest channel = invoke.payment().map(Calling.Payment::channel).orElse(Digest.ZERO);
        Outcome outcome = Drive.ECHO.apply(invoke.request());
        HostLane lane =
                hostLanes.computeIfAbsent(
                        channel,
                        _ ->
                                new HostLane(
                                        new HostLane.Terms(
                                                Drive.GENESIS.network(),
                                                new Lane(channel, host, facts.id()),
                                                Drive.GENESIS.plan(facts.planHash()).orElseThrow(),
                                                tracker.id,
                                                List.of(LoginTest.wallet().publicKey()),
                                                HostLane.UNPAID_MAX)));
        tracker.vouchers.forEach(voucher -> lane.accept(voucher.countersign(tracker.key)));
        return switch (lane.admit(Credits.whole(1000), facts.limits().fuel())) {
            case Result.Refused<HostLane.Ticket>(var refusal) -> new Message.Refused(refusal);
            case Result.Ok<HostLane.Ticket>(var ticket) -> {
                Receipt receipt =
                        lane.complete(
                                ticket,
                                new HostLane.Work(
                                        invoke.call(),
                                        facts.artefact(),
                                        facts.version(),
                                        CallDigest.input(invoke.request()),
                                        CallDigest.output(outcome),
                                        outcome,
                                        3,
                                        drive.now.toEpochMilli()));
                issued.add(receipt);
                yield new Calling.Invoked(outcome, host, receipt.encoded(), orb.kernel.Timing.NONE);
            }
        };
    }

    private long call(boolean paid) {
        long command = drive.command(new NodeCommand.Call(facts.name(), REQUEST, paid));
        tracker.serve(drive);
        return command;
    }

    private long call() {
        return call(true);
    }

    private Credits balance() {
        return tracker.ledger.account(AccountId.of(LoginTest.wallet().publicKey())).balance();
    }

    @Test
    @Tag("A17")
    void aCallGoesThroughTheTrackerAndNamesItsHost() {
        NodeReply.Called called = drive.reply(call(), NodeReply.Called.class);
        assertThat(called.outcome()).isEqualTo(Drive.ECHO.apply(REQUEST));
        assertThat(called.host()).isEqualTo(NodeId.of(HOST.publicKey()));
        assertThat(Receipt.decode(called.receipt()).orThrow().call()).isEqualTo(called.call());
        NodeReply.Identity identity =
                drive.reply(drive.command(new NodeCommand.WhoAmI()), NodeReply.Identity.class);
        assertThat(identity.calls()).containsExactly(facts.name());
    }

    @Test
    @Tag("E3")
    void aHundredCallsArePromisedToTheUnitByVouchersAndNoneBeforeItsReceipt() {
        for (int i = 0; i < 100; i++) {
            drive.reply(call(), NodeReply.Called.class);
        }
        drive.pass(Duration.ofMillis(1_100));
        tracker.serve(drive);
        Voucher last = tracker.vouchers.getLast().voucher();
        assertThat(last.amount()).isEqualTo(PRICE.times(100));
        assertThat(last.calls()).isEqualTo(100);
        assertThat(tracker.vouchers).last().matches(each -> each.verify().isOk());
        assertThat(tracker.vouchers).hasSizeBetween(100 / 16, 20);
        assertThat(balance()).isEqualTo(Credits.whole(90));
    }

    @Test
    void aSingleCallIsPromisedWithinASecond() {
        call();
        assertThat(tracker.vouchers).isEmpty();
        drive.pass(Duration.ofMillis(1_001));
        tracker.serve(drive);
        drive.pass(Duration.ofMillis(1_001));
        tracker.serve(drive);
        assertThat(tracker.vouchers).hasSize(1);
    }

    @Test
    void loggingOutPromisesWhatIsOwedFirst() {
        call();
        drive.command(new NodeCommand.LogOut());
        tracker.serve(drive);
        assertThat(tracker.vouchers.getLast().voucher().amount()).isEqualTo(PRICE);
        assertThat(tracker.vouchers.getLast().verify().isOk()).isTrue();
        assertThat(drive.code(call())).isEqualTo(ErrorCode.NOT_LOGGED_IN);
    }

    @Test
    void theChannelIsToppedUpWhenItIsUsedUp() {
        Credits most = Plan.METERED.priceMax(facts.limits().fuel());
        tracker.calls = _ -> Optional.empty(); // the calls stay on their way
        long calls = Credits.whole(10).micro() / most.micro() + 1;
        for (long i = 0; i < calls; i++) {
            call();
        }
        assertThat(tracker.heard(Calling.Invoke.class)).hasSize((int) calls);
        assertThat(balance()).isEqualTo(Credits.whole(80));
        assertThat(tracker.ledger.channels(AccountId.of(LoginTest.wallet().publicKey())))
                .hasSize(1);
    }

    @Test
    void whoHasTooLittleIsRefusedAndNothingIsCalled() {
        for (int i = 0; i < 10; i++) {
            drive.command(
                    new NodeCommand.OpenChannel(
                            new Credits(9_999_990), Optional.of(Digest.of(Bytes.utf8("t" + i)))));
            tracker.serve(drive);
        }
        long command = call();
        assertThat(drive.code(command)).isEqualTo(ErrorCode.INSUFFICIENT_BALANCE);
        assertThat(tracker.heard(Calling.Invoke.class)).isEmpty();
    }

    @Test
    void aLaneGoesOnAfterARestartInTheSameChannel() {
        for (int i = 0; i < 5; i++) {
            call();
        }
        drive = drive.restarted(Duration.ofSeconds(1));
        tracker.link(drive);
        LoginTest.logIn(drive, tracker);
        drive.reply(call(), NodeReply.Called.class);
        drive.pass(Duration.ofMillis(2_100));
        tracker.serve(drive);
        Voucher last = tracker.vouchers.getLast().voucher();
        assertThat(last.amount()).isEqualTo(PRICE.times(6));
        assertThat(last.calls()).isEqualTo(6);
        assertThat(tracker.ledger.channels(AccountId.of(LoginTest.wallet().publicKey())))
                .hasSize(1);
    }

    @Test
    void aFalseReceiptIsRefusedAndNotPaid() {
        tracker.calls =
                invoke -> {
                    Calling.Invoked honest = (Calling.Invoked) run(invoke);
                    return Optional.of(
                            new Calling.Invoked(
                                    new Outcome.Completed(
                                            orb.kernel.Response.ok(Bytes.utf8("forged")), FUEL),
                                    honest.host(),
                                    honest.receipt(),
                                    honest.timing()));
                };
        assertThat(drive.code(call())).isEqualTo(ErrorCode.PROOF_REFUSED);
        drive.pass(Duration.ofSeconds(3));
        tracker.serve(drive);
        assertThat(tracker.vouchers).isEmpty();
    }

    @Test
    void aReceiptThatAsksTooMuchOrComesMissingIsRefused() {
        for (boolean missing : List.of(true, false)) {
            tracker.calls =
                    invoke -> {
                        Calling.Invoked honest = (Calling.Invoked) run(invoke);
                        Receipt receipt = Receipt.decode(honest.receipt()).orThrow();
                        Receipt dear =
                                new Receipt(
                                        receipt.lane(),
                                        receipt.artefact(),
                                        receipt.version(),
                                        1,
                                        Digest.ZERO,
                                        receipt.input(),
                                        receipt.output(),
                                        receipt.ending(),
                                        receipt.fuel(),
                                        receipt.gasSchedule(),
                                        PRICE.times(2),
                                        receipt.plan(),
                                        PRICE.times(2),
                                        receipt.call(),
                                        receipt.atMillis());
                        return Optional.of(
                                new Calling.Invoked(
                                        honest.outcome(),
                                        honest.host(),
                                        missing ? Bytes.EMPTY : dear.encoded(),
                                        honest.timing()));
                    };
            assertThat(drive.code(call())).isIn(ErrorCode.PROOF_REFUSED, ErrorCode.MALFORMED_BYTES);
        }
        assertThat(drive.kindsOf("call.")).isNotEmpty();
    }

    @Test
    void anUnknownFunctionAndAMeteredOneWithoutAPayerAreRefused() {
        long unknown =
                drive.command(new NodeCommand.Call(new FunctionName("bob", "none"), REQUEST, true));
        tracker.serve(drive);
        assertThat(drive.code(unknown)).isEqualTo(ErrorCode.UNKNOWN_FUNCTION);
        assertThat(drive.code(call(false))).isEqualTo(ErrorCode.TOKEN_REFUSED);
        assertThat(tracker.heard(Calling.Invoke.class)).isEmpty();
    }

    @Test
    void aSponsoredFunctionIsCalledWithoutAPayment() {
        facts = tracker.deployed(drive, BOB, Drive.key(73), Plan.SPONSORED);
        drive.reply(call(false), NodeReply.Called.class);
        assertThat(tracker.heard(Calling.Invoke.class).getLast().payment()).isEmpty();
        assertThat(balance()).isEqualTo(Credits.whole(100));
    }

    @Test
    void aTrackerLostMidCallAnswersAPostOnceAndSaysSo() {
        tracker.calls = _ -> Optional.empty();
        long command = call();
        PlainTracker second = tracker.twin(51);
        drive.event(new Event.Discovered(List.of(second.contact())));
        second.link(drive);
        drive.lose(tracker.silent.getLast(), ErrorCode.PEER_LOST);
        assertThat(drive.code(command)).isEqualTo(ErrorCode.PEER_LOST);
        drive.lose(tracker.silent.getLast(), ErrorCode.PEER_LOST); // doubled: changes nothing
        assertThat(second.heard(Calling.Invoke.class)).isEmpty();
    }

    @Test
    void aGetWhoseTrackerIsLostGoesOverAnother() {
        tracker.calls = _ -> Optional.empty();
        facts = tracker.deployed(drive, BOB, Drive.key(73), Plan.SPONSORED);
        Request get = new Request("GET", "/", "", List.of(), Bytes.EMPTY);
        long command = drive.command(new NodeCommand.Call(facts.name(), get, false));
        tracker.serve(drive);
        PlainTracker second = tracker.twin(51);
        drive.event(new Event.Discovered(List.of(second.contact())));
        second.link(drive);
        second.calls = invoke -> Optional.of(run(invoke));
        drive.event(new Event.Unlinked(tracker.id, "killed"));
        drive.lose(tracker.silent.getLast(), ErrorCode.PEER_LOST);
        second.serve(drive);
        NodeReply.Called called = drive.reply(command, NodeReply.Called.class);
        assertThat(called.trail().getFirst()).contains("ORB-0304");
    }

    @Test
    void aCallThatTheTrackerDoesNotHaveAHostForIsTriedOverTheOtherOne() {
        facts = tracker.deployed(drive, BOB, Drive.key(73), Plan.SPONSORED);
        tracker.calls =
                _ -> Optional.of(new Message.Refused(new Refusal(ErrorCode.NO_HOST, "no host")));
        PlainTracker second = tracker.twin(51);
        drive.event(new Event.Discovered(List.of(second.contact())));
        second.link(drive);
        second.calls = invoke -> Optional.of(run(invoke));
        long command = call(false);
        second.serve(drive);
        assertThat(drive.reply(command, NodeReply.Called.class).trail()).hasSize(2);
        second.calls = tracker.calls;
        long none = call(false);
        second.serve(drive);
        assertThat(drive.code(none)).isEqualTo(ErrorCode.NO_HOST);
    }

    @Test
    void aCallThatWaitsForItsChannelEndsAtItsDeadlineAndLaterAnswersChangeNothing() {
        long command = drive.command(new NodeCommand.Call(facts.name(), REQUEST, true));
        drive.answer(
                drive.takeAsk(Registry.FindFunction.class),
                new Registry.Functions(List.of(new Registry.Listed(facts, 1, 0))));
        var account = drive.takeAsk(Registry.FindAccount.class);
        drive.pass(Drive.standard().waits().call());
        assertThat(drive.code(command)).isEqualTo(ErrorCode.DEADLINE);
        drive.asks.clear();
        drive.lose(account, ErrorCode.TIMED_OUT);
        assertThat(drive.asks).isEmpty();
    }

    @Test
    void aLostAnswersReceiptIsFetchedSoThatTheLaneGoesOn() {
        call();
        List<Calling.Invoke> lost = new ArrayList<>();
        tracker.calls =
                invoke -> {
                    lost.add(invoke);
                    run(invoke); // the host counts it, the answer is lost
                    return Optional.of(
                            new Message.Refused(
                                    new Refusal(ErrorCode.TIMED_OUT, "the host did not answer")));
                };
        assertThat(drive.code(call())).isEqualTo(ErrorCode.TIMED_OUT);
        tracker.proofs =
                find -> {
                    int at = issued.stream().map(Receipt::call).toList().indexOf(find.call());
                    return new Calling.Proof(
                            ReceiptBatch.seal(HOST, 0, issued).proof(at).encoded());
                };
        tracker.calls = invoke -> Optional.of(run(invoke));
        call();
        drive.pass(Duration.ofMillis(2_100));
        tracker.serve(drive);
        drive.pass(Duration.ofMillis(2_100));
        tracker.serve(drive);
        assertThat(lost).hasSize(1);
        assertThat(tracker.vouchers.getLast().voucher().amount()).isEqualTo(PRICE.times(3));
        for (int i = 0; i < 40; i++) {
            drive.reply(call(), NodeReply.Called.class);
        }
    }

    @Test
    void whatWasRememberedWronglyOfAFunctionIsAskedAgainBeforeAnAnswerIsRefused() {
        long first = drive.command(new NodeCommand.Call(facts.name(), REQUEST, true));
        FunctionFacts forged =
                new FunctionFacts(
                        facts.id(),
                        facts.name(),
                        facts.owner(),
                        facts.version(),
                        Digest.ZERO,
                        facts.size(),
                        facts.shape(),
                        facts.limits(),
                        facts.grants(),
                        facts.plan(),
                        facts.planHash(),
                        facts.complexity(),
                        facts.peakMemory(),
                        facts.replicas());
        drive.answer(
                drive.takeAsk(Registry.FindFunction.class),
                new Registry.Functions(List.of(new Registry.Listed(forged, 1, 0))));
        tracker.serve(drive);
        drive.reply(first, NodeReply.Called.class);
        assertThat(tracker.heard(Registry.FindFunction.class)).hasSize(1);
        drive.reply(call(), NodeReply.Called.class);
        assertThat(tracker.heard(Registry.FindFunction.class)).hasSize(1);
    }

    @Test
    void aCallThatRanTwiceBecauseItsFirstAnswerWasLostIsChargedOnce() {
        call();
        Request get = new Request("GET", "/", "", List.of(), Bytes.EMPTY);
        PlainTracker second = tracker.twin(51);
        drive.event(new Event.Discovered(List.of(second.contact())));
        second.link(drive);
        second.person(drive, "hub2", Drive.key(34), second.key);
        second.calls = invoke -> Optional.of(run(invoke));
        tracker.calls =
                invoke -> {
                    run(invoke);
                    return Optional.empty();
                };
        long command = drive.command(new NodeCommand.Call(facts.name(), get, true));
        tracker.serve(drive);
        drive.event(new Event.Unlinked(tracker.id, "killed"));
        drive.lose(tracker.silent.getLast(), ErrorCode.PEER_LOST);
        second.serve(drive);
        drive.reply(command, NodeReply.Called.class);
        drive.pass(Duration.ofMillis(2_100));
        second.serve(drive);
        Credits promised =
                second.vouchers.stream()
                        .map(voucher -> voucher.voucher().amount())
                        .reduce(Credits.ZERO, Credits::plus);
        assertThat(promised).isEqualTo(PRICE);
        tracker.link(drive);
        tracker.calls = invoke -> Optional.of(run(invoke));
        tracker.proofs =
                find -> {
                    int at = issued.stream().map(Receipt::call).toList().indexOf(find.call());
                    return new Calling.Proof(
                            ReceiptBatch.seal(HOST, 0, issued).proof(at).encoded());
                };
        drive.event(new Event.Unlinked(second.id, "killed"));
        call();
        drive.pass(Duration.ofMillis(3_100));
        tracker.serve(drive);
        assertThat(tracker.vouchers.getLast().voucher().amount()).isEqualTo(PRICE);
    }

    @Test
    void ownFunctionsRunHereFreeAndStillHaveProvableReceipts() {
        long deploy = drive.command(DeployingTest.deploy("metered", Credits.ZERO));
        tracker.serve(drive);
        drive.reply(deploy, NodeReply.Deployed.class);
        Credits before = balance();
        tracker.heard.clear();
        FunctionName own = new FunctionName("alice", "echo");
        Receipt previous = ownCall(own);
        assertThat(previous.price()).isEqualTo(Credits.ZERO);
        for (int i = 2; i <= 70; i++) {
            Receipt next = ownCall(own);
            assertThat(next.sequence()).isEqualTo(i);
            assertThat(next.previous()).isEqualTo(previous.digest());
            previous = next;
        }
        assertThat(tracker.heard).isEmpty();
        assertThat(balance()).isEqualTo(before);
        long proof = drive.command(new NodeCommand.FindProof(previous.call()));
        Bytes file = drive.reply(proof, NodeReply.ProofFound.class).proof();
        assertThat(ReceiptProof.decode(file).orThrow().verify().orThrow()).isEqualTo(previous);

        drive.pass(Duration.ofMillis(1_100));
        drive = drive.restarted(Duration.ofSeconds(1));
        Receipt next = ownCall(own); // no login, no tracker: it is the owner's machine
        assertThat(next.sequence()).isEqualTo(71);
        assertThat(next.previous()).isEqualTo(previous.digest());
    }

    private Receipt ownCall(FunctionName name) {
        long command = drive.command(new NodeCommand.Call(name, REQUEST, false));
        return Receipt.decode(drive.reply(command, NodeReply.Called.class).receipt()).orThrow();
    }

    @Test
    void theProofOfACallMadeFromHereIsFetchedFromItsHost() {
        NodeReply.Called called = drive.reply(call(), NodeReply.Called.class);
        tracker.proofs =
                find -> {
                    assertThat(find.host()).isEqualTo(called.host());
                    return new Calling.Proof(ReceiptBatch.seal(HOST, 0, issued).proof(0).encoded());
                };
        long command = drive.command(new NodeCommand.FindProof(called.call()));
        tracker.serve(drive);
        Bytes file = drive.reply(command, NodeReply.ProofFound.class).proof();
        assertThat(ReceiptProof.decode(file).orThrow().verify(Plan.METERED).isOk()).isTrue();
        assertThat(drive.code(drive.command(new NodeCommand.FindProof(Digest.ZERO))))
                .isEqualTo(ErrorCode.PROOF_REFUSED);
    }
}
