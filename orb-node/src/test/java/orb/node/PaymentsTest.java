package orb.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.Timing;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.CallDigest;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.ledger.HostLane;
import orb.ledger.Plan;
import orb.ledger.ReceiptBatch;
import orb.node.admission.SeedPolicy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A payer whose answers get lost, between two hosts. */
class PaymentsTest {
    private static final KeyPair ONE = Drive.key(31);
    private static final KeyPair TWO = Drive.key(32);
    private static final Fuel FUEL = new Fuel(1_000_000);
    private static final Credits PRICE = Plan.METERED.price(Receipt.Ending.COMPLETED, FUEL);

    private final Map<NodeId, HostLane> lanes = new TreeMap<>();
    private final Map<NodeId, List<Receipt>> given = new TreeMap<>();
    private Drive drive;
    private PlainTracker tracker;
    private FunctionFacts facts;

    @BeforeEach
    void join() {
        drive = Drive.started(Drive.standard().with(new SeedPolicy.Never()));
        tracker = new PlainTracker(50).joinedBy(drive);
        LoginTest.logIn(drive, tracker);
        tracker.person(drive, "bob", Drive.key(30), ONE);
        tracker.person(drive, "dan", Drive.key(34), TWO);
        tracker.person(drive, "hub", Drive.key(33), tracker.key);
        facts = tracker.deployed(drive, Drive.key(30), Drive.key(72), Plan.METERED);
        tracker.calls = invoke -> Optional.of(run(ONE, invoke));
        tracker.proofs = this::prove;
    }

    private Message run(KeyPair key, Calling.Invoke invoke) {
        NodeId host = NodeId.of(key.publicKey());
        Outcome outcome = Drive.ECHO.apply(invoke.request());
        HostLane lane = lanes.computeIfAbsent(host, _ -> lane(host, invoke));
        tracker.vouchers.forEach(voucher -> lane.accept(voucher.countersign(tracker.key)));
        Result<HostLane.Ticket> ticket = lane.admit(Credits.whole(1_000), facts.limits().fuel());
        if (ticket instanceof Result.Refused<HostLane.Ticket>(var refusal)) {
            return new Calling.Invoked(
                    new Outcome.Refused(refusal),
                    host,
                    lane.unpaid().getLast().encoded(),
                    Timing.NONE);
        }
        Receipt receipt =
                lane.complete(
                        ticket.orThrow(),
                        new HostLane.Work(
                                invoke.call(),
                                facts.artefact(),
                                facts.version(),
                                CallDigest.input(invoke.request()),
                                CallDigest.output(outcome),
                                outcome,
                                3,
                                drive.now.toEpochMilli()));
        given.computeIfAbsent(host, _ -> new ArrayList<>()).add(receipt);
        return new Calling.Invoked(outcome, host, receipt.encoded(), Timing.NONE);
    }

    private HostLane lane(NodeId host, Calling.Invoke invoke) {
        Digest channel = invoke.payment().orElseThrow().channel();
        return new HostLane(
                new HostLane.Terms(
                        Drive.GENESIS.network(),
                        new Lane(channel, host, facts.id()),
                        Plan.METERED,
                        tracker.id,
                        List.of(LoginTest.wallet().publicKey()),
                        HostLane.UNPAID_MAX));
    }

    private Message prove(Calling.FindProof find) {
        KeyPair key = find.host().equals(NodeId.of(ONE.publicKey())) ? ONE : TWO;
        List<Receipt> receipts = given.getOrDefault(find.host(), List.of());
        int at = receipts.stream().map(Receipt::call).toList().indexOf(find.call());
        return at < 0
                ? new Message.Refused(new Refusal(ErrorCode.PROOF_REFUSED, "no receipt of it"))
                : new Calling.Proof(ReceiptBatch.seal(key, 0, receipts).proof(at).encoded());
    }

    private long call(String method) {
        Request request = new Request(method, "/", "", List.of(), Bytes.utf8("input"));
        long command = drive.command(new NodeCommand.Call(facts.name(), request, true));
        tracker.serve(drive);
        return command;
    }

    private Effect.Ask callIntoTheVoid(KeyPair host) {
        tracker.calls =
                invoke -> {
                    run(host, invoke);
                    return Optional.empty();
                };
        call("POST");
        return tracker.silent.removeLast();
    }

    private Credits promised(KeyPair host) {
        NodeId id = NodeId.of(host.publicKey());
        return tracker.vouchers.stream()
                .map(signed -> signed.voucher())
                .filter(voucher -> voucher.lane().host().equals(id))
                .map(voucher -> voucher.amount())
                .max(Credits::compareTo)
                .orElse(Credits.ZERO);
    }

    private void pass(Duration time) {
        drive.pass(time);
        tracker.serve(drive);
    }

    private void passSeconds(int seconds) {
        for (int i = 0; i < seconds; i++) {
            pass(Duration.ofSeconds(1));
        }
    }

