package orb.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.Request;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Calling;
import orb.kernel.message.Message;
import orb.kernel.port.Event;
import orb.ledger.HostLane;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls that callers send themselves, while the hub of their channel is away. */
final class DirectHostingTest extends HostedFunction {
    private static final NodeId CALLER = NodeId.of(Drive.key(90).publicKey());
    private static final Duration WHILE = Duration.ofMinutes(2);

    @BeforeEach
    void callOnceAndLoseTheHub() {
        receipt(invoke());
        drive.event(new Event.Unlinked(tracker.id, "it is gone"));
    }

    private Calling.Invoke wanted(Digest of, Request request) {
        Calling.Payment payment = new Calling.Payment(of, Credits.ZERO);
        return new Calling.Invoke(
                id(++calls), facts.name(), Optional.of(payment), request, patience);
    }

    private Calling.Direct signed(Calling.Invoke call, Duration life, KeyPair wallet) {
        long until = drive.now.plus(life).toEpochMilli();
        return Calling.Direct.sign(call, Drive.GENESIS.network(), drive.node.id(), until, wallet);
    }

    private long direct() {
        return drive.asked(CALLER, signed(wanted(channel, REQUEST), WHILE, BOB));
    }

    private ErrorCode refused(Calling.Direct call) {
        return drive.refusedAs(drive.asked(CALLER, call));
    }

    @Test
    void oneThatThePayerSignedIsRunAndCountedOnTheLane() {
        Receipt receipt = receipt(direct());

        assertThat(receipt.sequence()).isEqualTo(2);
        assertThat(receipt.lane()).isEqualTo(lane());
        assertThat(receipt.price()).isEqualTo(PRICE);
    }

    @Test
    void itBearsAsManyAsItLetsGoUnpaidAndThenShowsWhatIsOwed() {
        for (int i = 1; i < HostLane.UNPAID_MAX; i++) {
            receipt(direct());
        }
        Receipt newest = receipt(direct()); // refused: it carries the newest of the lane

        assertThat(newest.sequence()).isEqualTo(HostLane.UNPAID_MAX);
        assertThat(drive.refusedAs(direct())).isEqualTo(ErrorCode.UNPAID);
        tracker.link(drive);
        assertThat(pay(newest)).isInstanceOf(Message.Done.class);
        drive.event(new Event.Unlinked(tracker.id, "it is gone again"));
        assertThat(receipt(direct()).sequence()).isEqualTo(HostLane.UNPAID_MAX + 1);
    }

    @Test
    void whileTheHubIsThereCallsGoThroughIt() {
        tracker.link(drive);

        assertThat(drive.refusedAs(direct())).isEqualTo(ErrorCode.UNPAID);
    }

    @Test
    void oneThatNobodyWhoMaySpendSignedForThisHostAndRequestIsRefused() {
        Calling.Invoke call = wanted(channel, REQUEST);
        Calling.Direct good = signed(call, WHILE, BOB);
        Calling.Direct elsewhere =
                Calling.Direct.sign(call, Drive.GENESIS.network(), CALLER, good.untilMillis(), BOB);
        Calling.Direct changed =
                new Calling.Direct(
                        good.call(),
                        good.function(),
                        good.channel(),
                        Request.post(Bytes.utf8("another input")),
                        good.deadline(),
                        good.untilMillis(),
                        good.authority());
        Calling.Direct longer =
                new Calling.Direct(
                        good.call(),
                        good.function(),
                        good.channel(),
                        good.request(),
                        good.deadline(),
                        good.untilMillis() + 1,
                        good.authority());

        assertThat(refused(signed(call, WHILE, Drive.key(91)))).isEqualTo(ErrorCode.BAD_SIGNATURE);
        assertThat(refused(elsewhere)).isEqualTo(ErrorCode.BAD_SIGNATURE);
        assertThat(refused(changed)).isEqualTo(ErrorCode.BAD_SIGNATURE);
        assertThat(refused(longer)).isEqualTo(ErrorCode.BAD_SIGNATURE);
        assertThat(drive.runs).isEmpty();
        receipt(drive.asked(CALLER, good)); // what was refused did not use the call up
    }

    @Test
    void oneThatIsTooLateOrSignedForTooLongIsRefused() {
        Calling.Invoke call = wanted(channel, REQUEST);

        assertThat(refused(signed(call, Duration.ZERO, BOB))).isEqualTo(ErrorCode.ENTRY_EXPIRED);
        assertThat(refused(signed(call, Hosting.DIRECT_MAX.plusMillis(1), BOB)))
                .isEqualTo(ErrorCode.ENTRY_EXPIRED);
        receipt(drive.asked(CALLER, signed(call, Hosting.DIRECT_MAX, BOB)));
    }

    @Test
    void aChannelThatNoHubShowedPaysForNothing() {
        Digest unknown = Digest.of(Bytes.utf8("nobody opened it"));

        assertThat(refused(signed(wanted(unknown, REQUEST), WHILE, BOB)))
                .isEqualTo(ErrorCode.UNKNOWN_CHANNEL);
        assertThat(drive.asks).noneMatch(ask -> ask.peer().equals(CALLER));
    }

    @Test
    void oneThatWasHereBeforeDoesNotRunAgain() {
        Calling.Direct call = signed(wanted(channel, REQUEST), WHILE, BOB);
        receipt(drive.asked(CALLER, call));

        assertThat(refused(call)).isEqualTo(ErrorCode.REPLAYED_ENTRY);
    }

    @Test
    void anAnswerThatReachesNobodyIsNotCharged() {
        drive.function = Optional.empty();
        long question = direct();
        drive.event(new Event.Unlinked(CALLER, "it is gone too"));
        drive.ran(drive.runs.getLast(), Drive.ECHO.apply(REQUEST));

        assertThat(drive.refusedAs(question)).isEqualTo(ErrorCode.PEER_LOST);
        drive.function = Optional.of(Drive.ECHO);
        assertThat(receipt(direct()).sequence()).isEqualTo(2);
    }
}
