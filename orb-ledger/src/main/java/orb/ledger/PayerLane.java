package orb.ledger;

import static orb.kernel.Require.require;

import java.time.Duration;
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

/**
 * The payer's side of a lane, or its delegate's: checks each receipt and decides when to promise.
 *
 * <p>A receipt counts only if it answers a call that was made, costs what the plan says for at most
 * the fuel that was allowed, and follows the one before. Receipts may arrive in any order; one that
 * does not follow yet waits. Invariant: what was promised never exceeds the budget. A voucher is
 * due when half of what the host lets go unpaid has come in, or a second after the first unpromised
 * receipt.
 *
 * <p>Either side can crash and lose its last moments. A host that lost receipts gives their numbers
 * again: that is taken if it claims no more for what came before than was accepted already, so the
 * host loses what it lost and the payer nothing. A payer that lost receipts takes once, right after
 * it resumed, a receipt that is up to {@link HostLane.Terms#unpaidMax} numbers ahead and costs at
 * most as many calls; a host that lies there gains that much at most. Pure; not thread-safe.
 */
public final class PayerLane {
    /** A receipt waits at most this long for its voucher. */
    public static final Duration PROMISE_AFTER = Duration.ofSeconds(1);

    private final HostLane.Terms terms;
    private final Digest plan; // computed once: it stands in every receipt
    private final Map<Digest, Sent> sent = new LinkedHashMap<>();
    private final NavigableMap<Long, Receipt> early = new TreeMap<>();
    private Optional<Receipt> last = Optional.empty();
    private Digest head = Digest.ZERO;
    private Credits budget;
    private Credits reserved = Credits.ZERO;
    private long promisedCalls;
    private boolean mayHaveForgotten;
    private long skippedAfter; // numbers above this and up to skippedTo were forgotten
    private long skippedTo;
    private Optional<Instant> oldest = Optional.empty();
    private Optional<Voucher> promised = Optional.empty();

    private record Sent(Fuel limit, Credits most) {}

    /** A lane that was never used, and may cost this much over its life. */
    public PayerLane(HostLane.Terms terms, Credits budget) {
        this.terms = terms;
        plan = terms.plan().hash();
        this.budget = budget;
    }

