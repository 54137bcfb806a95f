package orb.tracker;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.ledger.HostLane;
import orb.ledger.PayerLane;
import orb.ledger.Plan;
import orb.ledger.Voucher;

/**
 * What one lane owes, as its hub sees it: calls that are out, receipts that came, the last one that
 * was promised.
 *
 * <p>After a restart the hub has forgotten receipts that no voucher covered yet, at most as many as
 * a host lets go unpaid. The first receipt that comes then may be that far ahead of what was kept,
 * and may cost that much more; from it on the chain is checked without a gap again. Not
 * thread-safe.
 */
final class Tab {
    private final boolean isSignedHere;
    private final Map<Digest, Fuel> out = new LinkedHashMap<>();
    private final NavigableMap<Long, Receipt> receipts = new TreeMap<>();
    private PayerLane lane;
    private boolean isResumed;
    private boolean isResynced;

    /**
     * A lane that is not used yet, or was before a restart.
     *
     * @param lane its state
     * @param isSignedHere whether this tracker signs its vouchers
     * @param isResumed whether receipts may have been forgotten
     */
    Tab(PayerLane lane, boolean isSignedHere, boolean isResumed) {
        this.lane = lane;
        this.isSignedHere = isSignedHere;
        this.isResumed = isResumed;
    }

    PayerLane lane() {
        return lane;
    }

    boolean isSignedHere() {
        return isSignedHere;
    }

    /** Whether no call is out and none can be sent: the host gave no receipt for an earlier one. */
    boolean isStuck() {
        return out.isEmpty() && lane.open() > 0;
    }

    /** Whether a call is out. */
    boolean isOut() {
        return !out.isEmpty();
    }

    /** Notes a call before it is sent; the amount that must be covered for it. */
    Result<Credits> send(Digest call, Fuel limit) {
        Result<Credits> needs = lane.send(call, limit);
        if (needs.isOk()) {
            out.put(call, limit);
        }
        return needs;
    }

    /** What the host may have earned that this hub has forgotten, at most. */
    Credits forgotten(Fuel limit) {
        return isResumed
                ? lane.terms().plan().priceMax(limit).times(HostLane.UNPAID_MAX)
                : Credits.ZERO;
    }

    /** The host did not start the call. */
    void notStarted(Digest call) {
        out.remove(call);
        lane.refused(call);
    }

    /** The call is out no longer, and a receipt for it may come yet. */
    void lost(Digest call) {
        out.remove(call);
    }

    /** Takes the receipt of a call; whether it follows the others, or what is wrong with it. */
    Result<Receipt> receive(Receipt receipt, Instant now) {
        Fuel limit = out.remove(receipt.call());
        if (isResumed && limit != null && receipt.sequence() != lane.sequence() + 1) {
            return resync(receipt, limit);
        }
        boolean isOld = receipt.sequence() <= lane.sequence();
        Result<Receipt> taken = lane.receive(receipt, now);
        if (isOld) {
            lane.refused(receipt.call()); // its price is in the sum already
        } else if (taken.isOk()) {
            isResumed = false;
            receipts.put(receipt.sequence(), receipt);
        }
        return taken;
    }

    private Result<Receipt> resync(Receipt receipt, Fuel limit) {
        HostLane.Terms terms = lane.terms();
        Plan plan = terms.plan();
        Credits callMost = plan.priceMax(limit);
        long ahead = receipt.sequence() - lane.sequence();
        Credits more = receipt.amount().minus(lane.amount());
        boolean fits =
                receipt.lane().equals(terms.lane())
                        && receipt.plan().equals(plan.hash())
                        && receipt.fuel().compareTo(limit) <= 0
                        && receipt.price().equals(plan.price(receipt.ending(), receipt.fuel()))
                        && ahead > 0
                        && ahead <= HostLane.UNPAID_MAX + 1L
                        && more.compareTo(receipt.price()) >= 0
                        && more.compareTo(callMost.times(ahead)) <= 0;
        if (!fits) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.PROOF_REFUSED,
                            String.format(
                                    "the receipt of call %s has number %d and sum %s, and the last"
                                            + " that was kept has %d and %s",
                                    receipt.call(),
                                    receipt.sequence(),
                                    receipt.amount(),
                                    lane.sequence(),
                                    lane.amount()),
                            "use another host"));
        }
        Credits budget = lane.needs().plus(callMost.times(HostLane.UNPAID_MAX + 1L));
        lane = PayerLane.resume(terms, budget, receipt);
        out.forEach(lane::send);
        isResumed = false;
        isResynced = true;
        receipts.put(receipt.sequence(), receipt);
        return Result.ok(receipt);
    }

    /** The voucher to sign now, if one is due. */
    Optional<Voucher> due(Instant now) {
        if (isResynced) { // what the lane takes for promised was not sent yet
            isResynced = false;
            return lane.promised();
        }
        return lane.due(now);
    }

    /** Whether receipts came that no voucher covers. */
    boolean isUnpromised() {
        return lane.sequence() > lane.promised().map(Voucher::calls).orElse(0L);
    }

    /** The last receipt without a gap, which a voucher for all of them ends with. */
    Optional<Receipt> last() {
        receipts.headMap(lane.sequence(), false).clear();
        return Optional.ofNullable(receipts.get(lane.sequence()));
    }
}
