package orb.ledger;

import static orb.ledger.EntryRules.refuse;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.Lane;
import orb.kernel.NodeId;

/**
 * Channels: credits set aside, paid out by voucher, returned after a window.
 *
 * <p>A lane is paid what its highest voucher promises, less what it was paid before; where a
 * channel holds too little, it pays what it holds and the rest stays owed. A release reserves the
 * rest for the payer by a pending transfer, which each settlement within the window voids and makes
 * anew, so that a host's late voucher still counts. Not thread-safe.
 */
final class EscrowRules {
    /** One account has at most this many open channels. */
    static final int CHANNELS_MAX = 1_000;

    /** Credits are set aside for at most this long ahead. */
    static final Duration LIFE_MAX = Duration.ofDays(366);

    private final Duration window;
    private final State state;
    private final Books books;
    private final History history;
    private final Map<Digest, Plan> plans;

    EscrowRules(
            Genesis genesis, State state, Books books, History history, Map<Digest, Plan> plans) {
        this.window = genesis.releaseWindow();
        this.state = state;
        this.books = books;
        this.history = history;
        this.plans = plans;
    }

    void lock(Entry.LockEscrow lock, EntryRules.Order order) {
        Registered.Owner payer = owner(order);
        requireNode(lock.hub());
        requireLife(lock.expires(), order.time());
        if (lock.purpose() instanceof Entry.Purpose.Sponsor(var function)) {
            requireOwn(function, payer);
        }
        if (payer.channels() >= CHANNELS_MAX) {
            throw refuse(
                    ErrorCode.CHANNEL_STATE,
                    "account " + payer.name() + " has " + CHANNELS_MAX + " open channels",
                    "close one first");
        }
        Registered.Channel channel =
                new Registered.Channel(
                        order.digest(),
                        payer.id(),
                        payer.key(),
                        lock.delegate(),
                        lock.hub(),
                        lock.purpose(),
                        lock.amount(),
                        lock.expires(),
                        Optional.empty(),
                        0);
        state.channels.put(channel.id(), channel);
        state.owners.put(payer.id(), payer.withChannels(payer.channels() + 1));
        setAside(channel, lock.amount(), order);
    }

    void topUp(Entry.TopUpEscrow more, EntryRules.Order order) {
        Registered.Channel channel = ownChannel(more.channel(), order);
        requireOpen(channel, order.time());
        requireLife(more.expires(), order.time());
        if (more.expires().isBefore(channel.expires())) {
            throw refuse(
                    ErrorCode.CHANNEL_STATE,
                    "the channel lasts until " + channel.expires() + " already",
                    "let it expire no earlier");
        }
        state.channels.put(
                channel.id(),
                channel.toppedUp(channel.locked().plus(more.amount()), more.expires()));
        setAside(channel, more.amount(), order);
    }

    private void setAside(Registered.Channel channel, Credits amount, EntryRules.Order order) {
        history.locked(
                order.add(
                        books.post(
                                channel.payer(),
                                channel.escrow(),
                                amount,
                                order.cause(Transfer.Rule.LOCK))));
    }

    void settle(Entry.Settle settle, EntryRules.Order order) {
        Voucher voucher = settle.voucher().voucher();
        Lane lane = voucher.lane();
        Registered.Channel channel = channel(lane.channel());
        requireVoucher(settle.voucher(), channel, order);
        Registered.Function function = function(lane.function());
        Plan plan = plan(voucher, function, channel);
        Registered.Payout before =
                state.payouts
                        .get(lane)
                        .orElseGet(() -> new Registered.Payout(lane, Credits.ZERO, 0, Digest.ZERO));
        if (voucher.amount().compareTo(before.paid()) <= 0 || voucher.calls() < before.calls()) {
            throw refuse(
                    ErrorCode.BAD_VOUCHER,
                    String.format(
                            "the voucher promises %s for %d calls, and %s for %d were paid",
                            voucher.amount(), voucher.calls(), before.paid(), before.calls()),
                    "settle a higher voucher of this lane");
        }
        freePending(channel, order);
        Credits owed = voucher.amount().minus(before.paid());
        Credits held = state.account(channel.escrow()).available();
        if (held.isZero()) {
            throw refuse(
                    ErrorCode.CHANNEL_EXHAUSTED,
                    "the channel is empty and owes " + owed + " more on this lane",
                    "settle again once its payer has topped it up");
        }
        Credits pays = owed.compareTo(held) <= 0 ? owed : held;
        Registered.Payout after =
                new Registered.Payout(
                        lane, before.paid().plus(pays), voucher.calls(), settle.receiptHead());
        state.payouts.put(lane, after);
        state.functions.put(function.id(), function.withCalls(voucher.calls() - before.calls()));
        Plan.Shares shares = plan.shares(channel.purpose());
        pay(
                channel,
                function.owner(),
                shares.split(after.paid()).since(shares.split(before.paid())),
                lane.host(),
                new Receipted(order, settle.receiptHead()));
        reservePending(channel, order);
    }

