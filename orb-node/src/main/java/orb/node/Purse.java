package orb.node;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.Registry;
import orb.kernel.port.Table;
import orb.ledger.Entry;
import orb.ledger.HostLane;
import orb.ledger.PayerLane;
import orb.ledger.Plan;
import orb.node.Node.Parts;
import orb.node.Node.Self;
import orb.node.turn.Turn;
import orb.node.turn.Turn.Answer;

/**
 * The logged-in account's channels for calls, one at each tracker that routes them.
 *
 * <p>A channel is found again in the ledger after a restart, or opened with the first paid call,
 * and topped up when what is spent and what is on its way leave too little for the next one. The
 * last receipt of each lane is kept, so a lane goes on after a restart where it stood.
 */
final class Purse {
    /** Credits are set aside for so long ahead; topping up renews it. */
    private static final Duration LIFE = Duration.ofDays(30);

    /** What an access token may spend is parted among trackers while each part is so much. */
    private static final Credits TOKEN_PART_LEAST = new Credits(100_000);

    private static final char PREFIX = 'p';

    private final Turn turn;
    private final Self self;
    private final Joining joining;
    private final Entries entries;
    private final Login login;
    private final Map<NodeId, PayerChannel> byHub = new LinkedHashMap<>();
    private final Map<Lane, Receipt> lastReceipts = new LinkedHashMap<>();

    Purse(Self self, Parts parts, Entries entries, Login login) {
        this.turn = parts.turn();
        this.self = self;
        this.joining = parts.joining();
        this.entries = entries;
        this.login = login;
    }

    /** Takes up the last receipts of this payer's lanes. */
    void start(NavigableMap<Bytes, Bytes> kept) {
        kept.forEach((key, row) -> {
            if (key.length() > 0 && key.at(0) == PREFIX) {
                Receipt last = Receipt.decode(row).orThrow();
                lastReceipts.put(last.lane(), last);
            }
        });
    }

    /**
     * Gets the channel at a tracker ready for one more call.
     *
     * @param most what the call can cost at most; reserved until {@link PayerChannel#release}
     */
    void ready(NodeId hub, Credits most, Consumer<Result<PayerChannel>> then) {
        Optional<Login.Holder> holder = login.holder();
        if (holder.isEmpty()) {
            then.accept(Result.refused(login.notLoggedIn()));
            return;
        }
        PayerChannel channel =
                byHub.computeIfAbsent(hub, _ -> new PayerChannel(hub, self.network()));
        if (channel.isOpen() && channel.reserve(most)) {
            then.accept(Result.ok(channel));
            return;
        }
        channel.await(most, then);
        if (!channel.isBusy()) {
            channel.busy(true);
            find(holder.get(), channel);
        }
    }

    /** As {@link #ready}, without asking anyone: a channel that is open and has so much left. */
    Optional<PayerChannel> ready(Credits most) {
        return byHub.values().stream()
                .filter(PayerChannel::isOpen)
                .filter(channel -> channel.reserve(most))
                .findFirst();
    }

    /** Sets more aside at once, because the tracker says that the channel has too little left. */
    void topUp(NodeId hub, Consumer<Result<PayerChannel>> then) {
        PayerChannel channel = byHub.get(hub);
        Optional<Login.Holder> holder = login.holder();
        if (channel == null || holder.isEmpty()) {
            then.accept(Result.refused(login.notLoggedIn()));
            return;
        }
        channel.await(Credits.ZERO, then);
        if (!channel.isBusy()) {
            channel.busy(true);
            find(holder.get(), channel);
        }
    }

    /** The ledger does not know this channel any more, or not as open. */
    void forget(NodeId hub) {
        byHub.remove(hub);
    }

    /** The wallet is gone and with it the right to spend. */
    void forgetAll() {
        byHub.clear();
    }

    Optional<PayerChannel> at(NodeId hub) {
        return Optional.ofNullable(byHub.get(hub));
    }

    List<PayerChannel> channels() {
        return List.copyOf(byHub.values());
    }

    /** Keeps the last receipt of a lane. */
    void save(Receipt receipt) {
        lastReceipts.put(receipt.lane(), receipt);
        turn.save(Table.LANES, key(receipt.lane()), receipt.encoded());
    }

    /** The last receipts of all lanes that were paid from here. */
    List<Receipt> lastReceipts() {
        return List.copyOf(lastReceipts.values());
    }

    /** What is kept of a lane from before. */
    Optional<Receipt> last(Lane lane) {
        return Optional.ofNullable(lastReceipts.get(lane));
    }

    private void find(Login.Holder holder, PayerChannel channel) {
        joining.askTracker(
                new Registry.FindAccount(holder.account()),
                answer -> {
                    switch (answer.as(Registry.Account.class)) {
                        case Result.Ok<Registry.Account>(var account) ->
                                open(holder, channel, account);
                        case Result.Refused<Registry.Account>(var refusal) ->
                                channel.settleWaiting(Result.refused(refusal));
                    }
                });
    }

