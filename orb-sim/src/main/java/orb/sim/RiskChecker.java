package orb.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import orb.kernel.Credits;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.Result;
import orb.kernel.message.Calling;
import orb.kernel.message.Message;
import orb.ledger.HostLane;
import orb.ledger.Registered;
import orb.ledger.Voucher;

/**
 * Holds hosts to their own safety: none works for more calls than it can bear to lose, and what it
 * was promised it turns into pay.
 */
final class RiskChecker implements Checker {
    /**
     * Whatever was promised this long before the end is paid by then: two epochs, and some more.
     */
    private static final Duration PATIENCE = Settings.EPOCH.multipliedBy(2).plusSeconds(2);

    private final Supplier<Instant> clock;
    private final NavigableMap<Lane, Voucher> accepted = new TreeMap<>();
    private final NavigableMap<Lane, Held> held = new TreeMap<>();
    private final List<String> found = new ArrayList<>();

    private record Held(Voucher voucher, Instant since) {}

    RiskChecker(Supplier<Instant> clock) {
        this.clock = clock;
    }

    @Override
    public void said(Said said) {
        if (said.question() instanceof Calling.Pay(_, var bytes, _)
                && said.answer() instanceof Message.Done
                && Voucher.Signed.decode(bytes) instanceof Result.Ok<Voucher.Signed>(var signed)
                && signed.voucher().lane().host().equals(said.answerer())) {
            Voucher voucher = signed.voucher();
            accepted.merge(
                    voucher.lane(), voucher, (old, now) -> now.calls() > old.calls() ? now : old);
            held.merge(
                    voucher.lane(),
                    new Held(voucher, clock.get()),
                    (old, now) -> now.voucher.calls() > old.voucher.calls() ? now : old);
        }
        if (said.answer() instanceof Calling.Invoked invoked
                && Receipt.decode(invoked.receipt()) instanceof Result.Ok<Receipt>(var receipt)
                && receipt.lane().host().equals(said.answerer())) {
            atRisk(receipt);
        }
    }

    private void atRisk(Receipt receipt) {
        long covered =
                Optional.ofNullable(accepted.get(receipt.lane())).map(Voucher::calls).orElse(0L);
        if (receipt.sequence() - covered > HostLane.UNPAID_MAX) {
            found.add(
                    String.format(
                            "on lane %s call %d was run, and %d are paid for",
                            receipt.lane(), receipt.sequence(), covered));
        }
    }

    @Override
    public void crashed(NodeId peer) {
        // a voucher that came in the disk's last moments is lost; the next one makes up for it
        held.keySet().removeIf(lane -> lane.host().equals(peer));
    }

    @Override
    public List<String> violations(Replay replay) {
        List<String> all = new ArrayList<>(found);
        Instant latest = clock.get().minus(PATIENCE);
        held.forEach((lane, last) -> {
            Voucher voucher = last.voucher;
            Credits paid =
                    replay.ledger().payout(lane).map(Registered.Payout::paid).orElse(Credits.ZERO);
            if (last.since.isBefore(latest) && paid.compareTo(voucher.amount()) < 0) {
                all.add(
                        String.format(
                                "host %s holds a voucher of %s on lane %s and was paid %s",
                                lane.host().brief(), voucher.amount(), lane, paid));
            }
        });
        return all;
    }
}
