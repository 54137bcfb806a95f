package orb.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Timing;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.CallDigest;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.ledger.HostLane;
import orb.ledger.Plan;
import orb.overlay.dht.Key;
import orb.overlay.dht.SeedRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A caller whose trackers are gone finds hosts in the hash table and asks them itself. */
final class DirectCallsTest {
    private static final KeyPair BOB = Drive.key(30);
    private static final Request REQUEST = Request.post(Bytes.utf8("input"));

    private Drive drive;
    private PlainTracker tracker;
    private FunctionFacts facts;
    private final Host first = new Host(31);
    private final Host second = new Host(32);

    /** An honest host, and what it has given receipts for. */
    private final class Host {
        final KeyPair key;
        final NodeId id;
        final Address address;
        final List<Receipt> given = new ArrayList<>();
        private Optional<HostLane> lane = Optional.empty();

        Host(int seed) {
            key = Drive.key(seed);
            id = NodeId.of(key.publicKey());
            address = new Address("127.0.0.1", 9000 + seed);
        }

        Contact contact() {
            return new Contact(id, address);
        }

        Bytes says(int version, Duration life) {
            return new SeedRecord(
                            key.publicKey(),
                            facts.name(),
                            facts.id(),
                            facts.artefact(),
                            version,
                            List.of(address),
                            1,
                            drive.now.plus(life))
                    .sign(key);
        }

        Bytes says() {
            return says(facts.version(), Duration.ofMinutes(10));
        }

        Calling.Invoked run(Calling.Invoke call) {
            Digest channel = call.payment().orElseThrow().channel();
            HostLane counts =
                    lane.orElseGet(() ->
                            new HostLane(
                                    new HostLane.Terms(
                                            Drive.GENESIS.network(),
                                            new Lane(channel, id, facts.id()),
                                            Drive.GENESIS.plan(facts.planHash()).orElseThrow(),
                                            tracker.id,
                                            List.of(LoginTest.wallet().publicKey()),
                                            HostLane.UNPAID_MAX)));
            lane = Optional.of(counts);
            Outcome outcome = Drive.ECHO.apply(call.request());
            Receipt receipt =
                    counts.complete(
                            counts.admitUnpromised(facts.limits().fuel()).orThrow(),
                            new HostLane.Work(
                                    call.call(),
                                    facts.artefact(),
                                    facts.version(),
                                    CallDigest.input(call.request()),
                                    CallDigest.output(outcome),
                                    outcome,
                                    3,
                                    drive.now.toEpochMilli()));
            given.add(receipt);
            return new Calling.Invoked(outcome, id, receipt.encoded(), Timing.NONE);
        }
    }

    @BeforeEach
    void callOnceAndLoseTheTracker() {
        drive = Drive.started(Drive.hostingNothing());
        tracker = new PlainTracker(50).joinedBy(drive);
        LoginTest.logIn(drive, tracker);
        tracker.person(drive, "bob", BOB, first.key);
        tracker.person(drive, "hub", Drive.key(33), tracker.key);
        facts = tracker.deployed(drive, BOB, Drive.key(72), Plan.METERED);
        tracker.calls = invoke -> Optional.of(first.run(invoke));
        long command = call();
        tracker.serve(drive);
        drive.reply(command, NodeReply.Called.class);
        drive.event(new Event.Unlinked(tracker.id, "it is gone"));
    }

    private long call() {
        return drive.command(new NodeCommand.Call(facts.name(), REQUEST, true));
    }

    private void found(Bytes... items) {
        Digest key = Key.of(facts.name()).point();
        assertThat(drive.finds).contains(key);
        drive.finds.clear();
        drive.event(new Event.Found(key, List.of(items)));
    }

    private void link(Host host) {
        assertThat(drive.dials).contains(host.contact());
        drive.dials.remove(host.contact());
        drive.event(new Event.Linked(host.id, host.address, true));
    }

    private Effect.Ask asked(Host host) {
        Effect.Ask ask = drive.takeAsk(Calling.Direct.class);
        assertThat(ask.peer()).isEqualTo(host.id);
        Calling.Direct call = (Calling.Direct) ask.message();
        assertThat(
                        call.isSignedBy(
                                List.of(LoginTest.wallet().publicKey()),
                                Drive.GENESIS.network(),
                                host.id))
                .isTrue();
        assertThat(call.untilMillis() - drive.now.toEpochMilli())
                .isBetween(1L, Hosting.DIRECT_MAX.toMillis());
        return ask;
    }

