package orb.tracker;

import static orb.tracker.MembershipTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.ErrorCode;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Response;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.ledger.HostLane;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a hub pays that its hosts remember and it does not. */
class DebtTest {
    private static final int FORGOTTEN = 5; // fewer than a voucher is signed for at once

    private final Market market = new Market();
    private final Scene scene = market.scene;
    private final Host carol = market.carolsNode;
    private FunctionFacts facts;
    private Receipt newest;

    @BeforeEach
    void callThenRestart() {
        facts = market.sponsored(Credits.whole(10), carol);
        for (int i = 0; i < FORGOTTEN; i++) {
            long call = market.call();
            market.answerAll();
            market.called(call);
        }
        newest = carol.newest(facts);
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
        assertThat(carol.vouchers.getLast().voucher().calls()).isEqualTo(FORGOTTEN);
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
        assertThat(carol.vouchers.getLast().voucher().calls()).isEqualTo(FORGOTTEN);
    }

    @Test
    void itPaysNothingThatItCannotHaveForgotten() {
        show(carol, with(HostLane.UNPAID_MAX + 1, newest.amount()).encoded());
        show(carol, with(FORGOTTEN, Credits.whole(9)).encoded());
        assertThat(scene.asksTo(carol.id)).isEmpty();
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
    void aReceiptOfAnotherHostAndOneThatIsNoneAreRefused() {
        market.dansNode.join();
        assertThat(refused(show(market.dansNode, newest.encoded())))
                .isEqualTo(ErrorCode.PROOF_REFUSED);
        assertThat(refused(show(carol, Bytes.utf8("no receipt"))))
                .isEqualTo(ErrorCode.MALFORMED_BYTES);
    }

    private Receipt with(long sequence, Credits amount) {
        Receipt r = newest;
        return new Receipt(
                r.lane(),
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
