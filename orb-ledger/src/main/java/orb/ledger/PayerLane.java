package orb.ledger;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Result;

/**
 * The payer's side of a lane, or its delegate's: checks each receipt and decides when to promise.
 *
 * <p>A receipt counts only if it answers a call that was made, costs what the plan says for at most
 * the fuel that was allowed, and follows the one before. Receipts may arrive in any order.
 * Invariant: what was promised never exceeds the budget. A voucher is due when half of what the
 * host lets go unpaid has come in, or a second after the first unpromised receipt. Pure; not
 * thread-safe.
 */
public final class PayerLane {
    /** A receipt waits at most this long for its voucher. */
    public static final Duration PROMISE_AFTER = Duration.ofSeconds(1);

    private final HostLane.Terms terms;
    private final Map<Digest, Sent> sent = new LinkedHashMap<>();
    private final Map<Long, Receipt> early = new TreeMap<>();
    private Credits budget;
    private Credits reserved = Credits.ZERO;
    private long sequence;
    private Digest head = Digest.ZERO;
    private Credits amount = Credits.ZERO;
    private long promisedCalls;
    private Optional<Instant> oldest = Optional.empty();
    private Optional<Voucher> promised = Optional.empty();

    private record Sent(Fuel limit, Credits most) {}

    /** A lane that may cost this much over its life. */
    public PayerLane(HostLane.Terms terms, Credits budget) {
        this.terms = terms;
        this.budget = budget;
    }

    /** A lane as it was before a restart: nothing is on its way, and this receipt was the last. */
    public static PayerLane resume(HostLane.Terms terms, Credits budget, Receipt last) {
        require(last.lane().equals(terms.lane()), "%s is not %s", last.lane(), terms.lane());
        require(
                last.amount().compareTo(budget) <= 0,
                "%s was promised of a budget of %s",
                last.amount(),
                budget);
        PayerLane lane = new PayerLane(terms, budget);
        lane.sequence = last.sequence();
        lane.head = last.digest();
        lane.amount = last.amount();
        lane.promisedCalls = last.sequence();
        lane.promised = Optional.of(lane.voucher());
        return lane;
    }

    public HostLane.Terms terms() {
        return terms;
    }

    /** Allows the lane to cost more; a lower budget than before changes nothing. */
    public void raiseBudget(Credits to) {
        budget = to.compareTo(budget) > 0 ? to : budget;
    }

    /**
     * Notes a call before it is sent.
     *
     * @return the cumulative amount that the lane needs covered for it, or {@code ORB-0407} if that
     *     is above the budget, {@code ORB-0409} if the host would not take another call yet, {@code
     *     ORB-0403} if this call is on its way already
     */
    public Result<Credits> send(Digest call, Fuel limit) {
        if (sent.containsKey(call)) {
            return refuse(
                    ErrorCode.REPLAYED_ENTRY, "call " + call + " is on its way already", "wait");
        }
        if (sent.size() + sequence - promisedCalls >= terms.unpaidMax()) {
            return refuse(
                    ErrorCode.UNPAID,
                    terms.unpaidMax() + " calls on lane " + terms.lane() + " are open",
                    "send the voucher that is due, or use another host");
        }
        Credits most = terms.plan().priceMax(limit);
        Credits needs = needs().plus(most);
        if (needs.compareTo(budget) > 0) {
            return refuse(
                    ErrorCode.CHANNEL_EXHAUSTED,
                    "lane " + terms.lane() + " could cost " + needs + " of a budget of " + budget,
                    "top the channel up");
        }
        sent.put(call, new Sent(limit, most));
        reserved = reserved.plus(most);
        return Result.ok(needs);
    }

    /** The host did not start this call, so no receipt will come. */
    public void refused(Digest call) {
        Optional.ofNullable(sent.remove(call))
                .ifPresent(known -> reserved = reserved.minus(known.most));
    }

    /**
     * Takes a receipt.
     *
     * @return the receipt, also if it was here before; or {@code ORB-0701} saying what is wrong
     *     with it, which is a reason not to use that host again
     */
    public Result<Receipt> receive(Receipt receipt, Instant now) {
        if (receipt.sequence() <= sequence || receipt.equals(early.get(receipt.sequence()))) {
            return Result.ok(receipt);
        }
        Sent known = sent.get(receipt.call());
        if (known == null) {
            return wrong(receipt, "answers no call that is open");
        }
        return problem(receipt, known)
                .map(what -> wrong(receipt, what))
                .orElseGet(() -> take(receipt, known, now));
    }