    private void answer(Effect.Ask ask, Host host) {
        drive.answer(ask, host.run(((Calling.Direct) ask.message()).invoke()));
    }

    private void refuse(Effect.Ask ask, ErrorCode code) {
        drive.answer(ask, new Message.Refused(new Refusal(code, "not here")));
    }

    @Test
    void theHostIsFoundLinkedAskedAndPaidOnceTheHubIsBack() {
        long command = call();
        found(first.says());
        link(first);
        answer(asked(first), first);

        NodeReply.Called called = drive.reply(command, NodeReply.Called.class);
        assertThat(called.host()).isEqualTo(first.id);
        assertThat(called.trail()).isNotEmpty();
        tracker.vouchers.clear();
        tracker.heard.clear();
        tracker.link(drive);
        drive.pass(Duration.ofSeconds(2));
        tracker.serve(drive);
        Receipt last = first.given.getLast();
        assertThat(last.sequence()).isEqualTo(2);
        assertThat(tracker.vouchers.getLast().voucher().endsWith(last)).isTrue();
        assertThat(tracker.heard)
                .filteredOn(Calling.Pay.class::isInstance)
                .extracting(pay -> ((Calling.Pay) pay).last())
                .contains(last.encoded());
    }

    @Test
    void aHostThatIsLinkedIsAskedAtOnceAndLookupsAreRememberedForAWhile() {
        call();
        found(first.says());
        link(first);
        answer(asked(first), first);

        long again = call();
        answer(asked(first), first);
        drive.reply(again, NodeReply.Called.class);
        assertThat(drive.finds).isEmpty();
        drive.pass(Duration.ofSeconds(11));
        call();
        assertThat(drive.finds).hasSize(1);
    }

    @Test
    void theOneThatWasPaidBeforeComesFirstAndTheNextOneIfItDoesNotTakeIt() {
        long command = call();
        found(second.says(), first.says());
        link(first);
        refuse(asked(first), ErrorCode.BUSY);
        link(second);
        answer(asked(second), second);

        assertThat(drive.reply(command, NodeReply.Called.class).host()).isEqualTo(second.id);
    }

    @Test
    void aHostThatDoesNotKnowTheChannelDoesNotMakeThePayerForgetIt() {
        call();
        found(second.says());
        link(second);
        refuse(asked(second), ErrorCode.UNKNOWN_CHANNEL);

        drive.pass(Duration.ofSeconds(11));
        long later = call();
        found(first.says());
        link(first);
        answer(asked(first), first);
        drive.reply(later, NodeReply.Called.class);
    }

    @Test
    void whatIsFalseEndedOrOfAnotherVersionIsPassedOver() {
        byte[] flipped = first.says().toArray();
        flipped[flipped.length - 1] ^= 1;
        long command = call();
        found(
                Bytes.wrap(flipped),
                second.says(facts.version() + 1, Duration.ofMinutes(10)),
                Bytes.utf8("nothing"));

        assertThat(drive.code(command)).isEqualTo(ErrorCode.NOT_CONNECTED);
        assertThat(drive.dials).noneMatch(dial -> dial.id().equals(first.id));
    }

    @Test
    void whoCannotBeReachedIsLeftOutAndWithNobodyLeftTheCallerIsTold() {
        long command = call();
        found(first.says());
        drive.event(
                new Event.DialFailed(
                        first.contact(), new Refusal(ErrorCode.TIMED_OUT, "nobody there")));

        assertThat(drive.code(command)).isEqualTo(ErrorCode.NOT_CONNECTED);
    }

    @Test
    void whoLogsOutMeanwhileSignsNothing() {
        long command = call();
        drive.command(new NodeCommand.LogOut());
        found(first.says());
        link(first);

        assertThat(drive.code(command)).isEqualTo(ErrorCode.NOT_LOGGED_IN);
        assertThat(drive.asks).noneMatch(ask -> ask.message() instanceof Calling.Direct);
    }

    @Test
    void aPostWhoseAnswerIsLostIsNotSentToAnotherHost() {
        long command = call();
        found(first.says(), second.says());
        link(first);
        drive.lose(asked(first), ErrorCode.PEER_LOST);

        assertThat(drive.code(command)).isEqualTo(ErrorCode.PEER_LOST);
        assertThat(drive.asks).noneMatch(ask -> ask.message() instanceof Calling.Direct);
    }
}
