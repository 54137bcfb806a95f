package orb.ledger;

import static orb.kernel.Require.require;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.PublicKey;

/**
 * The host's side of a lane: what it may still run unpaid, its receipts, its highest voucher.
 *
 * <p>Invariant: calls that are running or have a receipt but no voucher are never more than {@link
 * Terms#unpaidMax}, and all receipts together never exceed the slice that the channel's hub
 * promises this host, but for calls that it takes without a promise. So that many calls are the
 * most that it can lose. Pure; not thread-safe.
 */
public final class HostLane {
    /** As many calls may be unpaid unless terms say otherwise. */
    public static final int UNPAID_MAX = 16;

    private final Terms terms;
    private final Digest plan; // computed once: it stands in every receipt
    private final Deque<Receipt> unpaid = new ArrayDeque<>();
    private Credits slice = Credits.ZERO;
    private Credits reserved = Credits.ZERO;
    private int running;
    private long sequence;
    private Digest head = Digest.ZERO;
    private Credits amount = Credits.ZERO;
    private Optional<Paid> paid = Optional.empty();

    /**
     * What both sides of a lane have agreed on.
     *
     * @param network the swarm's id
     * @param lane channel, host and function
     * @param plan the function's reward plan
     * @param hub who must countersign vouchers
     * @param promisers whose signature on a voucher counts: the channel's payer and delegate
     * @param unpaidMax how many calls may be unpaid, 1..1,024
     */
    public record Terms(
            Digest network,
            Lane lane,
            Plan plan,
            NodeId hub,
            List<PublicKey> promisers,
            int unpaidMax) {
        public Terms {
            promisers = List.copyOf(promisers);
            require(!promisers.isEmpty(), "someone must be able to sign vouchers on %s", lane);
            require(
                    unpaidMax >= 1 && unpaidMax <= 1_024,
                    "unpaidMax is 1..1024, not %d",
                    unpaidMax);
        }

        /** The terms of a lane on this channel. */
        public static Terms of(Digest network, Lane lane, Plan plan, Registered.Channel channel) {
            return new Terms(
                    network,
                    lane,
                    plan,
                    channel.hub(),
                    List.of(channel.payerKey(), channel.delegate()),
                    UNPAID_MAX);
        }
    }

    /**
     * Leave to run one call.
     *
     * @param limit the fuel that it may use at most
     * @param reserved what it can cost at most
     */
    public record Ticket(Fuel limit, Credits reserved) {}

    /**
     * What a call was and how it ended.
     *
     * @param call its id
     * @param artefact the executable that ran
     * @param version the function's version
     * @param input digest of the request
     * @param output digest of the outcome
     * @param outcome how it ended
     * @param gasSchedule version of the schedule that counted
     * @param atMillis when, in epoch milliseconds
     */
    public record Work(
            Digest call,
            Digest artefact,
            int version,
            Digest input,
            Digest output,
            Outcome outcome,
            int gasSchedule,
            long atMillis) {}

    /** The highest voucher and the receipt that it ends with. */
    private record Paid(Voucher.Signed voucher, Digest receiptHead) {
        long calls() {
            return voucher.voucher().calls();
        }
    }

    public HostLane(Terms terms) {
        this.terms = terms;
        plan = terms.plan.hash();
    }

    /**
     * A lane as it was before a restart.
     *
     * @param terms as before
     * @param receipts the receipts after the one that the voucher ends with, and that one if there
     *     is a voucher, in order
     * @param voucher the highest voucher, if there was one
     * @throws IllegalArgumentException if they do not fit each other
     */
    public static HostLane resume(
            Terms terms, List<Receipt> receipts, Optional<Voucher.Signed> voucher) {
        HostLane lane = new HostLane(terms);
        long before = voucher.map(signed -> signed.voucher().calls() - 1).orElse(0L);
        lane.sequence = before;
        for (Receipt receipt : receipts) {
            require(
                    receipt.sequence() == lane.sequence + 1
                            && receipt.lane().equals(terms.lane)
                            && (lane.sequence == before || receipt.previous().equals(lane.head)),
                    "receipt %d does not follow %d on lane %s",
                    receipt.sequence(),
                    lane.sequence,
                    terms.lane);
            lane.append(receipt);
        }
        voucher.ifPresent(signed -> {
            Receipt last = lane.unpaid.pollFirst();
            require(
                    last != null && last.amount().equals(signed.voucher().amount()),
                    "the voucher's last receipt is missing on lane %s",
                    terms.lane);
            lane.paid = Optional.of(new Paid(signed, last.digest()));
        });
        return lane;
    }

    public Terms terms() {
        return terms;
    }

