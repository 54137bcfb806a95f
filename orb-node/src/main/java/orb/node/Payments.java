package orb.node;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.CallDigest;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.ledger.PayerLane;
import orb.ledger.Plan;
import orb.ledger.ReceiptProof;
import orb.ledger.Voucher;
import orb.node.Node.Parts;
import orb.node.Node.Self;
import orb.node.Purse.PayerChannel;
import orb.node.turn.Turn;
import orb.node.turn.Turn.Answer;

/**
 * What this node owes for calls that it made: takes receipts, signs vouchers.
 *
 * <p>An answer can be lost after the host has counted the call; then the lane's next receipt leaves
 * a gap, and no voucher may jump it. The missing receipt is fetched with its proof, so that an
 * honest host is paid and goes on; it is asked for again each second while the gap stands. A call
 * is counted once, but for one that was made again because its first host was lost, which only GET
 * is: each of its runs is counted whose host can prove it. A voucher whose way was cut is sent
 * again a few times.
 */
final class Payments {
    static final String TIMER = "vouchers";

    /** Calls without an answer whose receipts may still be found. */
    private static final int LOST_MAX = 64;

    /**
     * A voucher is sent again after one wait, two, four ...: for a minute, as waits are a second.
     */
    private static final int RESENDS_MAX = 6;

    /** Lanes that were used in this time are paid again at a login, so many at most. */
    private static final Duration LATELY = Duration.ofDays(1);

    private static final int AGAIN_MAX = 64;

    /** Calls that were paid and whose doubles are not. */
    private static final int COUNTED_MAX = 8192;

    private final Turn turn;
    private final Self self;
    private final Joining joining;
    private final Map<Digest, NodeId> hubs = new TreeMap<>(); // of the account's channels
    private final Purse purse;
    private final Login login;
    private final ArrayDeque<Lost> lost = new ArrayDeque<>();
    private final Map<Lane, Resend> resends = new LinkedHashMap<>();
    private final Map<Digest, Set<NodeId>> counted = new LinkedHashMap<>();
    private boolean timerSet;

    /** A voucher that is given again, at that time. */
    private record Resend(NodeId hub, int tries, Instant at) {}

    /** A call whose receipt may be found yet: whom it is asked of now, and who has none. */
    private static final class Lost {
        final NodeId hub;
        final Made made;
        final Set<NodeId> asked = new TreeSet<>();
        final Set<NodeId> absent = new TreeSet<>();

        Lost(NodeId hub, Made made) {
            this.hub = hub;
            this.made = made;
        }
    }

    /**
     * A call that was made: its id, and what it could use at most.
     *
     * @param mayRepeat whether it is made again where its host is lost
     */
    record Made(Digest call, FunctionFacts facts, Plan plan, boolean mayRepeat) {
        Fuel limit() {
            return facts.limits().fuel();
        }

        /** What a receipt says that the caller has not seen so, if anything. */
        Optional<String> wrong(Request request, Calling.Invoked invoked, Receipt receipt) {
            Outcome outcome = invoked.outcome();
            if (!receipt.lane().host().equals(invoked.host()) || !receipt.call().equals(call)) {
                return Optional.of("is of another host or call");
            }
            boolean older = receipt.version() < facts.version(); // deployed since it was sent
            if (!receipt.lane().function().equals(facts.id())
                    || (!older && !receipt.artefact().equals(facts.artefact()))) {
                return Optional.of("is of another function or executable");
            }
            if (!receipt.input().equals(CallDigest.input(request))
                    || !receipt.output().equals(CallDigest.output(outcome))) {
                return Optional.of("names another request or answer");
            }
            if (receipt.ending() != Receipt.Ending.of(outcome)
                    || !receipt.fuel().equals(outcome.used())) {
                return Optional.of("names another ending or fuel");
            }
            return receipt.plan().equals(facts.planHash())
                            && receipt.price().equals(plan.price(outcome))
                    ? Optional.empty()
                    : Optional.of("asks " + receipt.price() + ", which is not the plan's price");
        }
    }

    Payments(Self self, Parts parts, Purse purse, Login login) {
        this.turn = parts.turn();
        this.self = self;
        this.joining = parts.joining();
        this.purse = purse;
        this.login = login;
    }

    /** Takes the receipt of a call paid from this channel; refused if it does not count. */
    Result<Receipt> take(PayerChannel channel, Made made, Receipt receipt) {
        Optional<Login.Holder> holder = login.holder();
        if (holder.isEmpty()) {
            return Result.refused(login.notLoggedIn());
        }
        Set<NodeId> before = counted.getOrDefault(made.call, Set.of());
        if (made.mayRepeat ? before.contains(receipt.lane().host()) : !before.isEmpty()) {
            return Result.refused(
                    ErrorCode.REPLAYED_ENTRY,
                    "call " + made.call + " is counted already: one run is charged once");
        }
        KeyPair wallet = holder.get().wallet();
        PayerLane lane = lane(channel, made, receipt.lane(), wallet);
        Result<Receipt> taken =
                lane.send(made.call, made.limit()).then(_ -> lane.receive(receipt, turn.now()));
        switch (taken) {
            case Result.Ok<Receipt> _ -> {
                channel.spend(receipt.price());
                noteCounted(channel, made, receipt.lane().host());
                keep(lane);
                promise(channel, lane, wallet);
            }
            case Result.Refused<Receipt>(var refusal) -> {
                lane.refused(made.call);
                tell("pay.not-counted", receipt.lane(), refusal);
            }
        }
        return taken;
    }

