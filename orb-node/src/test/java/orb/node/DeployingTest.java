package orb.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.FunctionName;
import orb.kernel.Limits;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.TrapCode;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Grants;
import orb.kernel.message.Registry;
import orb.kernel.message.Seeding;
import orb.ledger.Account;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class DeployingTest {
    private static final Bytes ARTEFACT = Bytes.utf8("an executable");
    private static final Digest SOURCE = Digest.of(Bytes.utf8("its source"));
    private static final KeyPair FUNCTION_KEY = Drive.key(70);

    private Drive drive;
    private PlainTracker tracker;

    @BeforeEach
    void join() {
        drive = Drive.started();
        tracker = new PlainTracker(50).joinedBy(drive);
        LoginTest.logIn(drive, tracker);
        tracker.heard.clear();
    }

    static NodeCommand.Deploy deploy(String plan, Credits allocation) {
        return new NodeCommand.Deploy(
                new NodeCommand.Proposal(
                        "echo",
                        SOURCE,
                        ARTEFACT,
                        Limits.DEFAULT,
                        Grants.NONE,
                        plan,
                        3,
                        Request.post(Bytes.utf8("sample")),
                        allocation),
                FUNCTION_KEY);
    }

    private Credits balance() {
        return tracker.ledger
                .account(orb.kernel.AccountId.of(LoginTest.wallet().publicKey()))
                .balance();
    }

    @Test
    @Tag("B8")
    void deploysInTheOrderThatIsPromised() {
        long command = drive.command(deploy("metered", Credits.ZERO));
        tracker.serve(drive);
        assertThat(drive.kinds(drive.progress))
                .containsExactly(
                        "deploy.plan",
                        "deploy.run",
                        "deploy.hash",
                        "deploy.key",
                        "deploy.package",
                        "deploy.send",
                        "deploy.trial",
                        "deploy.url",
                        "deploy.notify");
        NodeReply.Deployed done = drive.reply(command, NodeReply.Deployed.class);
        assertThat(done.url()).isEqualTo("/f/alice/echo");
        assertThat(done.complexity()).isEqualTo(new Fuel(1_000_000));
        assertThat(tracker.heard(Seeding.Serving.class))
                .containsExactly(new Seeding.Serving(done.function(), Digest.of(ARTEFACT)));
    }

    @Test
    @Tag("E2")
    void theQuoteIsTheBill() {
        long quote =
                drive.command(
                        new NodeCommand.Quote(
                                ARTEFACT,
                                Limits.DEFAULT,
                                Grants.NONE,
                                Request.post(Bytes.utf8("sample"))));
        Credits quoted = drive.reply(quote, NodeReply.Quoted.class).cost();
        assertThat(tracker.heard).isEmpty();
        Credits before = balance();
        drive.command(deploy("metered", Credits.ZERO));
        tracker.serve(drive);
        assertThat(before.minus(balance())).isEqualTo(quoted);
        assertThat(tracker.ledger.account(Account.DEPLOY_POOL).balance()).isEqualTo(quoted);
    }

    @Test
    @Tag("A10")
    void theSourceHashIsKeptHereAndShownAlsoAfterARestart() {
        drive.command(deploy("metered", Credits.ZERO));
        tracker.serve(drive);
        Drive next = drive.restarted(java.time.Duration.ofMinutes(1));
        tracker.link(next);
        FunctionName name = new FunctionName("alice", "echo");
        long describe = next.command(new NodeCommand.Describe(name));
        tracker.serve(next);
        NodeReply.Described described = next.reply(describe, NodeReply.Described.class);
        assertThat(described.source()).contains(SOURCE);
        assertThat(described.seededHere()).isTrue();
        assertThat(
                        next.reply(next.command(new NodeCommand.WhoAmI()), NodeReply.Identity.class)
                                .owns())
                .containsExactly(name);
    }

    @Test
    @Tag("A8")
    void aFunctionThatFailsHereIsSentNowhereAndCostsNothing() {
        Credits before = balance();
        for (Outcome failure :
                List.of(
                        new Outcome.Trapped(TrapCode.SCRIPT_ERROR, "it throws", new Fuel(10)),
                        new Outcome.OutOfFuel(new Fuel(10)),
                        new Outcome.Completed(
                                new Response(500, List.of(), Bytes.EMPTY), new Fuel(10)))) {
            drive.function = java.util.Optional.of(_ -> failure);
            long command = drive.command(deploy("metered", Credits.ZERO));
            assertThat(drive.code(command)).isIn(ErrorCode.TRAPPED, ErrorCode.OUT_OF_FUEL);
            assertThat(drive.refusal(command).what()).contains("sample input");
        }
        assertThat(tracker.heard).isEmpty();
        assertThat(drive.asks).isEmpty();
        assertThat(balance()).isEqualTo(before);
    }

    @Test
    @Tag("A12")
    void withoutAPlanThatTheSwarmHasNothingHappensAndThePlansAreNamed() {
        for (String plan : List.of("", "golden")) {
            Refusal refusal = drive.refusal(drive.command(deploy(plan, Credits.ZERO)));
            assertThat(refusal.code()).isEqualTo(ErrorCode.NO_PLAN);
            assertThat(refusal.next()).contains("metered, sponsored, both");
        }
        assertThat(drive.blobs).isEmpty();
    }

    @Test
    void anAllocationMustFitThePlan() {
        assertThat(drive.code(drive.command(deploy("metered", Credits.whole(1)))))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
        assertThat(drive.code(drive.command(deploy("sponsored", Credits.ZERO))))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
        assertThat(drive.blobs).isEmpty();
    }

    @Test
    void aModuleThatIsNotAdmittedIsRefusedWithItsReason() {
        drive.admission = Result.refused(ErrorCode.SIMD_REFUSED, "it uses SIMD");
        assertThat(drive.code(drive.command(deploy("metered", Credits.ZERO))))
                .isEqualTo(ErrorCode.SIMD_REFUSED);
        assertThat(tracker.heard).isEmpty();
    }

    @Test
    @Tag("E2")
    void aBalanceThatIsTooLowIsRefusedBeforeTheUpload() {
        long command = drive.command(deploy("sponsored", Credits.whole(100)));
        tracker.serve(drive);
        assertThat(drive.code(command)).isEqualTo(ErrorCode.INSUFFICIENT_BALANCE);
        assertThat(drive.kinds(drive.progress)).doesNotContain("deploy.send");
        assertThat(tracker.heard(Registry.Deploy.class)).isEmpty();
    }

    @Test
    void aSponsorsAllocationIsSetAsideAtTheTracker() {
        tracker.person(drive, "carol", Drive.key(33), tracker.key);
        long command = drive.command(deploy("sponsored", Credits.whole(5)));
        tracker.serve(drive);
        NodeReply.Deployed done = drive.reply(command, NodeReply.Deployed.class);
        var channels =
                tracker.ledger.channels(orb.kernel.AccountId.of(LoginTest.wallet().publicKey()));
        assertThat(channels).hasSize(1);
        assertThat(channels.getFirst().locked()).isEqualTo(Credits.whole(5));
        assertThat(channels.getFirst().delegate()).isEqualTo(tracker.key.publicKey());
        assertThat(channels.getFirst().purpose())
                .isEqualTo(new orb.ledger.Entry.Purpose.Sponsor(done.function()));
    }

    /** Credits set aside at each hub, of what alice allocates with three trackers linked. */
    private Map<NodeId, Credits> partsOf(Credits allocation) {
        PlainTracker second = tracker.twin(51);
        PlainTracker unregistered = tracker.twin(52);
        second.link(drive);
        unregistered.link(drive);
        tracker.person(drive, "carol", Drive.key(33), tracker.key);
        tracker.person(drive, "dora", Drive.key(34), second.key);
        long command = drive.command(deploy("sponsored", allocation));
        tracker.serve(drive);
        drive.reply(command, NodeReply.Deployed.class);
        Map<NodeId, Credits> parts = new LinkedHashMap<>();
        tracker.ledger
                .channels(orb.kernel.AccountId.of(LoginTest.wallet().publicKey()))
                .forEach(channel -> parts.put(channel.hub(), channel.locked()));
        return parts;
    }

    @Test
    @Tag("B7")
    void anAllocationIsPartedAmongTheTrackersAndWhatOneRefusesTheLastOneGets() {
        Map<NodeId, Credits> parts = partsOf(Credits.whole(7));

        Credits third = new Credits(2_333_333);
        assertThat(parts)
                .containsOnly(
                        Map.entry(tracker.twin(51).id, third),
                        Map.entry(tracker.id, Credits.whole(7).minus(third)));
    }

    @Test
    void anAllocationThatPaysForFewCallsIsNotParted() {
        assertThat(partsOf(Credits.whole(1))).containsOnly(Map.entry(tracker.id, Credits.whole(1)));
    }

    @Test
    void theNextVersionCountsOnAndAnotherKeyIsRefusedHere() {
        drive.command(deploy("metered", Credits.ZERO));
        tracker.serve(drive);
        long again = drive.command(deploy("metered", Credits.ZERO));
        tracker.serve(drive);
        drive.reply(again, NodeReply.Deployed.class);
        assertThat(
                        tracker.ledger
                                .function(new FunctionName("alice", "echo"))
                                .orElseThrow()
                                .newest()
                                .version())
                .isEqualTo(2);
        long foreign =
                drive.command(
                        new NodeCommand.Deploy(
                                deploy("metered", Credits.ZERO).proposal(), Drive.key(71)));
        tracker.serve(drive);
        assertThat(drive.code(foreign)).isEqualTo(ErrorCode.NAME_TAKEN);
    }

    @Test
    void whatTheTrackerRefusesIsReturnedAndNotServed() {
        long command = drive.command(deploy("metered", Credits.ZERO));
        while (drive.asks.stream().noneMatch(ask -> ask.message() instanceof Registry.Deploy)) {
            var ask = drive.asks.removeFirst();
            if (ask.message() instanceof Registry.FindAccount) {
                drive.answer(
                        ask,
                        new Registry.Account(
                                true,
                                "alice",
                                Credits.whole(50),
                                Credits.ZERO,
                                Credits.ZERO,
                                0,
                                List.of()));
            } else {
                drive.answer(ask, new Registry.Functions(List.of()));
            }
        }
        drive.answer(
                drive.takeAsk(Registry.Deploy.class),
                new orb.kernel.message.Message.Refused(
                        new Refusal(ErrorCode.COMPLEXITY_MISMATCH, "the tracker counted more")));
        assertThat(drive.code(command)).isEqualTo(ErrorCode.COMPLEXITY_MISMATCH);
        assertThat(drive.kinds(drive.progress)).doesNotContain("deploy.url");
        NodeReply.Status status =
                drive.reply(drive.command(new NodeCommand.FindStatus()), NodeReply.Status.class);
        assertThat(status.seeds()).isEmpty();
    }

    @Test
    void complexityIsTheFuelOfTheRunHere() {
        drive.function =
                java.util.Optional.of(request ->
                        new Outcome.Completed(
                                Response.ok(Bytes.EMPTY),
                                new Fuel(request.body().length() * 1000L)));
        NodeReply.Quoted one = quoted(1);
        NodeReply.Quoted ten = quoted(10);
        assertThat(ten.complexity().units()).isEqualTo(10 * one.complexity().units());
        assertThat(quoted(10).cost()).isEqualTo(ten.cost()).isGreaterThan(one.cost());
    }

    private NodeReply.Quoted quoted(int length) {
        long command =
                drive.command(
                        new NodeCommand.Quote(
                                ARTEFACT,
                                Limits.DEFAULT,
                                Grants.NONE,
                                Request.post(Bytes.wrap(new byte[length * 100]))));
        return drive.reply(command, NodeReply.Quoted.class);
    }
}
