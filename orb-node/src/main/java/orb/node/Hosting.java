package orb.node;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Predicate;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.Timing;
import orb.kernel.message.CallDigest;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.kernel.port.RunFacts;
import orb.kernel.port.Table;
import orb.ledger.Entry;
import orb.ledger.HostLane;
import orb.ledger.Voucher;
import orb.node.HostedLane.Channels;
import orb.node.HostedLane.Lanes;
import orb.node.Node.Parts;
import orb.node.Node.Self;
import orb.node.admission.Seed;
import orb.node.admission.TakenCalls;
import orb.node.turn.Turn;

/**
 * Serves the calls that trackers send, and gets paid for them.
 *
 * <p>A call is admitted if its function is served here, its lane has fewer than sixteen unpaid
 * calls and could not cost more than the slice that its hub promises, and a place is free or
 * becomes free soon. While a lane's hub is not linked, a caller may send calls itself: this host
 * bears them alone, within the sixteen. Its receipt is saved, then answered. Vouchers cover
 * receipts; each epoch the highest of each lane is settled.
 *
 * <p>A crash loses at most the rows of the disk's last group. If a receipt whose answer had left is
 * among them, this host issues its number again; the payer goes back to that number with it ({@link
 * orb.ledger.PayerLane}), so what is lost is this host's own pay, never the payer's credits.
 */
final class Hosting {
    static final String EPOCH_TIMER = "epoch";

    /** Debts that are shown at once. */
    private static final int DEBTS_MAX = 64;

    /** Peers whose lost links are counted. */
    private static final int PEERS_MAX = 4096;

    /** A caller signs a direct call for no longer than this. */
    static final Duration DIRECT_MAX = Duration.ofMinutes(5);

    private final Turn turn;
    private final Self self;
    private final Joining joining;
    private final Runs runs;
    private final Seeds seeds;
    private final Entries entries;
    private final ReceiptBook book;
    private final Statistics statistics;
    private final Channels channels;
    private final Lanes lanes;
    private final TakenCalls calls = new TakenCalls();
    private final Map<NodeId, Integer> unlinked = new LinkedHashMap<>(); // how often, by peer

    /** How an invocation ended. */
    record Ended(Outcome outcome, RunFacts facts, Duration waited) {
        Timing timing() {
            return facts.timing().afterWaiting(waited.toNanos());
        }
    }

    /** What hosting needs of the node's other concerns. */
    record Means(Seeds seeds, Entries entries, ReceiptBook book, Statistics statistics) {}

    Hosting(Self self, Parts parts, Means means) {
        this.turn = parts.turn();
        this.self = self;
        this.joining = parts.joining();
        this.runs = parts.runs();
        this.seeds = means.seeds();
        this.entries = means.entries();
        this.book = means.book();
        this.statistics = means.statistics();
        this.channels = new Channels(turn, self.config());
        this.lanes = new Lanes(turn, self.config());
    }

    /** Takes up the lanes that were kept and the receipts that no batch holds yet. */
    void start(NavigableMap<Bytes, Bytes> keptLanes, NavigableMap<Bytes, Bytes> keptReceipts) {
        lanes.start(keptLanes, keptReceipts);
        for (HostedLane lane : lanes.all()) {
            for (Receipt receipt : lane.lane.unpaid()) {
                if (!book.has(receipt.call())) {
                    book.add(receipt, receipt.encoded(), true);
                }
            }
        }
        turn.wakeAfter(EPOCH_TIMER, self.config().genesis().epoch());
    }

    /** A tracker sends a call; answered once it has run or was turned away. */
    void invoke(long inbound, NodeId tracker, Calling.Invoke call) {
        take(inbound, tracker, call, Optional.empty());
    }

    /** A caller sends a call itself; answered as one of a tracker's. */
    void invoke(long inbound, NodeId caller, Calling.Direct direct) {
        take(inbound, caller, direct.invoke(), Optional.of(direct));
    }

