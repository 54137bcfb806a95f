package orb.tracker;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.FunctionId;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Calling;
import orb.kernel.message.Message;
import orb.kernel.port.Table;
import orb.ledger.HostLane;
import orb.ledger.Ledger;
import orb.ledger.PayerLane;
import orb.ledger.Plan;
import orb.ledger.ReceiptProof;
import orb.ledger.Registered;
import orb.ledger.Voucher;

/**
 * What is owed on each lane of this hub's channels, and the vouchers for it.
 *
 * <p>Before a call goes to a host, the lane's slice of its channel is made to cover what the call
 * can cost, so no credit is promised twice. Where the channel's delegate is this tracker, it signs
 * the vouchers, after half of {@link HostLane#UNPAID_MAX} receipts or a second; elsewhere it
 * countersigns the payer's and sends them on. With each voucher the lane's last receipt is kept in
 * {@link Table#LANES}.
 */
final class Lanes {
    static final String TIMER = "vouchers";

    private final Turn turn;
    private final Channels channels;
    private final Questions questions;
    private final Duration patience;
    private final Duration voucherWait;
    private final int lanesMax;
    private final NavigableMap<Lane, Tab> tabs = new TreeMap<>();
    private final NavigableMap<Lane, Tab.Kept> kept = new TreeMap<>();
    private final Set<Lane> unpaid = new LinkedHashSet<>();
    private NavigableSet<Digest> oldChannels = new TreeSet<>();
    private boolean timerRuns;

    /** Who pays for what. */
    record Bill(Registered.Channel channel, Registered.Function function, Plan plan) {
        Lane lane(NodeId host) {
            return new Lane(channel.id(), host, function.id());
        }

        Fuel limit() {
            return function.newest().limits().fuel();
        }
    }

    Lanes(Turn turn, Channels channels, Questions questions, TrackerConfig config) {
        this.turn = turn;
        this.channels = channels;
        this.questions = questions;
        patience = config.waits().answer();
        voucherWait = config.waits().voucher();
        lanesMax = config.bounds().lanesMax();
    }

    /**
     * Takes up what was kept of each lane; damaged rows and those of closed channels are dropped.
     */
    void start(NavigableMap<Bytes, Bytes> rows) {
        oldChannels = channels.ids();
        rows.forEach((row, bytes) -> {
            Result<Lane> lane = Result.catching(() -> Tab.lane(row));
            Result<Tab.Kept> read = Result.catching(() -> Tab.Kept.decode(bytes));
            boolean isGood =
                    lane instanceof Result.Ok<Lane>(var name)
                            && oldChannels.contains(name.channel())
                            && read instanceof Result.Ok<Tab.Kept>(var known)
                            && known.last().map(this::restore).orElse(true);
            if (isGood) {
                kept.put(lane.orThrow(), read.orThrow());
            } else {
                turn.erase(Table.LANES, row);
            }
        });
    }

    /** What was promised before the restart is promised still, so its slice must cover it. */
    private boolean restore(Receipt last) {
        Lane lane = last.lane();
        return channels.slices().cover(lane, last.amount()).isOk()
                && channels.slices().promise(Voucher.upTo(last, network())).isOk();
    }