    private void open(Login.Holder holder, PayerChannel channel, Registry.Account account) {
        Optional<Registry.ChannelView> found =
                account.channels().stream()
                        .filter(view -> view.purpose().equals("calls"))
                        .filter(view -> view.hub().equals(channel.hub()))
                        .filter(view -> !channel.isOpen() || view.id().equals(channel.id()))
                        .findFirst();
        if (!channel.isOpen() && found.isPresent()) {
            Registry.ChannelView view = found.get();
            channel.found(view.id(), view.locked(), spent(view));
            if (channel.couldServe()) {
                served(channel);
                return;
            }
        }
        Credits needed = channel.needed();
        Credits amount = larger(self.config().bounds().channelAmount(), needed);
        Credits sets = account.balance().compareTo(amount) < 0 ? account.balance() : amount;
        if (sets.compareTo(needed) < 0 || sets.micro() < 1) {
            channel.settleWaiting(
                    Result.refused(
                            new Refusal(
                                    ErrorCode.INSUFFICIENT_BALANCE,
                                    "a call can cost "
                                            + needed
                                            + " more than is set aside, and the balance is "
                                            + account.balance(),
                                    "orb wallet balance")));
            return;
        }
        Instant expires = turn.now().plus(LIFE).truncatedTo(ChronoUnit.MILLIS);
        Entry entry =
                channel.isOpen()
                        ? new Entry.TopUpEscrow(channel.id(), sets, expires)
                        : new Entry.LockEscrow(
                                channel.hub(),
                                sets,
                                holder.wallet().publicKey(),
                                new Entry.Purpose.Calls(),
                                expires);
        entries.submit(holder.wallet(), entry, result -> locked(channel, sets, result));
    }

    private void locked(PayerChannel channel, Credits amount, Result<Entries.Recorded> result) {
        switch (result) {
            case Result.Ok<Entries.Recorded>(var recorded) -> {
                if (channel.isOpen()) {
                    channel.toppedUp(amount);
                } else {
                    channel.opened(recorded.entry(), amount);
                }
                turn.tell(
                        turn.notice(
                                "channel.locked",
                                channel.id().hex().substring(0, 8),
                                amount.toString()));
                served(channel);
            }
            case Result.Refused<Entries.Recorded>(var refusal) -> {
                if (refusal.code() == ErrorCode.CHANNEL_STATE
                        || refusal.code() == ErrorCode.UNKNOWN_CHANNEL) {
                    byHub.remove(channel.hub(), channel);
                }
                channel.settleWaiting(Result.refused(refusal));
            }
        }
    }

    /** Lets those go on who waited; for those who came meanwhile it is looked again. */
    private void served(PayerChannel channel) {
        channel.settleWaiting(Result.ok(channel));
        if (channel.isAwaited() && login.holder().isPresent()) {
            channel.busy(true);
            find(login.holder().get(), channel);
        }
    }

    /** What of a channel that was found again is promised: by the kept lanes, or paid already. */
    private Credits spent(Registry.ChannelView view) {
        Credits promised =
                lastReceipts.values().stream()
                        .filter(receipt -> receipt.lane().channel().equals(view.id()))
                        .map(Receipt::amount)
                        .reduce(Credits.ZERO, Credits::plus);
        return larger(promised, view.paid());
    }

    /** Opens a channel because a person says so. */
    void openChannel(NodeCommand.OpenChannel command, Consumer<Result<NodeReply>> then) {
        Optional<Login.Holder> holder = login.holder();
        Optional<NodeId> hub = joining.followed();
        if (holder.isEmpty()) {
            then.accept(Result.refused(login.notLoggedIn()));
            return;
        }
        if (hub.isEmpty()) {
            then.accept(Result.refused(joining.notConnected()));
            return;
        }
        if (command.amount().micro() < 1) {
            then.accept(
                    Result.refused(
                            ErrorCode.BAD_ARGUMENT,
                            "at least 0.000001 is set aside, not " + command.amount()));
            return;
        }
        KeyPair wallet = holder.get().wallet();
        if (command.token().isPresent()) {
            entries.setAside(
                    wallet,
                    new Entries.Allotment(
                            command.amount(),
                            TOKEN_PART_LEAST,
                            new Entry.Purpose.Token(command.token().get())),
                    result ->
                            then.accept(
                                    result.map(Entries.SetAside::last).then(Purse::channelOpened)));
            return;
        }
        Entry entry =
                new Entry.LockEscrow(
                        hub.get(),
                        command.amount(),
                        wallet.publicKey(),
                        new Entry.Purpose.Calls(),
                        turn.now().plus(LIFE).truncatedTo(ChronoUnit.MILLIS));
        entries.submit(wallet, entry, result -> then.accept(result.then(Purse::channelOpened)));
    }