    /** An order and the receipt that its payments are evidenced by. */
    private record Receipted(EntryRules.Order order, Digest receiptHead) {
        Transfer.Cause cause(Transfer.Rule rule) {
            return order.cause(rule, Optional.of(receiptHead));
        }
    }

    private void pay(
            Registered.Channel channel,
            AccountId functionOwner,
            Plan.Split split,
            NodeId host,
            Receipted paid) {
        AccountId hostAccount = requireNode(host).account();
        AccountId hubAccount = requireNode(channel.hub()).account();
        Transfer.Cause consumed = paid.cause(Transfer.Rule.CONSUME);
        history.consumed(channel.payer(), hostAccount, split.sum(), consumed);
        earn(channel, hostAccount, split.host(), paid, Transfer.Rule.SEED);
        earn(channel, functionOwner, split.owner(), paid, Transfer.Rule.OWN);
        earn(channel, hubAccount, split.tracker(), paid, Transfer.Rule.HUB);
    }

    private void earn(
            Registered.Channel channel,
            AccountId to,
            Credits amount,
            Receipted paid,
            Transfer.Rule rule) {
        if (!amount.isZero()) {
            history.earned(
                    paid.order.add(books.post(channel.escrow(), to, amount, paid.cause(rule))));
        }
    }

    void release(Digest id, EntryRules.Order order) {
        Registered.Channel channel = ownChannel(id, order);
        requireOpen(channel, order.time());
        Registered.Channel released = channel.releasedAt(order.time());
        state.channels.put(id, released);
        reservePending(released, order);
    }

    void close(Digest id, EntryRules.Order order) {
        Registered.Channel channel = channel(id);
        Instant closes = channel.closesAt(window);
        if (order.time().isBefore(closes)) {
            boolean ends = channel.released().isPresent();
            throw refuse(
                    ErrorCode.CHANNEL_STATE,
                    "the channel can be closed from " + closes + " on",
                    ends ? "wait until then" : "release it first, or wait until then");
        }
        Credits rest = state.account(channel.escrow()).balance();
        Transfer.Cause cause = order.cause(Transfer.Rule.REFUND);
        if (channel.refund() != 0) {
            history.refunded(order.add(books.postPending(channel.refund(), cause)));
        } else if (!rest.isZero()) {
            history.refunded(order.add(books.post(channel.escrow(), channel.payer(), rest, cause)));
        }
        state.channels.remove(id);
        state.accounts.remove(channel.escrow());
        lanesOf(id).forEach(state.payouts::remove);
        Registered.Owner payer =
                state.owners
                        .get(channel.payer())
                        .orElseThrow(() -> EntryRules.unknownAccount(channel.payer()));
        state.owners.put(payer.id(), payer.withChannels(payer.channels() - 1));
    }

    /** Makes the reserved rest payable, for a settlement within the window. */
    private void freePending(Registered.Channel channel, EntryRules.Order order) {
        if (channel.refund() != 0) {
            order.add(books.voidPending(channel.refund(), order.cause(Transfer.Rule.REFUND)));
            state.channels.put(channel.id(), channel.withRefund(0));
        }
    }

    /** Reserves what is left for the payer, if the channel is released and anything is left. */
    private void reservePending(Registered.Channel channel, EntryRules.Order order) {
        Credits rest = state.account(channel.escrow()).available();
        if (channel.released().isPresent() && !rest.isZero()) {
            Transfer refund =
                    books.pend(
                            channel.escrow(),
                            channel.payer(),
                            rest,
                            order.cause(Transfer.Rule.REFUND));
            order.add(refund);
            state.channels.put(channel.id(), channel.withRefund(refund.id()));
        }
    }