    @Test
    void aReceiptThatIsKnownToBeLostAfterTheGapWasSeenIsFoundAllTheSame() {
        Effect.Ask lost = callIntoTheVoid(ONE);
        tracker.calls = invoke -> Optional.of(run(ONE, invoke));
        call("POST"); // its receipt has number 2
        pass(Duration.ofMillis(2_100));
        assertThat(promised(ONE)).isEqualTo(Credits.ZERO);

        drive.lose(lost, ErrorCode.TIMED_OUT);
        passSeconds(3);
        assertThat(promised(ONE)).isEqualTo(PRICE.times(2));
    }

    @Test
    void aProofThatCouldNotBeHadIsAskedForAgainWhileTheGapStands() {
        Effect.Ask lost = callIntoTheVoid(ONE);
        drive.lose(lost, ErrorCode.TIMED_OUT);
        tracker.calls = invoke -> Optional.of(run(ONE, invoke));
        tracker.proofs =
                _ -> new Message.Refused(new Refusal(ErrorCode.UNKNOWN_PEER, "it is not linked"));
        call("POST");
        pass(Duration.ofMillis(5_100));
        assertThat(promised(ONE)).isEqualTo(Credits.ZERO);

        tracker.proofs = this::prove;
        passSeconds(3);
        assertThat(promised(ONE)).isEqualTo(PRICE.times(2));
        int asked = tracker.heard(Calling.FindProof.class).size();
        pass(Duration.ofMillis(5_100));
        assertThat(tracker.heard(Calling.FindProof.class)).hasSize(asked);
    }

    @Test
    void aGetThatTheTrackerGaveToASecondHostIsPaidToBothThatCanProveTheirRun() {
        tracker.calls =
                invoke -> {
                    run(ONE, invoke); // whose link breaks
                    return Optional.of(run(TWO, invoke));
                };
        drive.reply(call("GET"), NodeReply.Called.class);
        tracker.calls = invoke -> Optional.of(run(ONE, invoke));
        drive.reply(call("POST"), NodeReply.Called.class);
        passSeconds(4);

        assertThat(promised(TWO)).isEqualTo(PRICE);
        assertThat(promised(ONE)).isEqualTo(PRICE.times(2));
    }

    @Test
    void aPayerThatForgotItsLastReceiptsGoesOnWithThatHost() {
        for (int i = 0; i < 3; i++) {
            drive.reply(call("POST"), NodeReply.Called.class);
        }
        pass(Duration.ofMillis(1_100));
        drive.kept.get(orb.kernel.port.Table.LANES).clear();
        drive = drive.restarted(Duration.ofSeconds(1));
        tracker.joinedBy(drive);
        LoginTest.logIn(drive, tracker);
        drive.reply(call("POST"), NodeReply.Called.class);
        pass(Duration.ofMillis(1_100));

        assertThat(promised(ONE)).isEqualTo(PRICE.times(4));
    }

    @Test
    void aPayerThatForgotAllThatItOwesIsShownItAndPaysAndItsCallRuns() {
        List<Effect.Ask> silent = new ArrayList<>();
        for (int i = 0; i < HostLane.UNPAID_MAX; i++) {
            silent.add(callIntoTheVoid(ONE)); // the answers come after the logout
        }
        drive.command(new NodeCommand.LogOut());
        silent.forEach(ask -> drive.lose(ask, ErrorCode.TIMED_OUT));
        LoginTest.logIn(drive, tracker);
        tracker.calls = invoke -> Optional.of(run(ONE, invoke));

        drive.reply(call("POST"), NodeReply.Called.class);
        assertThat(promised(ONE)).isEqualTo(PRICE.times(HostLane.UNPAID_MAX));
    }

    @Test
    void aPayerThatForgotNothingPaysNothingThatItIsShown() {
        drive.reply(call("POST"), NodeReply.Called.class);
        Receipt last = given.get(NodeId.of(ONE.publicKey())).getLast();
        tracker.calls =
                _ ->
                        Optional.of(
                                new Calling.Invoked(
                                        new Outcome.Refused(
                                                new Refusal(ErrorCode.UNPAID, "pay me")),
                                        last.lane().host(),
                                        inflated(last).encoded(),
                                        Timing.NONE));

        assertThat(drive.code(call("POST"))).isEqualTo(ErrorCode.UNPAID);
        pass(Duration.ofMillis(2_100));
        assertThat(promised(ONE)).isEqualTo(PRICE);
    }

    private static Receipt inflated(Receipt r) {
        return new Receipt(
                r.lane(),
                r.artefact(),
                r.version(),
                r.sequence() + 1,
                r.digest(),
                r.input(),
                r.output(),
                r.ending(),
                r.fuel(),
                r.gasSchedule(),
                r.price(),
                r.plan(),
                r.amount().plus(r.price()),
                Digest.ZERO,
                r.atMillis());
    }
}
