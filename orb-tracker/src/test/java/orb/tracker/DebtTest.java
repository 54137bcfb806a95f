package orb.tracker;

import static orb.tracker.MembershipTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.ErrorCode;
import orb.kernel.Lane;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Response;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.ledger.HostLane;
import orb.ledger.Voucher;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a hub pays that its hosts remember and it does not. */
class DebtTest {
    /** A voucher covers the first eight, and the hub forgets the five that came after it. */
    private static final int CALLS = 13;

    private final Market market = new Market();
    private final Scene scene = market.scene;
    private final Host carol = market.carolsNode;
    private FunctionFacts facts;
    private Receipt newest;

    @BeforeEach
    void callThenRestart() {
        facts = market.sponsored(Credits.whole(10), carol);
        for (int i = 0; i < CALLS; i++) {
            long call = market.call();
            market.answerAll();
            market.called(call);
        }
        newest = carol.newest(facts);
        assertThat(carol.vouchers.getLast().voucher().calls()).isBetween(1L, CALLS - 1L);
        scene.restart();
        carol.join();
    }

    private Message show(Host host, Bytes receipt) {
        return scene.asked(host.id, new Calling.Owed(receipt));
    }

    @Test
    void itPaysWhatAHostShowsWithoutACallOnTheLane() {
        assertThat(show(carol, newest.encoded())).isEqualTo(new Message.Done());
        carol.answerAll();
        assertThat(carol.vouchers.getLast().voucher().calls()).isEqualTo(CALLS);
        assertThat(carol.vouchers.getLast().voucher().amount()).isEqualTo(newest.amount());
    }

    @Test
    void aVoucherThatWasLostOnItsWayIsSentAgain() {
        show(carol, newest.encoded());
        carol.losesVouchers = true;
        carol.answerAll();
        carol.losesVouchers = false;
        carol.vouchers.clear();

        show(carol, newest.encoded());
        carol.answerAll();
        assertThat(carol.vouchers.getLast().voucher().calls()).isEqualTo(CALLS);
    }

    @Test
    void itPaysNothingThatItCannotHaveForgotten() {
        Voucher.Signed before = carol.vouchers.getLast();
        show(carol, with(CALLS + HostLane.UNPAID_MAX, newest.amount()).encoded());
        show(carol, with(CALLS, Credits.whole(9)).encoded());
        assertThat(scene.asksTo(carol.id, Calling.Pay.class))
                .as("the voucher that it had before, and no other")
                .extracting(pay -> Voucher.Signed.decode(pay.voucher()).orThrow().voucher())
                .containsOnly(before.voucher());
    }

    @Test
    void itPaysNoHostWhoseLaneIsBroken() {
        show(carol, newest.encoded());
        carol.answerAll();
        carol.serve(facts);
        carol.lies = DebtTest::withAnotherAnswer;
        market.call();
        market.answerAll();
        carol.lies = message -> message;
        int paid = carol.vouchers.size();
        scene.restart();
        carol.join();
        assertThat(show(carol, carol.newest(facts).encoded())).isEqualTo(new Message.Done());
        assertThat(scene.asksTo(carol.id, Calling.Pay.class)).isEmpty();
        assertThat(carol.vouchers).hasSize(paid);
    }

    private static Message withAnotherAnswer(Message message) {
        return message instanceof Calling.Invoked said
                ? new Calling.Invoked(
                        new Outcome.Completed(Response.ok(Bytes.utf8("6")), Scene.FUEL),
                        said.host(),
                        said.receipt(),
                        said.timing())
                : message;
    }

    @Test
    void itPaysNoPeerThatItNeverCalled() {
        Host dan = market.dansNode;
        dan.join();
        Lane never = new Lane(newest.lane().channel(), dan.id, newest.lane().function());
        show(dan, with(never, 2, newest.price()).encoded());
        assertThat(scene.asksTo(dan.id, Calling.Pay.class)).isEmpty();
    }

    @Test
    void aReceiptOfAnotherHostAndOneThatIsNoneAreRefused() {
        market.dansNode.join();
        assertThat(refused(show(market.dansNode, newest.encoded())))
                .isEqualTo(ErrorCode.UNKNOWN_CHANNEL);
        assertThat(refused(show(carol, Bytes.utf8("no receipt"))))
                .isEqualTo(ErrorCode.MALFORMED_BYTES);
    }

    private Receipt with(long sequence, Credits amount) {
        return with(newest.lane(), sequence, amount);
    }

    private Receipt with(Lane lane, long sequence, Credits amount) {
        Receipt r = newest;
        return new Receipt(
                lane,
                r.artefact(),
                r.version(),
                sequence,
                r.previous(),
                r.input(),
                r.output(),
                r.ending(),
                r.fuel(),
                r.gasSchedule(),
                r.price(),
                r.plan(),
                amount,
                r.call(),
                r.atMillis());
    }
}