    private void take(
            long inbound, NodeId peer, Calling.Invoke call, Optional<Calling.Direct> direct) {
        Optional<Seed> seed = seeds.serving(call.function());
        if (seed.isEmpty()) {
            refuse(
                    inbound,
                    new Refusal(ErrorCode.NO_HOST, "this node does not serve " + call.function()));
        } else if (call.payment().isEmpty()) {
            refuse(
                    inbound,
                    new Refusal(
                            ErrorCode.UNPAID,
                            "the call of " + call.function() + " names no channel that pays"));
        } else {
            switch (calls.take(call.call(), peer, inbound)) {
                case WAITS -> {} // the end of the first one answers it too
                case REFUSED ->
                        refuse(
                                inbound,
                                new Refusal(
                                        ErrorCode.REPLAYED_ENTRY,
                                        "call " + call.call() + " was here before; it runs once"));
                case FIRST -> {
                    Instant deadline = turn.now().plus(call.deadline());
                    int links = unlinked.getOrDefault(peer, 0);
                    find(new Inbound(inbound, peer, call, direct, seed.get(), deadline, links));
                }
            }
        }
    }

    private void find(Inbound in) {
        Digest channel = in.channel();
        Lane lane = new Lane(channel, self.id(), in.seed.facts().id());
        Optional<HostedLane> known = lanes.find(lane);
        if (known.isPresent()) {
            admit(in, known.get());
        } else if (in.direct.isPresent()) {
            open(in, lane, channels.shown(channel));
        } else {
            channels.learn(in.peer, channel, found -> open(in, lane, found));
        }
    }

    /** A link is gone: whoever asked over it hears no answer any more. */
    void unlinked(NodeId peer) {
        unlinked.merge(peer, 1, Integer::sum);
        if (unlinked.size() > PEERS_MAX) {
            unlinked.remove(unlinked.keySet().iterator().next());
        }
    }

    /**
     * A call on its way in.
     *
     * @param peer the tracker that sends it, or the caller itself
     * @param direct what the caller signed, if no tracker stands between
     * @param links how often the peer's link had been lost when it came
     */
    private record Inbound(
            long number,
            NodeId peer,
            Calling.Invoke call,
            Optional<Calling.Direct> direct,
            Seed seed,
            Instant deadline,
            int links) {
        Calling.Payment payment() {
            return call.payment().orElseThrow();
        }

        Digest channel() {
            return payment().channel();
        }

        /** Whether the link that it came over is gone. */
        boolean isUnheard(Map<NodeId, Integer> unlinked) {
            return unlinked.getOrDefault(peer, 0) != links;
        }
    }

    private void open(Inbound in, Lane lane, Result<Channels.Channel> found) {
        Result<HostedLane> opened =
                lanes.find(lane) // another call may have opened it meanwhile
                        .map(Result::ok)
                        .orElseGet(() ->
                                found.then(channel -> channel.terms(self, lane, in.seed.facts()))
                                        .then(lanes::add));
        switch (opened) {
            case Result.Ok<HostedLane>(var ready) -> admit(in, ready);
            case Result.Refused<HostedLane>(var refusal) -> turnAway(in, refusal);
        }
    }

    private void admit(Inbound in, HostedLane lane) {
        FunctionFacts facts = in.seed.facts();
        Optional<Refusal> problem =
                in.direct
                        .map(said -> directProblem(said, lane.lane.terms()))
                        .orElseGet(() -> hubProblem(in, lane.lane.terms()));
        if (problem.isPresent()) {
            turnAway(in, problem.get());
            return;
        }
        Result<HostLane.Ticket> admitted =
                in.direct.isPresent()
                        ? lane.lane.admitUnpromised(facts.limits().fuel())
                        : lane.lane.admit(in.payment().slice(), facts.limits().fuel());
        switch (admitted) {
            case Result.Refused<HostLane.Ticket>(var refusal)
                    when refusal.code() == ErrorCode.UNPAID ->
                    showDebt(in, refusal, lane.lane.unpaid());
            case Result.Refused<HostLane.Ticket>(var refusal) -> turnAway(in, refusal);
            case Result.Ok<HostLane.Ticket>(var ticket) ->
                    runs.admitOfOthers(
                            Runs.Work.of(facts, in.call.request(), in.call.call()),
                            in.deadline,
                            new Serving(in, facts, lane, ticket));
        }
    }

    private static Optional<Refusal> hubProblem(Inbound in, HostLane.Terms terms) {
        if (terms.hub().equals(in.peer)) {
            return Optional.empty();
        }
        String what = "the hub of channel " + in.channel() + " is " + terms.hub().brief();
        return Optional.of(
                new Refusal(ErrorCode.UNKNOWN_CHANNEL, what + ", not " + in.peer.brief()));
    }