    /** Makes the channel cover a call to a host; what the host is told of it. */
    Result<Calling.Payment> reserve(Bill bill, NodeId host, Digest call) {
        Lane lane = bill.lane(host);
        Tab known = tabs.get(lane);
        if (known == null && tabs.size() >= lanesMax) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.BUSY,
                            tabs.size() + " payment lanes are open at this tracker",
                            "try again later, or through another tracker"));
        }
        Tab tab = known == null ? open(bill, lane) : known;
        tab.lane().raiseBudget(bill.channel().locked());
        Result<Credits> needs = tab.send(call, bill.limit());
        if (needs instanceof Result.Refused<Credits>(var refusal)
                && refusal.code() == ErrorCode.UNPAID
                && promise(lane, tab)) {
            needs = tab.send(call, bill.limit());
        }
        Result<Calling.Payment> payment =
                needs.then(amount -> cover(lane, amount, tab.forgotten(bill.limit())))
                        .map(slice -> new Calling.Payment(lane.channel(), slice));
        if (needs.isOk() && !payment.isOk()) {
            tab.notStarted(call);
        }
        return payment;
    }

    private Tab open(Bill bill, Lane lane) {
        HostLane.Terms terms = HostLane.Terms.of(network(), lane, bill.plan(), bill.channel());
        Credits budget = bill.channel().locked();
        Tab.Kept known = kept.getOrDefault(lane, Tab.Kept.NOTHING);
        PayerLane payer =
                oldChannels.contains(lane.channel())
                        ? PayerLane.resume(terms, budget, known.last())
                        : new PayerLane(terms, budget);
        Tab tab = new Tab(payer, channels.isSignedHere(bill.channel()), known.isBroken());
        tabs.put(lane, tab);
        return tab;
    }

    private Result<Credits> cover(Lane lane, Credits needs, Credits forgotten) {
        Result<Credits> ample = channels.slices().cover(lane, needs.plus(forgotten));
        // the margin is a precaution: the host says so itself if it does not do without
        return ample.isOk() || forgotten.isZero() ? ample : channels.slices().cover(lane, needs);
    }

    /** Whether calls are out that will give back what they do not cost, or a place on the lane. */
    boolean isBusy(Lane lane, ErrorCode why) {
        return switch (why) {
            case UNPAID ->
                    Optional.ofNullable(tabs.get(lane)).filter(tab -> !tab.isStuck()).isPresent();
            case CHANNEL_EXHAUSTED -> isOut(lane.channel());
            default -> false;
        };
    }

    private boolean isOut(Digest channel) {
        return tabs.tailMap(firstOf(channel), true).entrySet().stream()
                .takeWhile(entry -> entry.getKey().channel().equals(channel))
                .anyMatch(entry -> entry.getValue().isOut());
    }

    /** The host did not start the call. */
    void notStarted(Lane lane, Digest call) {
        Tab tab = tabs.get(lane);
        if (tab != null) {
            tab.notStarted(call);
            channels.slices().shrink(lane, tab.lane().needs());
        }
    }

    /** The host gave a false receipt for the call: this lane is not used again. */
    void broken(Lane lane, Digest call) {
        Tab tab = tabs.get(lane);
        if (tab != null) {
            tab.broken(call);
            channels.slices().shrink(lane, tab.lane().needs());
            keep(lane, tab);
        }
    }

    /** The host waits for a voucher: it gets the last one again, or a newer one. */
    void isUnpaid(Lane lane) {
        Tab tab = tabs.get(lane);
        if (tab != null && tab.isSignedHere()) {
            tab.lane().promiseAll().ifPresent(voucher -> send(lane, tab, voucher));
        }
    }

    /** The newest receipt of a lane whose payer signs for itself, and owes. */
    Optional<Receipt> newest(Lane lane) {
        return Optional.ofNullable(tabs.get(lane))
                .filter(tab -> !tab.isSignedHere())
                .flatMap(tab -> tab.lane().last());
    }

    /** A host waits to be paid: this hub may have forgotten for what. */
    void owed(Bill bill, Receipt newest) {
        Tab tab = tabs.get(newest.lane());
        if (tab != null
                && tab.lane().catchUp(newest, bill.limit(), turn.now()).isOk()
                && channels.slices().cover(newest.lane(), newest.amount()).isOk()) {
            promise(newest.lane(), tab);
        }
    }

    /** A host shows what it waits to be paid for: it is forgotten here, or its voucher was lost. */
    void owed(Asker.Peer host, Bytes receipt) {
        Result<Receipt> shown = Receipt.decode(receipt);
        switch (shown.then(newest -> bill(newest.lane(), host.id()))) {
            case Result.Ok<Bill>(var bill) -> {
                turn.answer(host, new Message.Done());
                payForgotten(bill, shown.orThrow());
            }
            case Result.Refused<Bill>(var refusal) -> turn.refuse(host, refusal);
        }
    }

    /** Pays on lanes that were in use: else any peer could claim to have been called. */
    private void payForgotten(Bill bill, Receipt newest) {
        Lane lane = newest.lane();
        if (!tabs.containsKey(lane) && kept.containsKey(lane) && tabs.size() < lanesMax) {
            open(bill, lane);
        }
        Tab tab = tabs.get(lane);
        if (tab != null && tab.isSignedHere() && !tab.isBroken()) { // what follows a lie sums it up
            tab.lane().raiseBudget(bill.channel().locked());
            owed(bill, newest);
            isUnpaid(lane);
        }
    }

    private Result<Bill> bill(Lane lane, NodeId host) {
        Ledger ledger = channels.ledger();
        Registered.Channel channel = channels.find(lane.channel()).orElse(null);
        Registered.Function function = ledger.function(lane.function()).orElse(null);
        if (channel == null || function == null || !lane.host().equals(host)) {
            return Result.refused(
                    ErrorCode.UNKNOWN_CHANNEL, "no lane of this tracker and that host is " + lane);
        }
        return Result.ok(
                new Bill(channel, function, ledger.genesis().plan(function.plan()).orElseThrow()));
    }

    /**
     * Why a host did not start a call, for its caller. One that counts more on its lane than it
     * gave receipts for is not helped by a channel that is topped up.
     */
    Refusal reason(Lane lane, Refusal refusal) {
        Tab tab = tabs.get(lane);
        boolean isDispute =
                refusal.code() == ErrorCode.CHANNEL_EXHAUSTED
                        && tab != null
                        && !tab.lane().mayHaveForgotten();
        return isDispute
                ? new Refusal(ErrorCode.UNPAID, refusal.what(), "use another host")
                : refusal;
    }

    /** It is not known whether the host ran the call: a receipt for it may come yet. */
    void lost(Lane lane, Digest call) {
        Optional.ofNullable(tabs.get(lane)).ifPresent(tab -> tab.noLongerOut(call));
    }

    /** Takes a receipt that was found again, with its proof. */
    void found(Lane lane, Digest call, Bytes proof) {
        Tab tab = tabs.get(lane);
        if (tab == null) {
            return;
        }
        Result<Receipt> receipt =
                ReceiptProof.decode(proof)
                        .then(read -> read.verify(tab.lane().terms().plan()))
                        .then(proven ->
                                proven.call().equals(call)
                                        ? receive(lane, proven)
                                        : Result.refused(
                                                ErrorCode.PROOF_REFUSED, "it proves another call"));
        if (receipt instanceof Result.Refused<Receipt>(var refusal)) {
            turn.tell("receipt.refused", lane.toString(), refusal.toString());
        }
    }

    /** Takes the receipt of a call that ended; what is wrong with it, if it is refused. */
    Result<Receipt> receive(Lane lane, Receipt receipt) {
        Tab tab = tabs.get(lane);
        if (tab == null) { // its channel was closed while the call ran
            return Result.refused(
                    ErrorCode.UNKNOWN_CHANNEL, "channel " + lane.channel() + " was closed");
        }
        tab.noLongerOut(receipt.call());
        Result<Receipt> taken = tab.lane().receive(receipt, turn.now());
        channels.slices().shrink(lane, tab.lane().needs());
        if (tab.isSignedHere()) {
            payDue(lane, tab);
        }
        return taken;
    }

    private void payDue(Lane lane, Tab tab) {
        Optional<Voucher> due = tab.lane().due(turn.now());
        if (due.isPresent()) {
            unpaid.remove(lane);
            send(lane, tab, due.get());
        } else if (tab.isUnpromised()) {
            unpaid.add(lane);
            if (!timerRuns) {
                timerRuns = true;
                turn.wakeAfter(TIMER, voucherWait);
            }
        }
    }

    /** The timer woke: vouchers that are due by now. */
    void woke() {
        timerRuns = false;
        for (Lane lane : List.copyOf(unpaid)) {
            unpaid.remove(lane);
            Tab tab = tabs.get(lane);
            if (tab != null) {
                payDue(lane, tab);
            }
        }
    }

    /** Promises all receipts so far, if there are new ones and this tracker signs. */
    private boolean promise(Lane lane, Tab tab) {
        if (!tab.isSignedHere() || !tab.isUnpromised()) {
            return false;
        }
        unpaid.remove(lane);
        tab.lane().promiseAll().ifPresent(voucher -> send(lane, tab, voucher));
        return true;
    }

    private void send(Lane lane, Tab tab, Voucher voucher) {
        if (channels.slices().promise(voucher) instanceof Result.Refused<Voucher>(var refusal)) {
            turn.tell("voucher.refused", lane.toString(), refusal.toString());
            return;
        }
        keep(lane, tab);
        questions.ask(
                lane.host(),
                new Calling.Pay(lane.host(), channels.sign(voucher).encoded()),
                patience,
                new Questions.Ending() {
                    @Override
                    public void answered(Message message) {
                        turn.tell("voucher.sent", lane.toString(), voucher.amount().toString());
                    }

                    @Override
                    public void refused(Refusal refusal) {
                        turn.tell("voucher.refused", lane.toString(), refusal.toString());
                    }

                    @Override
                    public void lost(Refusal refusal) {
                        // cumulative: the next one carries it, and a host that waits says so
                        turn.tell("voucher.lost", lane.toString(), refusal.toString());
                    }
                });
    }

    /**
     * A payer's voucher: countersigned if it holds, and sent on to its host.
     *
     * @return the function whose calls may go on by it
     */
    Optional<FunctionId> pay(Asker asker, Calling.Pay pay) {
        Result<Voucher.Signed> good =
                Voucher.Signed.decode(pay.voucher())
                        .then(signed -> check(signed, pay.host()))
                        .then(Voucher.Signed::verify)
                        .then(this::promised);
        if (good instanceof Result.Refused<Voucher.Signed>(var refusal)) {
            turn.refuse(asker, refusal);
            return Optional.empty();
        }
        Voucher.Signed signed = good.orThrow();
        Lane lane = signed.voucher().lane();
        Tab tab = tabs.get(lane);
        if (tab != null) {
            tab.lane().promisedBy(signed.voucher());
            keep(lane, tab);
        }
        questions.ask(
                pay.host(),
                new Calling.Pay(pay.host(), signed.encoded()),
                patience,
                new Questions.Relayed(turn, asker, () -> agreed(signed.voucher(), pay.last())));
        return Optional.of(lane.function());
    }

    /** A lane whose calls did not pass this hub, or are forgotten, is covered as its payer says. */
    private Result<Voucher.Signed> promised(Voucher.Signed signed) {
        Voucher voucher = signed.voucher();
        Tab tab = tabs.get(voucher.lane());
        if (tab == null
                || tab.lane().mayHaveForgotten()
                || voucher.calls() > tab.lane().sequence()) {
            channels.slices().cover(voucher.lane(), voucher.amount());
        }
        return channels.slices().promise(voucher).map(_ -> channels.countersign(signed));
    }

    /** The host took the voucher: the lane goes on after the receipt that it ends with. */
    private void agreed(Voucher voucher, Bytes last) {
        Lane lane = voucher.lane();
        if (!(Receipt.decode(last) instanceof Result.Ok<Receipt>(var receipt))
                || !voucher.endsWith(receipt)
                || !(bill(lane, lane.host()) instanceof Result.Ok<Bill>(var bill))) {
            return;
        }
        if (!tabs.containsKey(lane) && tabs.size() < lanesMax) {
            open(bill, lane);
        }
        Tab tab = tabs.get(lane);
        if (tab != null && receipt.sequence() > tab.lane().sequence()) {
            tab.lane().agreed(receipt, turn.now());
            keep(lane, tab);
        }
    }

    private Result<Voucher.Signed> check(Voucher.Signed signed, NodeId host) {
        Voucher voucher = signed.voucher();
        Registered.Channel channel = channels.find(voucher.lane().channel()).orElse(null);
        Optional<Registered.Function> function =
                channels.ledger().function(voucher.lane().function());
        if (channel == null) {
            return bad("its channel has not this tracker as its hub");
        }
        if (!voucher.network().equals(network()) || !voucher.lane().host().equals(host)) {
            return bad("it is for another swarm or host");
        }
        if (function.filter(f -> f.plan().equals(voucher.plan())).isEmpty()) {
            return bad("its function or plan is not in the registry");
        }
        boolean obeyed =
                signed.isMarkedBy(channel.payerKey()) || signed.isMarkedBy(channel.delegate());
        return obeyed ? Result.ok(signed) : bad("neither payer nor delegate signed it");
    }

    private static Result<Voucher.Signed> bad(String why) {
        return Result.refused(
                new Refusal(
                        ErrorCode.BAD_VOUCHER,
                        "the voucher is not countersigned: " + why,
                        "sign one for a lane of this tracker's channels"));
    }

    private void keep(Lane lane, Tab tab) {
        turn.save(Table.LANES, Tab.row(lane), tab.kept().encoded());
    }

    /** A channel is closed: its lanes are forgotten. */
    void closed(Digest channel) {
        Set<Lane> lanes = new LinkedHashSet<>(of(channel, tabs));
        lanes.addAll(of(channel, kept));
        for (Lane lane : lanes) {
            tabs.remove(lane);
            unpaid.remove(lane);
            kept.remove(lane);
            turn.erase(Table.LANES, Tab.row(lane));
        }
    }

    private static Lane firstOf(Digest channel) {
        return new Lane(channel, new NodeId(Digest.ZERO), new FunctionId(Digest.ZERO));
    }

    private static List<Lane> of(Digest channel, NavigableMap<Lane, ?> lanes) {
        return lanes.tailMap(firstOf(channel), true).keySet().stream()
                .takeWhile(lane -> lane.channel().equals(channel))
                .toList();
    }

    /** Lanes that are open, for the tracker's status. */
    int size() {
        return tabs.size();
    }

    private Digest network() {
        return channels.ledger().genesis().network();
    }
}