    private static Result<Receipt> wrong(Receipt receipt, String what) {
        return refuse(
                ErrorCode.PROOF_REFUSED,
                "the receipt of call " + receipt.call() + " " + what,
                "use another host");
    }

    private Optional<String> problem(Receipt receipt, Sent known) {
        if (!receipt.lane().equals(terms.lane()) || !receipt.plan().equals(terms.plan().hash())) {
            return Optional.of("is of another lane or plan than " + terms.lane());
        }
        if (receipt.fuel().compareTo(known.limit) > 0) {
            return Optional.of("claims " + receipt.fuel() + " of at most " + known.limit);
        }
        Credits price = terms.plan().price(receipt.ending(), receipt.fuel());
        if (!receipt.price().equals(price)) {
            return Optional.of("asks " + receipt.price() + " where the plan says " + price);
        }
        if (receipt.sequence() > sequence + terms.unpaidMax()
                || early.containsKey(receipt.sequence())) {
            return Optional.of(
                    "has number " + receipt.sequence() + ", and the last was " + sequence);
        }
        return receipt.sequence() == sequence + 1 ? follows(receipt) : Optional.empty();
    }

    private Optional<String> follows(Receipt receipt) {
        if (!receipt.previous().equals(head)) {
            return Optional.of("does not follow the receipt before it");
        }
        Credits sum = amount.plus(receipt.price());
        return receipt.amount().equals(sum)
                ? Optional.empty()
                : Optional.of("sums up to " + receipt.amount() + " instead of " + sum);
    }

    private Result<Receipt> take(Receipt receipt, Sent known, Instant now) {
        if (receipt.sequence() != sequence + 1) {
            early.put(receipt.sequence(), receipt);
            return Result.ok(receipt);
        }
        sent.remove(receipt.call());
        reserved = reserved.minus(known.most);
        sequence = receipt.sequence();
        head = receipt.digest();
        amount = receipt.amount();
        oldest = Optional.of(oldest.orElse(now));
        Optional<Receipt> next = Optional.ofNullable(early.remove(sequence + 1));
        // an early one that turns out not to follow is dropped: the chain ends where it was broken
        next.ifPresent(waiting -> receive(waiting, now));
        return Result.ok(receipt);
    }

    /** The voucher to sign now, if one is due; it counts as promised from then on. */
    public Optional<Voucher> due(Instant now) {
        long open = sequence - promisedCalls;
        boolean many = open >= Math.max(1, terms.unpaidMax() / 2);
        boolean late = oldest.filter(at -> !now.isBefore(at.plus(PROMISE_AFTER))).isPresent();
        return open > 0 && (many || late) ? Optional.of(promise()) : Optional.empty();
    }

    /** A voucher for all receipts so far, due or not; empty before the first. */
    public Optional<Voucher> promiseAll() {
        return sequence > promisedCalls ? Optional.of(promise()) : promised;
    }

    /** The last voucher, to be sent again where it may have been lost. */
    public Optional<Voucher> promised() {
        return promised;
    }

    private Voucher promise() {
        Voucher voucher = voucher();
        promisedCalls = sequence;
        oldest = Optional.empty();
        promised = Optional.of(voucher);
        return voucher;
    }

    private Voucher voucher() {
        return new Voucher(terms.network(), terms.lane(), terms.plan().hash(), sequence, amount);
    }

    /** The cumulative amount that must be covered for what was made and what is on its way. */
    public Credits needs() {
        return amount.plus(reserved);
    }

    /** What all receipts so far cost together. */
    public Credits amount() {
        return amount;
    }

    /** Receipts so far, without a gap. */
    public long sequence() {
        return sequence;
    }

    /** Calls whose receipts have not come, or not in order. */
    public int open() {
        return sent.size();
    }

    private static <T> Result<T> refuse(ErrorCode code, String what, String next) {
        return Result.refused(new Refusal(code, what, next));
    }
}
