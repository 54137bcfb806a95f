package orb.ledger;

import static orb.ledger.LaneTest.PLENTY;
import static orb.ledger.LaneTest.serve;
import static orb.ledger.LaneTest.terms;
import static orb.ledger.LaneTest.voucher;
import static orb.ledger.LaneTest.with;
import static orb.ledger.Town.code;
import static orb.ledger.Town.key;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.Credits;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Receipt;
import orb.kernel.Result;
import org.junit.jupiter.api.Test;

/** Lanes whose host or payer crashed and lost its last receipts. */
final class LaneRecoveryTest {
    private static Receipt call(PayerLane payer, HostLane host, String call, long fuel) {
        payer.send(Town.digest(call), Town.LIMIT).orThrow();
        Receipt receipt = serve(host, call, fuel);
        payer.receive(receipt, Town.START).orThrow();
        return receipt;
    }

    @Test
    void aHostThatLostReceiptsGivesTheirNumbersAgainAndIsPaidForTheNewOnesAlone() {
        HostLane host = new HostLane(terms("node-a"));
        PayerLane payer = new PayerLane(terms("node-a"), PLENTY);
        List<Receipt> kept = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            kept.add(call(payer, host, "kept " + i, 0));
        }
        call(payer, host, "lost 0", 1_000_000);
        call(payer, host, "lost 1", 1_000_000);
        assertThat(payer.promiseAll().orElseThrow().amount()).isEqualTo(new Credits(600));

        HostLane again = HostLane.resume(host.terms(), kept, Optional.empty());
        call(payer, again, "new 0", 0);
        call(payer, again, "new 1", 0);