    /** The lanes of a channel that entries before this one have paid. */
    List<Lane> lanesOf(Digest channel) {
        Lane first = new Lane(channel, new NodeId(Digest.ZERO), new FunctionId(Digest.ZERO));
        List<Lane> lanes = new ArrayList<>();
        for (Lane lane : state.payouts.settled().tailMap(first, true).keySet()) {
            if (!lane.channel().equals(channel)) {
                break;
            }
            lanes.add(lane);
        }
        return lanes;
    }

    private void requireVoucher(
            Voucher.Signed signed, Registered.Channel channel, EntryRules.Order order) {
        Voucher voucher = signed.voucher();
        if (!voucher.network().equals(order.head().network())) {
            throw refuse(ErrorCode.BAD_VOUCHER, "the voucher is for another swarm", "");
        }
        if (!voucher.lane().host().equals(order.node())) {
            throw refuse(
                    ErrorCode.BAD_VOUCHER,
                    "the voucher pays node " + voucher.lane().host().brief() + " alone",
                    "let that node settle it");
        }
        if (!signed.isMarkedBy(channel.payerKey()) && !signed.isMarkedBy(channel.delegate())) {
            throw refuse(
                    ErrorCode.BAD_VOUCHER,
                    "neither the channel's payer nor its delegate signed the voucher",
                    "");
        }
        if (!signed.isMarkedBy(channel.hub())) {
            throw refuse(
                    ErrorCode.BAD_VOUCHER,
                    "the channel's hub " + channel.hub().brief() + " did not sign the voucher",
                    "send it through the hub");
        }
    }

    private Plan plan(Voucher voucher, Registered.Function function, Registered.Channel channel) {
        Plan plan = plans.get(function.plan());
        if (plan == null || !voucher.plan().equals(function.plan())) {
            throw refuse(
                    ErrorCode.BAD_VOUCHER,
                    "the voucher names plan "
                            + voucher.plan()
                            + ", the function has "
                            + function.plan(),
                    "");
        }
        boolean another =
                channel.purpose() instanceof Entry.Purpose.Sponsor(var sponsored)
                        && !sponsored.equals(function.id());
        if (another || !plan.allows(channel.purpose())) {
            throw refuse(
                    ErrorCode.BAD_VOUCHER,
                    "under plan "
                            + plan.name()
                            + " this channel does not pay for "
                            + function.name(),
                    "");
        }
        return plan;
    }

    private static void requireOpen(Registered.Channel channel, Instant time) {
        if (channel.released().isPresent() || !time.isBefore(channel.expires())) {
            throw refuse(
                    ErrorCode.CHANNEL_STATE,
                    "the channel was released or has expired",
                    "lock a new one");
        }
    }

    private static void requireLife(Instant expires, Instant time) {
        if (!expires.isAfter(time) || expires.isAfter(time.plus(LIFE_MAX))) {
            throw refuse(
                    ErrorCode.CHANNEL_STATE,
                    "a channel expires within "
                            + LIFE_MAX.toDays()
                            + " days from "
                            + time
                            + ", not at "
                            + expires,
                    "choose a time between");
        }
    }

    private void requireOwn(FunctionId id, Registered.Owner payer) {
        if (!function(id).owner().equals(payer.id())) {
            throw refuse(
                    ErrorCode.NOT_OWNER,
                    payer.name() + " does not own function " + id.brief(),
                    "sponsor a function of your own");
        }
    }

    private Registered.Function function(FunctionId id) {
        return state.functions
                .get(id)
                .orElseThrow(() ->
                        refuse(
                                ErrorCode.UNKNOWN_FUNCTION,
                                "there is no function " + id,
                                "deploy it first"));
    }

    private Registered.Channel channel(Digest id) {
        return state.channels
                .get(id)
                .orElseThrow(() ->
                        refuse(
                                ErrorCode.UNKNOWN_CHANNEL,
                                "there is no open channel " + id,
                                "lock one first"));
    }

    private Registered.Channel ownChannel(Digest id, EntryRules.Order order) {
        Registered.Channel channel = channel(id);
        if (!channel.payer().equals(order.account())) {
            throw refuse(ErrorCode.NOT_OWNER, "channel " + id + " is another account's", "");
        }
        return channel;
    }

    private Registered.Owner owner(EntryRules.Order order) {
        AccountId id = order.account();
        return state.owners.get(id).orElseThrow(() -> EntryRules.unknownAccount(id));
    }

    private Registered.Node requireNode(NodeId id) {
        return state.nodes.get(id).orElseThrow(() -> EntryRules.unknownNode(id));
    }
}
