package orb.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Lane;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.ledger.Entry;
import orb.ledger.HostLane;
import orb.ledger.PayerLane;
import orb.ledger.Plan;
import orb.ledger.Voucher;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls that went from payer to host while their hub was away, and what it makes of them. */
final class PassedByTest {
    private static final int DIRECT = 5;

    private final Market market = new Market();
    private final Scene scene = market.scene;
    private final Host carol = market.carolsNode;
    private FunctionFacts facts;
    private Digest channel;
    private PayerLane lane;
    private int made;

    @BeforeEach
    void open() {
        facts = market.function("add", Plan.METERED, carol);
        channel =
                market.bob.locks(
                        Credits.whole(10),
                        market.bob.wallet.publicKey(),
                        new Entry.Purpose.Calls());
        HostLane.Terms terms =
                new HostLane.Terms(
                        Scene.GENESIS.network(),
                        new Lane(channel, carol.id, facts.id()),
                        Plan.METERED,
                        Scene.SELF,
                        List.of(market.bob.wallet.publicKey()),
                        HostLane.UNPAID_MAX);
        lane = new PayerLane(terms, Credits.whole(10));
    }

    private Calling.Invoke call(Credits slice) {
        Digest call = Digest.of(Bytes.utf8("bob's call " + made++));
        lane.send(call, facts.limits().fuel()).orThrow();
        return new Calling.Invoke(
                call,
                facts.name(),
                Optional.of(new Calling.Payment(channel, slice)),
                Person.SAMPLE,
                Duration.ofSeconds(30));
    }

    private Receipt takes(Message answer) {
        Receipt receipt = Receipt.decode(((Calling.Invoked) answer).receipt()).orThrow();
        return lane.receive(receipt, scene.now).orThrow();
    }

    /** Through the hub. */
    private Receipt routed() {
        long asked = scene.ask(market.bobsNode.id, call(Credits.ZERO));
        carol.answerAll();
        Calling.Invoked answer = (Calling.Invoked) scene.answer(asked);
        assertThat(answer.outcome()).isInstanceOf(Outcome.Completed.class);
        return takes(answer);
    }

    /** Past the hub. */
    private Receipt direct() {
        return takes(carol.answer(call(Credits.whole(10))));
    }

    private Message pay(Voucher voucher, Bytes last) {
        Bytes paper = voucher.sign(market.bob.wallet).encoded();
        long paid = scene.ask(market.bobsNode.id, new Calling.Pay(carol.id, paper, last));
        carol.answerAll();
        return scene.answer(paid);
    }

    private Voucher owed() {
        return lane.promiseAll().orElseThrow();
    }

    @Test
    void itPaysThemAndTheLaneGoesOnAfterThem() {
        routed();
        Receipt last = direct();
        for (int i = 1; i < DIRECT; i++) {
            last = direct();
        }

        assertThat(pay(owed(), last.encoded())).isInstanceOf(Message.Done.class);
        for (int i = 0; i < 3 * HostLane.UNPAID_MAX; i++) {
            Receipt next = routed();
            assertThat(next.sequence()).isEqualTo(2L + DIRECT + i);
            if (i % 8 == 7) {
                assertThat(pay(owed(), next.encoded())).isInstanceOf(Message.Done.class);
            }
        }
    }

    @Test
    void aLaneThatItNeverSawGoesOnToo() {
        Receipt last = direct();

        assertThat(pay(owed(), last.encoded())).isInstanceOf(Message.Done.class);
        assertThat(routed().sequence()).isEqualTo(2);
        assertThat(pay(owed(), Bytes.EMPTY)).isInstanceOf(Message.Done.class);
    }

    @Test
    void whatItLearnedOutlivesItsProcess() {
        Receipt last = direct();
        pay(owed(), last.encoded());
        scene.restart();
        carol.join();
        carol.serve(facts);
        market.bobsNode.join();

        assertThat(routed().sequence()).isEqualTo(2);
    }

    @Test
    void withoutTheReceiptTheHostIsPaidAllTheSame() {
        routed();
        direct();

        assertThat(pay(owed(), Bytes.EMPTY)).isInstanceOf(Message.Done.class);
        assertThat(carol.vouchers.getLast().voucher().calls()).isEqualTo(2);
    }

    @Test
    void nothingIsKeptForAHostThatIsNotLinkedAndItIsPaidOnceItIs() {
        Receipt last = direct();
        scene.cut(carol.id, "it is gone");
        Voucher owed = owed();

        assertThat(pay(owed, last.encoded()))
                .isInstanceOfSatisfying(
                        Message.Refused.class,
                        refused ->
                                assertThat(refused.refusal().code())
                                        .isEqualTo(ErrorCode.UNKNOWN_PEER));
        assertThat(scene.asksTo(carol.id)).isEmpty();
        carol.join();
        assertThat(pay(owed, last.encoded())).isInstanceOf(Message.Done.class);
    }

    @Test
    void aVoucherBeyondTheChannelIsNotCountersigned() {
        Voucher good = Voucher.upTo(direct(), Scene.GENESIS.network());
        Voucher greedy =
                new Voucher(
                        good.network(), good.lane(), good.plan(), good.calls(), Credits.whole(11));

        assertThat(pay(greedy, Bytes.EMPTY)).isInstanceOf(Message.Refused.class);
        assertThat(carol.vouchers).isEmpty();
    }

    @Test
    void whatTheHostDoesNotTakeChangesNothing() {
        Receipt first = routed();
        Voucher madeUp =
                new Voucher(
                        Scene.GENESIS.network(),
                        first.lane(),
                        first.plan(),
                        first.sequence() + 7,
                        first.amount().times(8));

        assertThat(pay(madeUp, first.encoded()))
                .isInstanceOfSatisfying(
                        Message.Refused.class,
                        refused ->
                                assertThat(refused.refusal().code())
                                        .isEqualTo(ErrorCode.BAD_VOUCHER));
        assertThat(routed().sequence()).isEqualTo(2);
    }
}