    /**
     * A host waits to be paid for what its newest receipt sums up; where this payer has forgotten
     * that, such as after a restart or a logout, it is paid now.
     *
     * @return whether a voucher is on its way
     */
    boolean owed(PayerChannel channel, Made made, Bytes newest) {
        Optional<Login.Holder> holder = login.holder();
        if (holder.isEmpty()
                || !(Receipt.decode(newest) instanceof Result.Ok<Receipt>(var receipt))
                || !receipt.lane().channel().equals(channel.id())
                || !receipt.lane().function().equals(made.facts.id())) {
            return false;
        }
        KeyPair wallet = holder.get().wallet();
        PayerLane lane = lane(channel, made, receipt.lane(), wallet);
        Credits before = lane.amount();
        boolean isLost = lane.last().equals(Optional.of(receipt)); // the voucher, not the receipt
        if (!isLost && !lane.catchUp(receipt, made.limit(), turn.now()).isOk()) {
            return false;
        }
        channel.spend(lane.amount().minus(before));
        keep(lane);
        lane.promiseAll().ifPresent(voucher -> send(channel.hub(), voucher, wallet, 0));
        return true;
    }

    private PayerLane lane(PayerChannel channel, Made made, Lane name, KeyPair wallet) {
        return channel.lane(name, made.plan, wallet.publicKey(), purse.last(name));
    }

    private void noteCounted(PayerChannel channel, Made made, NodeId host) {
        if (counted.size() >= COUNTED_MAX) {
            counted.remove(counted.keySet().iterator().next());
        }
        Set<NodeId> hosts = counted.computeIfAbsent(made.call, _ -> new TreeSet<>());
        hosts.add(host);
        lost.removeIf(one -> one.made.call.equals(made.call));
        if (made.mayRepeat) { // another host may have run it before this one
            Lost again = new Lost(channel.hub(), made);
            again.absent.addAll(hosts);
            add(again);
        }
    }

    /** Keeps the lane's last receipt without a gap; looks for what is missing before later ones. */
    private void keep(PayerLane lane) {
        Lane name = lane.terms().lane();
        if (!lane.last().equals(purse.last(name))) {
            lane.last().ifPresent(purse::save);
        }
        if (lane.hasGap()) {
            findLost(name);
        }
    }

    /** No answer came to a paid call; its host may have counted it. */
    void lost(NodeId hub, Made made) {
        add(new Lost(hub, made));
        setTimer();
    }

    private void add(Lost one) {
        if (lost.size() >= LOST_MAX) {
            lost.removeFirst();
        }
        lost.add(one);
    }

    /** Asks a lane's host for what is lost; asks again later while there is anything to ask for. */
    private void findLost(Lane lane) {
        for (Lost one : List.copyOf(lost)) {
            boolean mayBeIt =
                    one.made.facts.id().equals(lane.function())
                            && !one.absent.contains(lane.host());
            if (mayBeIt) {
                setTimer();
            }
            if (mayBeIt && one.asked.add(lane.host())) {
                turn.ask(
                        one.hub,
                        new Calling.FindProof(one.made.call, lane.host()),
                        self.config().waits().answer(),
                        answer -> {
                            one.asked.remove(lane.host());
                            found(one, lane, answer.as(Calling.Proof.class));
                        });
            }
        }
    }

    private void found(Lost one, Lane lane, Result<Calling.Proof> answer) {
        if (answer instanceof Result.Refused<Calling.Proof>(var refusal)
                && refusal.code() == ErrorCode.PROOF_REFUSED) { // it did not run it
            one.absent.add(lane.host());
            return;
        }
        Result<Receipt> receipt =
                answer.then(proof -> ReceiptProof.decode(proof.proof()))
                        .then(proof -> proof.verify(one.made.plan));
        Optional<PayerChannel> channel = purse.at(one.hub);
        if (receipt instanceof Result.Ok<Receipt>(var found)
                && found.call().equals(one.made.call)
                && found.lane().equals(lane)
                && channel.isPresent()
                && channel.get().id().equals(lane.channel())
                && lost.contains(one)) {
            one.absent.add(lane.host()); // whatever comes of it, it is not asked for again
            take(channel.get(), one.made, found);
        }
    }

    /** Gives the vouchers that are due, and those again whose way was cut. */
    void woke() {
        timerSet = false;
        login.holder().ifPresent(holder -> promiseDue(holder.wallet()));
        if (login.holder().isEmpty()) {
            resends.clear(); // nobody can sign them now
        } else if (!resends.isEmpty()) {
            setTimer();
        }
    }