    private static Result<NodeReply> channelOpened(Entries.Recorded recorded) {
        return new Answer.Said(recorded.answer())
                .as(Registry.Submitted.class)
                .map(done -> new NodeReply.ChannelOpened(recorded.entry(), done.index()));
    }

    private static Credits larger(Credits one, Credits other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static Bytes key(Lane lane) {
        return Bytes.of((byte) PREFIX)
                .concat(
                        Digest.sha256(
                                        lane.channel().bytes().array(),
                                        lane.host().digest().bytes().array(),
                                        lane.function().digest().bytes().array())
                                .bytes());
    }

    /**
     * One channel of this payer: what is locked, spent and on its way, and its lanes.
     *
     * <p>Invariant: spent and reserved together never exceed what is locked. The host of a call is
     * not known before its answer, so a call is reserved on the channel, not on a lane.
     */
    static final class PayerChannel {
        private final NodeId hub;
        private final Digest network;
        private final Map<Lane, PayerLane> lanes = new LinkedHashMap<>();
        private List<Waiting> waiting = new ArrayList<>();
        private Digest id = Digest.ZERO;
        private Credits locked = Credits.ZERO;
        private Credits spent = Credits.ZERO;
        private Credits reserved = Credits.ZERO;
        private boolean isOld;
        private boolean busy;

        private record Waiting(Credits most, Consumer<Result<PayerChannel>> then) {}

        PayerChannel(NodeId hub, Digest network) {
            this.hub = hub;
            this.network = network;
        }

        NodeId hub() {
            return hub;
        }

        /** Digest of the entry that opened it, {@link Digest#ZERO} while it is not open. */
        Digest id() {
            return id;
        }

        boolean isOpen() {
            return !id.equals(Digest.ZERO);
        }

        /** Whether it is being looked for, opened or topped up. */
        boolean isBusy() {
            return busy;
        }

        void busy(boolean now) {
            busy = now;
        }

        void opened(Digest channel, Credits total) {
            id = channel;
            locked = total;
        }

        /** It was opened earlier, and some receipts of its lanes may be forgotten. */
        void found(Digest channel, Credits total, Credits spentBefore) {
            opened(channel, total);
            spent = spentBefore;
            isOld = true;
        }

        void toppedUp(Credits more) {
            locked = locked.plus(more);
        }

        /** Keeps room for one call; false if there is too little. */
        boolean reserve(Credits most) {
            if (spent.plus(reserved).plus(most).compareTo(locked) > 0) {
                return false;
            }
            reserved = reserved.plus(most);
            return true;
        }

        /** The call that this was reserved for is over. */
        void release(Credits most) {
            reserved = reserved.minus(most);
        }

        void spend(Credits price) {
            spent = spent.plus(price);
        }

        void await(Credits most, Consumer<Result<PayerChannel>> then) {
            waiting.add(new Waiting(most, then));
        }

        /** Whether all that wait could be served from what is locked. */
        boolean couldServe() {
            return needed().micro() <= 0;
        }

        /** What those that wait need beyond what is free. */
        Credits needed() {
            Credits wanted =
                    waiting.stream().map(Waiting::most).reduce(Credits.ZERO, Credits::plus);
            return spent.plus(reserved).plus(wanted).minus(locked);
        }

        /** The channel is ready, or cannot be had: whoever waits is told. */
        void settleWaiting(Result<PayerChannel> result) {
            busy = false;
            List<Waiting> those = waiting;
            waiting = new ArrayList<>();
            for (Waiting one : those) {
                boolean served = !result.isOk() || reserve(one.most);
                if (served) {
                    one.then.accept(result);
                } else {
                    waiting.add(one); // came after the amount was decided: asked for next
                }
            }
        }

        /** Whether someone still waits for more to be set aside. */
        boolean isAwaited() {
            return !waiting.isEmpty();
        }

        /** The lane of this name, opened or taken up again where it stood. */
        PayerLane lane(Lane name, Plan plan, PublicKey wallet, Optional<Receipt> last) {
            PayerLane lane =
                    lanes.computeIfAbsent(
                            name,
                            _ -> {
                                HostLane.Terms terms =
                                        new HostLane.Terms(
                                                network,
                                                name,
                                                plan,
                                                hub,
                                                List.of(wallet),
                                                HostLane.UNPAID_MAX);
                                return isOld
                                        ? PayerLane.resume(terms, locked, last.filter(this::fits))
                                        : new PayerLane(terms, locked);
                            });
            lane.raiseBudget(locked);
            return lane;
        }

        private boolean fits(Receipt last) {
            return last.amount().compareTo(locked) <= 0;
        }

        List<PayerLane> lanes() {
            return List.copyOf(lanes.values());
        }

        /** Hosts that it has paid: they know it. */
        List<NodeId> hosts() {
            return lanes.keySet().stream().map(Lane::host).distinct().toList();
        }
    }
}