    /**
     * A lane as it was before a restart, as far as that is known: nothing is on its way, and
     * receipts after the last one that was kept may be forgotten.
     *
     * @param last the last receipt that was kept, if any; it counts as promised
     * @throws IllegalArgumentException if it is of another lane or above the budget
     */
    public static PayerLane resume(HostLane.Terms terms, Credits budget, Optional<Receipt> last) {
        PayerLane lane = new PayerLane(terms, budget);
        lane.mayHaveForgotten = true;
        last.ifPresent(receipt -> {
            require(
                    receipt.lane().equals(terms.lane()),
                    "%s is not %s",
                    receipt.lane(),
                    terms.lane());
            require(
                    receipt.amount().compareTo(budget) <= 0,
                    "%s was promised of a budget of %s",
                    receipt.amount(),
                    budget);
            lane.last = last;
            lane.head = receipt.digest();
            lane.promisedCalls = receipt.sequence();
            lane.promised = Optional.of(lane.voucher());
        });
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
        if (sent.size() + sequence() - promisedCalls >= terms.unpaidMax()) {
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
        Sent known = sent.get(receipt.call());
        if (known == null) {
            return receipt.sequence() <= sequence()
                    ? Result.ok(receipt)
                    : wrong(receipt, "answers no call that is open");
        }
        Optional<String> problem =
                problem(receipt, known).or(() -> sumProblem(receipt, known.most));
        if (problem.isPresent()) {
            return wrong(receipt, problem.get());
        }
        take(receipt, now);
        return Result.ok(receipt);
    }

    /**
     * Takes the newest receipt of a host that waits to be paid, where this side may have forgotten
     * that receipt's call; without it, sixteen forgotten calls would stop the lane for ever.
     *
     * @param limit fuel that calls of this lane may use
     * @return the receipt; or {@code ORB-0701} where nothing can be forgotten, or it claims too
     *     much
     */
    public Result<Receipt> catchUp(Receipt newest, Fuel limit, Instant now) {
        Sent any = new Sent(limit, terms.plan().priceMax(limit));
        Optional<String> problem =
                problem(newest, any)
                        .or(() ->
                                newest.sequence() <= sequence() || !mayHaveForgotten
                                        ? Optional.of("pays nothing that is forgotten here")
                                        : sumProblem(newest, any.most));
        if (problem.isPresent()) {
            return wrong(newest, problem.get());
        }
        take(newest, now);
        return Result.ok(newest);
    }

    private static Result<Receipt> wrong(Receipt receipt, String what) {
        return refuse(
                ErrorCode.PROOF_REFUSED,
                "the receipt of call " + receipt.call() + " " + what,
                "use another host");
    }

    private Optional<String> problem(Receipt receipt, Sent known) {
        if (!receipt.lane().equals(terms.lane()) || !receipt.plan().equals(plan)) {
            return Optional.of("is of another lane or plan than " + terms.lane());
        }
        if (receipt.fuel().compareTo(known.limit) > 0) {
            return Optional.of("claims " + receipt.fuel() + " of at most " + known.limit);
        }
        Credits price = terms.plan().price(receipt.ending(), receipt.fuel());
        if (!receipt.price().equals(price)) {
            return Optional.of("asks " + receipt.price() + " where the plan says " + price);
        }
        return receipt.sequence() > sequence() + terms.unpaidMax()
                ? Optional.of("has number " + receipt.sequence() + " after " + sequence())
                : Optional.empty();
    }

    /** Whether the sum that a receipt names can be, for its place. */
    private Optional<String> sumProblem(Receipt receipt, Credits callMost) {
        Credits before = receipt.amount().minus(receipt.price());
        boolean fits =
                switch (place(receipt)) {
                    case NEXT -> before.equals(amount());
                    case AGAIN -> before.compareTo(amount()) <= 0;
                    case AHEAD -> {
                        Credits most = callMost.times(receipt.sequence() - sequence());
                        yield receipt.amount().compareTo(budget) <= 0
                                && receipt.amount().minus(amount()).compareTo(most) <= 0;
                    }
                    case SKIPPED, EARLY -> true;
                };
        return fits
                ? Optional.empty()
                : Optional.of(
                        String.format(
                                "has number %d and sums up to %s, and number %d did to %s",
                                receipt.sequence(), receipt.amount(), sequence(), amount()));
    }

    /** Where a receipt for an open call stands to those before it. */
    private enum Place {
        /** Right after the last. */
        NEXT,
        /** Its number was used: the host lost what it had given it to, and all after that. */
        AGAIN,
        /** Its number was skipped, when this side had lost receipts: its price is in the sum. */
        SKIPPED,
        /** Those between are lost on this side. */
        AHEAD,
        /** Those between are still to come. */
        EARLY
    }

    private Place place(Receipt receipt) {
        long number = receipt.sequence();
        if (number <= sequence()) {
            return number > skippedAfter && number < skippedTo ? Place.SKIPPED : Place.AGAIN;
        }
        if (number == sequence() + 1 && receipt.previous().equals(head)) {
            return Place.NEXT;
        }
        return mayHaveForgotten ? Place.AHEAD : Place.EARLY;
    }

    private void take(Receipt receipt, Instant now) {
        switch (place(receipt)) {
            case SKIPPED -> refused(receipt.call());
            case EARLY -> {
                Receipt other = early.put(receipt.sequence(), receipt);
                if (other != null && !other.equals(receipt)) { // the host lost that one
                    refused(other.call());
                }
            }
            case AGAIN -> {
                drop(early); // what came after it the host has lost too
                promisedCalls = Math.min(promisedCalls, receipt.sequence() - 1);
                append(receipt, now);
            }
            case AHEAD -> {
                skippedAfter = sequence();
                skippedTo = receipt.sequence();
                append(receipt, now);
            }
            case NEXT -> append(receipt, now);
        }
    }

    private void append(Receipt receipt, Instant now) {
        refused(receipt.call());
        mayHaveForgotten = false;
        last = Optional.of(receipt);
        head = receipt.digest();
        oldest = Optional.of(oldest.orElse(now));
        drop(early.headMap(receipt.sequence(), true));
        Optional.ofNullable(early.get(receipt.sequence() + 1))
                .filter(next -> place(next) == Place.NEXT)
                .filter(next -> sumProblem(next, Credits.ZERO).isEmpty())
                .ifPresent(next -> {
                    early.remove(next.sequence());
                    append(next, now);
                });
    }

    private void drop(NavigableMap<Long, Receipt> lost) {
        lost.values().forEach(receipt -> refused(receipt.call()));
        lost.clear();
    }

    /** The voucher to sign now, if one is due; it counts as promised from then on. */
    public Optional<Voucher> due(Instant now) {
        long open = sequence() - promisedCalls;
        boolean many = open >= Math.max(1, terms.unpaidMax() / 2);
        boolean late = oldest.filter(at -> !now.isBefore(at.plus(PROMISE_AFTER))).isPresent();
        return open > 0 && (many || late) ? Optional.of(promise()) : Optional.empty();
    }

    /** A voucher for all receipts so far, due or not; empty before the first. */
    public Optional<Voucher> promiseAll() {
        return sequence() > promisedCalls ? Optional.of(promise()) : promised;
    }

    /** The last voucher, to be sent again where it may have been lost. */
    public Optional<Voucher> promised() {
        return promised;
    }

    /**
     * Payer and host agree on this receipt, which the payer's voucher covers; calls up to it may
     * have passed this side by. Nothing changes if it is not newer than the last one here.
     */
    public void agreed(Receipt receipt, Instant now) {
        if (receipt.sequence() > sequence()) {
            skippedAfter = sequence();
            skippedTo = receipt.sequence();
            append(receipt, now);
            promisedCalls = receipt.sequence();
            oldest = Optional.empty();
        }
    }

    /** Somebody else who may sign for this lane has promised so much. */
    public void promisedBy(Voucher voucher) {
        promisedCalls = Math.max(promisedCalls, Math.min(voucher.calls(), sequence()));
    }

    private Voucher promise() {
        Voucher voucher = voucher();
        promisedCalls = sequence();
        oldest = Optional.empty();
        promised = Optional.of(voucher);
        return voucher;
    }

    private Voucher voucher() {
        return new Voucher(terms.network(), terms.lane(), plan, sequence(), amount());
    }

    /** The cumulative amount that must be covered for what was made and what is on its way. */
    public Credits needs() {
        return amount().plus(reserved);
    }

    /** What all receipts so far cost together. */
    public Credits amount() {
        return last.map(Receipt::amount).orElse(Credits.ZERO);
    }

    /** Receipts so far, without a gap. */
    public long sequence() {
        return last.map(Receipt::sequence).orElse(0L);
    }

    /** The last receipt without a gap: what {@link #resume} takes. */
    public Optional<Receipt> last() {
        return last;
    }

    /** Whether receipts wait for one before them. */
    public boolean hasGap() {
        return !early.isEmpty();
    }

    /** Whether receipts may be forgotten that the host knows: as many as it lets go unpaid. */
    public boolean mayHaveForgotten() {
        return mayHaveForgotten;
    }

    /** Calls whose receipts have not come, or not in order. */
    public int open() {
        return sent.size();
    }

    private static <T> Result<T> refuse(ErrorCode code, String what, String next) {
        return Result.refused(new Refusal(code, what, next));
    }
}