    private void promiseDue(KeyPair wallet) {
        for (PayerChannel channel : purse.channels()) {
            for (PayerLane lane : channel.lanes()) {
                Lane name = lane.terms().lane();
                promise(channel, lane, wallet);
                if (lane.hasGap()) {
                    findLost(name);
                }
            }
        }
        new LinkedHashMap<>(resends)
                .forEach((lane, again) -> {
                    if (!turn.now().isBefore(again.at)) {
                        resends.remove(lane);
                        purse.last(lane)
                                .map(last -> Voucher.upTo(last, self.network()))
                                .ifPresent(paper -> send(again.hub, paper, wallet, again.tries));
                    }
                });
    }

    /**
     * Somebody logged in: of the lanes that were used lately, the last vouchers are given again.
     * Their ways may have been cut when the wallet was forgotten, or the process may have ended
     * between a receipt and its voucher.
     */
    void loggedIn() {
        hubs.clear();
        resends.clear(); // those of whoever was logged in before
        login.holder()
                .ifPresent(holder ->
                        joining.askTracker(
                                new Registry.FindAccount(holder.account()),
                                answer -> answer.as(Registry.Account.class).map(this::noteHubs)));
    }

    private boolean noteHubs(Registry.Account account) {
        account.channels().stream()
                .filter(view -> view.purpose().equals("calls"))
                .forEach(view -> hubs.put(view.id(), view.hub()));
        joining.trackersLinked().forEach(this::welcomed);
        return !hubs.isEmpty();
    }

    /** A hub is here: it gets the vouchers again that it may have missed. */
    void welcomed(NodeId hub) {
        long since = turn.now().minus(LATELY).toEpochMilli();
        purse.lastReceipts().stream()
                .filter(last -> last.atMillis() > since && isAt(hub, last.lane()))
                .sorted(Comparator.comparingLong(last -> -last.atMillis()))
                .limit(AGAIN_MAX)
                .forEach(last -> resends.put(last.lane(), new Resend(hub, 0, turn.now())));
        setTimer();
    }

    private boolean isAt(NodeId hub, Lane lane) {
        boolean isOpen =
                purse.at(hub).filter(channel -> channel.id().equals(lane.channel())).isPresent();
        return isOpen || hub.equals(hubs.get(lane.channel()));
    }

    /** Promises all that is owed, before the wallet is forgotten. */
    void promiseAll(KeyPair wallet) {
        for (PayerChannel channel : purse.channels()) {
            for (PayerLane lane : channel.lanes()) {
                lane.promiseAll()
                        .ifPresent(voucher -> send(channel.hub(), voucher, wallet, RESENDS_MAX));
            }
        }
    }

    private void promise(PayerChannel channel, PayerLane lane, KeyPair wallet) {
        Optional<Voucher> due = lane.due(turn.now());
        if (due.isPresent()) {
            send(channel.hub(), due.get(), wallet, 0);
        } else if (lane.sequence() > lane.promised().map(Voucher::calls).orElse(0L)) {
            setTimer(); // owed, but not due yet
        }
    }

    private void send(NodeId hub, Voucher voucher, KeyPair wallet, int tries) {
        Lane lane = voucher.lane();
        Bytes last =
                purse.last(lane)
                        .filter(voucher::endsWith)
                        .map(Receipt::encoded)
                        .orElse(Bytes.EMPTY);
        turn.ask(
                hub,
                new Calling.Pay(lane.host(), voucher.sign(wallet).encoded(), last),
                self.config().waits().answer(),
                answer -> paid(lane, answer, hub, tries));
    }

    private void paid(Lane lane, Answer answer, NodeId hub, int tries) {
        switch (answer.as(Message.Done.class)) {
            case Result.Ok<Message.Done> _ -> resends.remove(lane);
            case Result.Refused<Message.Done>(var refusal) -> {
                tell("pay.refused", lane, refusal);
                boolean isCut = answer instanceof Answer.Lost || isOnItsWay(refusal.code());
                if (isCut && tries < RESENDS_MAX) {
                    Duration wait = self.config().waits().batch().multipliedBy(1L << tries);
                    resends.put(lane, new Resend(hub, tries + 1, turn.now().plus(wait)));
                    setTimer();
                }
            }
        }
    }

    /** Whether a voucher did not get to its host, though its hub may be there. */
    private static boolean isOnItsWay(ErrorCode code) {
        return switch (code) {
            case PEER_LOST, TIMED_OUT, UNKNOWN_PEER, NOT_CONNECTED, BUSY -> true;
            default -> false;
        };
    }

    private void setTimer() {
        if (!timerSet) {
            timerSet = true;
            turn.wakeAfter(TIMER, self.config().waits().batch());
        }
    }

    private void tell(String kind, Lane lane, Refusal refusal) {
        turn.tell(turn.notice(kind, lane.toString(), refusal.toString()));
    }
}