    /**
     * Asks leave to run a call.
     *
     * @param promised cumulative amount that the hub promises now; a lower one than before changes
     *     nothing
     * @param limit fuel that the call may use
     * @return a ticket, or {@code ORB-0409} with too many unpaid calls, or {@code ORB-0407} if the
     *     call could cost more than is promised
     */
    public Result<Ticket> admit(Credits promised, Fuel limit) {
        slice = promised.compareTo(slice) > 0 ? promised : slice;
        Credits after = amount.plus(reserved).plus(terms.plan.priceMax(limit));
        if (atRisk() < terms.unpaidMax && after.compareTo(slice) > 0) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.CHANNEL_EXHAUSTED,
                            "lane "
                                    + terms.lane
                                    + " could cost "
                                    + after
                                    + " and has a slice of "
                                    + slice,
                            "ask the hub for a larger slice, or top the channel up"));
        }
        return admitUnpromised(limit);
    }

    /**
     * Asks leave to run a call for which no hub promises anything: the host bears it alone, as one
     * of its unpaid calls.
     *
     * @return a ticket, or {@code ORB-0409} with too many unpaid calls
     */
    public Result<Ticket> admitUnpromised(Fuel limit) {
        if (atRisk() >= terms.unpaidMax) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.UNPAID,
                            atRisk() + " calls on lane " + terms.lane + " are unpaid",
                            "send a voucher for the receipts so far"));
        }
        Credits most = terms.plan.priceMax(limit);
        running++;
        reserved = reserved.plus(most);
        return Result.ok(new Ticket(limit, most));
    }

    /** Gives a ticket back whose call was not started. */
    public void cancel(Ticket ticket) {
        finish(ticket);
    }

    /**
     * The receipt for a call that was started and has ended.
     *
     * @throws IllegalArgumentException if it was refused, or used more fuel than its ticket allows
     */
    public Receipt complete(Ticket ticket, Work work) {
        Receipt.Ending ending = Receipt.Ending.of(work.outcome);
        Fuel used = work.outcome.used();
        require(
                used.compareTo(ticket.limit) <= 0,
                "a call used %s of at most %s",
                used,
                ticket.limit);
        finish(ticket);
        Credits price = terms.plan.price(ending, used);
        Receipt receipt =
                new Receipt(
                        terms.lane,
                        work.artefact,
                        work.version,
                        sequence + 1,
                        head,
                        work.input,
                        work.output,
                        ending,
                        used,
                        work.gasSchedule,
                        price,
                        plan,
                        amount.plus(price),
                        work.call,
                        work.atMillis);
        append(receipt);
        return receipt;
    }

    private void finish(Ticket ticket) {
        require(running > 0, "no call is running on lane %s", terms.lane);
        running--;
        reserved = reserved.minus(ticket.reserved);
    }

    private void append(Receipt receipt) {
        sequence = receipt.sequence();
        head = receipt.digest();
        amount = receipt.amount();
        unpaid.addLast(receipt);
    }

    /**
     * Takes a voucher, verifying its signatures (some 0.1 ms).
     *
     * @return the highest voucher now, which is an older one if this is late; or {@code ORB-0408},
     *     {@code ORB-0402}
     */
    public Result<Voucher.Signed> accept(Voucher.Signed signed) {
        Voucher voucher = signed.voucher();
        if (paid.isPresent() && voucher.calls() <= paid.get().calls()) {
            return Result.ok(paid.get().voucher);
        }
        if (!voucher.network().equals(terms.network)
                || !voucher.lane().equals(terms.lane)
                || !voucher.plan().equals(plan)) {
            return bad("it is for another swarm, lane or plan than " + terms.lane);
        }
        if (terms.promisers.stream().noneMatch(signed::isMarkedBy)
                || !signed.isMarkedBy(terms.hub)) {
            return bad("it lacks the signature of the payer, its delegate or the hub");
        }
        Optional<Receipt> last =
                unpaid.stream().filter(r -> r.sequence() == voucher.calls()).findFirst();
        if (last.isEmpty()) {
            return bad("it covers " + voucher.calls() + " calls, and " + sequence + " were made");
        }
        if (!voucher.amount().equals(last.get().amount())) {
            return bad("it promises " + voucher.amount() + " for " + last.get().amount());
        }
        return signed.verify()
                .map(good -> {
                    unpaid.removeIf(r -> r.sequence() <= voucher.calls());
                    paid = Optional.of(new Paid(good, last.get().digest()));
                    return good;
                });
    }

    private static Result<Voucher.Signed> bad(String why) {
        return Result.refused(
                new Refusal(
                        ErrorCode.BAD_VOUCHER,
                        "the voucher is not accepted: " + why,
                        "sign one for the last receipt"));
    }

    /** The entry that settles the highest voucher; empty if there is none worth more than this. */
    public Optional<Entry.Settle> settlement(Credits settled) {
        return paid.filter(p -> p.voucher.voucher().amount().compareTo(settled) > 0)
                .map(p -> new Entry.Settle(p.voucher, p.receiptHead));
    }

    /** Receipts that no voucher covers yet, oldest first, for a payer that lost them; a copy. */
    public List<Receipt> unpaid() {
        return List.copyOf(unpaid);
    }

    /** Whether the newest receipt is not younger than that and no voucher covers it. */
    public boolean isUnpaidSince(Instant time) {
        return !unpaid.isEmpty() && unpaid.getLast().atMillis() <= time.toEpochMilli();
    }

    /** Whether the hub itself signs vouchers, so that it alone can pay what it forgot. */
    public boolean isPromisedByHub() {
        return terms.promisers.stream().anyMatch(key -> NodeId.of(key).equals(terms.hub));
    }

    /** Calls that are running or unpaid. */
    public int atRisk() {
        return running + unpaid.size();
    }

    /** Digest of the last receipt, {@link Digest#ZERO} before the first. */
    public Digest head() {
        return head;
    }

    /** Receipts so far. */
    public long sequence() {
        return sequence;
    }

    /** What all receipts so far cost together. */
    public Credits amount() {
        return amount;
    }
}