    /** A call that no hub promises anything for is taken while none can. */
    private Optional<Refusal> directProblem(Calling.Direct said, HostLane.Terms terms) {
        long left = said.untilMillis() - turn.now().toEpochMilli();
        if (joining.isTracker(terms.hub())) {
            return Optional.of(
                    new Refusal(
                            ErrorCode.UNPAID,
                            "hub " + terms.hub().brief() + " is there and promises nothing for it",
                            "call through that tracker"));
        }
        if (left <= 0 || left > DIRECT_MAX.toMillis()) {
            String what = "a direct call is signed for the next " + DIRECT_MAX.toMinutes();
            return Optional.of(
                    new Refusal(
                            ErrorCode.ENTRY_EXPIRED,
                            what + " minutes at most, and this one for " + left + " ms",
                            "compare the clocks of the two machines"));
        }
        return said.isSignedBy(terms.promisers(), self.network(), self.id())
                ? Optional.empty()
                : Optional.of(
                        new Refusal(
                                ErrorCode.BAD_SIGNATURE,
                                "nobody who may spend from the channel signed the call"));
    }

    /** Turns a call away with the newest receipt, for a payer that has forgotten what it owes. */
    private void showDebt(Inbound in, Refusal refusal, List<Receipt> unpaid) {
        if (unpaid.isEmpty()) { // all of them still run
            turnAway(in, refusal);
            return;
        }
        Bytes newest = unpaid.getLast().encoded();
        Outcome outcome = new Outcome.Refused(refusal);
        answer(in, new Calling.Invoked(outcome, self.id(), newest, Timing.NONE), false);
    }

    /** One call that holds a ticket of its lane. */
    private final class Serving implements Runs.Job {
        private final Inbound in;
        private final FunctionFacts facts;
        private final HostedLane lane;
        private final HostLane.Ticket ticket;

        Serving(Inbound in, FunctionFacts facts, HostedLane lane, HostLane.Ticket ticket) {
            this.in = in;
            this.facts = facts;
            this.lane = lane;
            this.ticket = ticket;
        }

        @Override
        public void refused(Refusal refusal) {
            lane.lane.cancel(ticket);
            turnAway(in, refusal);
        }

        @Override
        public void ran(Outcome outcome, RunFacts run, Duration waited) {
            Ended ended = new Ended(outcome, run, waited);
            if (outcome instanceof Outcome.Refused) {
                unpaid(outcome, ended, false);
                return;
            }
            statistics.count(facts.name(), in.call.call(), in.call.request(), ended);
            if (in.isUnheard(unlinked)) { // an answer that reaches nobody is not charged
                Refusal gone = new Refusal(ErrorCode.PEER_LOST, "the call's link is gone");
                unpaid(new Outcome.Refused(gone), ended, true);
            } else {
                Bytes receipt = issue(outcome);
                answer(in, new Calling.Invoked(outcome, self.id(), receipt, ended.timing()), true);
            }
        }

        private void unpaid(Outcome outcome, Ended ended, boolean hasRun) {
            lane.lane.cancel(ticket);
            Bytes none = Bytes.EMPTY;
            answer(in, new Calling.Invoked(outcome, self.id(), none, ended.timing()), hasRun);
        }

        private Bytes issue(Outcome outcome) {
            Receipt receipt =
                    lane.lane.complete(
                            ticket,
                            new HostLane.Work(
                                    in.call.call(),
                                    facts.artefact(),
                                    facts.version(),
                                    CallDigest.input(in.call.request()),
                                    CallDigest.output(outcome),
                                    outcome,
                                    in.seed.gasSchedule(),
                                    turn.now().toEpochMilli()));
            Bytes encoded = receipt.encoded();
            turn.save(Table.RECEIPTS, HostedLane.receiptKey(receipt), encoded);
            book.add(receipt, encoded, true);
            statistics.earned(facts.name(), lane.share(receipt));
            return encoded;
        }
    }

    /** A voucher arrives. */
    Message pay(Calling.Pay pay) {
        return switch (Voucher.Signed.decode(pay.voucher()).then(this::accept)) {
            case Result.Ok<Voucher.Signed> _ -> new Message.Done();
            case Result.Refused<Voucher.Signed>(var refusal) -> new Message.Refused(refusal);
        };
    }