        Voucher voucher = payer.promiseAll().orElseThrow();
        assertThat(voucher.calls()).isEqualTo(5);
        assertThat(voucher.amount()).isEqualTo(new Credits(500)).isEqualTo(again.amount());
        assertThat(payer.open()).isZero();
        again.accept(voucher.sign(key("hub"))).orThrow();
        assertThat(again.atRisk()).isZero();
    }

    @Test
    void aHostThatGivesANumberAgainCannotClaimMoreForWhatCameBefore() {
        HostLane host = new HostLane(terms("node-a"));
        PayerLane payer = new PayerLane(terms("node-a"), PLENTY);
        Receipt first = call(payer, host, "a", 0);
        call(payer, host, "b", 0);
        payer.send(Town.digest("c"), Town.LIMIT).orThrow();
        Receipt greedy =
                with(
                        serve(
                                HostLane.resume(host.terms(), List.of(first), Optional.empty()),
                                "c",
                                0),
                        new Credits(100),
                        new Credits(301));

        assertThat(code(payer.receive(greedy, Town.START))).isEqualTo(ErrorCode.PROOF_REFUSED);
        assertThat(payer.amount()).isEqualTo(new Credits(200));
    }

    @Test
    void whatWaitedForAReceiptThatItsHostLostIsNotPaidAndHoldsNoPlace() {
        HostLane host = new HostLane(terms("node-a"));
        PayerLane payer = new PayerLane(terms("node-a"), PLENTY);
        Receipt first = call(payer, host, "a", 0);
        serve(host, "its answer is lost", 0);
        call(payer, host, "early", 0);
        assertThat(payer.hasGap()).isTrue();
        assertThat(payer.sequence()).isEqualTo(1);

        HostLane again = HostLane.resume(host.terms(), List.of(first), Optional.empty());
        call(payer, again, "b", 0);
        call(payer, again, "c", 0);
        call(payer, again, "d", 0);

        assertThat(payer.hasGap()).isFalse();
        assertThat(payer.open()).isZero();
        assertThat(payer.amount()).isEqualTo(again.amount());
    }

    @Test
    void aPayerThatLostReceiptsTakesOneThatIsAheadOnce() {
        HostLane host = new HostLane(terms("node-a"));
        PayerLane before = new PayerLane(terms("node-a"), PLENTY);
        Receipt kept = call(before, host, "kept", 0);
        for (int i = 0; i < 5; i++) {
            call(before, host, "forgotten " + i, 0);
        }
        PayerLane payer = PayerLane.resume(terms("node-a"), PLENTY, Optional.of(kept));
        assertThat(payer.mayHaveForgotten()).isTrue();
        payer.send(Town.digest("x"), Town.LIMIT).orThrow();
        payer.send(Town.digest("y"), Town.LIMIT).orThrow();
        Receipt x = serve(host, "x", 0);
        Receipt y = serve(host, "y", 0);

        payer.receive(y, Town.START).orThrow();
        payer.receive(x, Town.START).orThrow();
        assertThat(payer.sequence()).isEqualTo(8);
        assertThat(payer.amount()).isEqualTo(host.amount());
        assertThat(payer.open()).isZero();
        assertThat(payer.mayHaveForgotten()).isFalse();

        serve(host, "of somebody else", 0);
        call(payer, host, "z", 0);
        assertThat(payer.sequence()).as("the second gap stays").isEqualTo(8);
    }

    @Test
    void aPayerThatLostReceiptsPaysForSixteenAtMostAndNoneAboveTheirLimit() {
        HostLane host = new HostLane(terms("node-a"));
        for (int i = 0; i < 15; i++) {
            serve(host, "forgotten " + i, 0);
        }
        HostLane resumed =
                HostLane.resume(
                        host.terms(),
                        host.unpaid().subList(14, 15),
                        Optional.of(voucher(host, 15, 1_500).sign(key("hub"))));
        Receipt sixteenth = serve(resumed, "x", 0);
        Receipt seventeenth = serve(resumed, "x", 0);
        assertThat(code(ahead(seventeenth))).isEqualTo(ErrorCode.PROOF_REFUSED);
        Credits most = Plan.METERED.priceMax(new Fuel(1)).times(16);
        assertThat(ahead(with(sixteenth, sixteenth.price(), most)).isOk()).isTrue();
        Credits more = most.plus(new Credits(1));
        assertThat(code(ahead(with(sixteenth, sixteenth.price(), more))))
                .isEqualTo(ErrorCode.PROOF_REFUSED);
    }

    private static Result<Receipt> ahead(Receipt receipt) {
        PayerLane payer = PayerLane.resume(terms("node-a"), PLENTY, Optional.empty());
        payer.send(receipt.call(), new Fuel(1)).orThrow();
        return payer.receive(receipt, Town.START);
    }

    @Test
    void aPayerThatForgotSixteenCallsCatchesUpByTheNewestOfThem() {
        HostLane host = new HostLane(terms("node-a"));
        for (int i = 0; i < HostLane.UNPAID_MAX; i++) {
            serve(host, "forgotten " + i, 0);
        }
        Receipt newest = host.unpaid().getLast();
        PayerLane payer = PayerLane.resume(terms("node-a"), PLENTY, Optional.empty());

        payer.catchUp(newest, Town.LIMIT, Town.START).orThrow();
        host.accept(payer.promiseAll().orElseThrow().sign(key("hub"))).orThrow();
        call(payer, host, "next", 0);
        assertThat(payer.amount()).isEqualTo(host.amount());
        assertThat(code(payer.catchUp(serve(host, "more", 0), Town.LIMIT, Town.START)))
                .as("it has forgotten nothing since")
                .isEqualTo(ErrorCode.PROOF_REFUSED);
    }

    @Test
    void nobodyCatchesUpWithAReceiptThatClaimsTooMuch() {
        HostLane host = new HostLane(terms("node-a"));
        Receipt first = serve(host, "a", 0);
        PayerLane payer = PayerLane.resume(terms("node-a"), PLENTY, Optional.empty());
        Receipt second = serve(host, "b", 0);
        Credits most = Plan.METERED.priceMax(new Fuel(1));
        Credits tooMuch = most.times(2).plus(new Credits(1));

        assertThat(code(payer.catchUp(with(second, most, tooMuch), new Fuel(1), Town.START)))
                .isEqualTo(ErrorCode.PROOF_REFUSED);
        assertThat(payer.catchUp(first, new Fuel(1), Town.START).isOk()).isTrue();
    }
}