    private Result<Voucher.Signed> accept(Voucher.Signed signed) {
        Lane name = signed.voucher().lane();
        HostedLane lane = lanes.used(name).orElse(null);
        if (lane == null) {
            return Result.refused(ErrorCode.BAD_VOUCHER, "this host has no calls on lane " + name);
        }
        Optional<Receipt> last =
                lane.lane.unpaid().stream()
                        .filter(receipt -> receipt.sequence() == signed.voucher().calls())
                        .findFirst();
        Result<Voucher.Signed> accepted = lane.lane.accept(signed);
        if (last.isPresent() && accepted.isOk()) {
            lane.cover(signed, last.get());
            lanes.save(lane);
        }
        return accepted;
    }

    /**
     * A hub is linked: it is shown what this host waits to be paid for. One that started again has
     * forgotten the receipts since its last vouchers, and might never send a call on their lanes.
     */
    void welcomed(NodeId hub) {
        showDebts(lane -> lane.terms().hub().equals(hub) && lane.isUnpaidSince(turn.now()));
    }

    /** Shows debts to the hubs that sign for them, the newest first: old ones were shown before. */
    private void showDebts(Predicate<HostLane> which) {
        lanes.all().stream()
                .map(each -> each.lane)
                .filter(lane -> lane.isPromisedByHub() && joining.isTracker(lane.terms().hub()))
                .filter(which)
                .sorted(Comparator.comparingLong(lane -> -lane.unpaid().getLast().atMillis()))
                .limit(DEBTS_MAX)
                .forEach(this::showDebt);
    }

    private void showDebt(HostLane lane) {
        turn.ask(
                lane.terms().hub(),
                new Calling.Owed(lane.unpaid().getLast().encoded()),
                self.config().waits().answer(),
                answer -> {
                    if (answer.as(Message.Done.class)
                            instanceof Result.Refused<Message.Done>(var refusal)) {
                        tell("pay.owed", lane.terms().lane(), refusal.toString());
                    }
                });
    }

    /** Settles what vouchers promise beyond what the ledger has paid; asks for those that lack. */
    void epoch() {
        turn.wakeAfter(EPOCH_TIMER, joining.epoch());
        if (joining.followed().isEmpty()) {
            return;
        }
        Instant settledLately = turn.now().minus(joining.epoch());
        showDebts(lane -> lane.isUnpaidSince(settledLately));
        for (HostedLane lane : lanes.all()) {
            if (!lane.isSettling()) {
                lane.lane.settlement(lane.settled()).ifPresent(entry -> settle(lane, entry));
            }
        }
    }

    private void settle(HostedLane lane, Entry.Settle entry) {
        lane.settling();
        Credits amount = entry.voucher().voucher().amount();
        Lane name = lane.lane.terms().lane();
        entries.submit(
                self.key(),
                entry,
                result -> {
                    switch (result) {
                        case Result.Ok<Entries.Recorded> _ -> {
                            lane.settled(amount);
                            lanes.save(lane);
                            tell("settle.done", name, amount.toString());
                        }
                        case Result.Refused<Entries.Recorded>(var refusal) ->
                                unsettled(lane, amount, refusal);
                    }
                });
    }

    private void unsettled(HostedLane lane, Credits amount, Refusal refusal) {
        Lane name = lane.lane.terms().lane();
        tell("settle.refused", name, refusal.toString());
        switch (refusal.code()) {
            case BAD_VOUCHER -> lane.settled(amount); // it was paid before, or never will be
            case UNKNOWN_CHANNEL -> {
                lane.settled(amount);
                lanes.drop(name);
            }
            default -> lane.settled(Credits.ZERO); // the next epoch tries again
        }
    }

    private void turnAway(Inbound in, Refusal refusal) {
        answer(in, new Message.Refused(refusal), false);
    }

    private void answer(Inbound in, Message message, boolean hasRun) {
        turn.add(new Effect.Answer(in.number, message));
        for (long again : calls.ended(in.call.call(), hasRun)) {
            turn.add(new Effect.Answer(again, message));
        }
    }

    private void refuse(long inbound, Refusal refusal) {
        turn.add(new Effect.Answer(inbound, new Message.Refused(refusal)));
    }

    private void tell(String kind, Lane lane, String detail) {
        turn.tell(turn.notice(kind, lane.toString(), detail));
    }
}
