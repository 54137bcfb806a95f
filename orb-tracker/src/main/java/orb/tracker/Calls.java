package orb.tracker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Calling;
import orb.kernel.message.Message;
import orb.ledger.Ledger;
import orb.ledger.Plan;
import orb.ledger.Registered;
import orb.overlay.Choice;
import orb.tracker.analytics.Analytics;

/**
 * The way of a call: who pays, which host, and what if that host cannot.
 *
 * <p>A call goes to one host at a time, to {@link TrackerConfig.Bounds#triesMax} at most. It goes
 * on to another only where the first surely did not run it, or where running it twice does no harm;
 * an answer that cannot be right counts as none, and its host is left out for a while. While all
 * hosts are busy, or nodes that just came may be about to serve, the call waits. Every asker is
 * answered once.
 */
final class Calls {
    private final Turn turn;
    private final TrackerConfig config;
    private final Ledger ledger;
    private final Hosts hosts;
    private final Lanes lanes;
    private final LostReceipts lostReceipts;
    private final Channels channels;
    private final Questions questions;
    private final Elsewhere elsewhere;
    private final Incidents incidents;
    private final Analytics analytics;
    private final Choice choice;
    private final Map<Digest, Plan> plans = new TreeMap<>();
    private final Map<Digest, Call> underWay = new LinkedHashMap<>();
    private final Map<FunctionId, ArrayDeque<Call>> parked = new TreeMap<>();
    private final Map<Digest, NodeId> recent = new LinkedHashMap<>();
    private long bytes;

    Calls(Routes routes, Turn turn, TrackerConfig config, RandomGenerator chance) {
        this.turn = turn;
        this.config = config;
        ledger = routes.channels().ledger();
        hosts = routes.hosts();
        lanes = routes.lanes();
        lostReceipts = routes.lostReceipts();
        channels = routes.channels();
        questions = routes.questions();
        elsewhere = routes.elsewhere();
        incidents = routes.incidents();
        analytics = routes.analytics();
        choice = new Choice(chance);
        // by hash, because a plan computes its hash anew each time
        ledger.genesis().plans().forEach(plan -> plans.put(plan.hash(), plan));
    }

    /** What a call needs on its way. */
    record Routes(
            Hosts hosts,
            Lanes lanes,
            LostReceipts lostReceipts,
            Channels channels,
            Questions questions,
            Elsewhere elsewhere,
            Incidents incidents,
            Analytics analytics) {}

    /** A peer asks for a call. */
    void invoke(Asker.Peer asker, Calling.Invoke said) {
        Channels.Offer offer =
                new Channels.Offer(
                        ledger.node(asker.id()).map(Registered.Node::account),
                        said.payment().map(Calling.Payment::channel),
                        Optional.empty());
        Duration patience =
                said.deadline().compareTo(config.waits().call()) < 0
                        ? said.deadline()
                        : config.waits().call();
        Call same = underWay.get(said.call());
        if (same != null) {
            join(same, asker, said);
        } else if (recent.containsKey(said.call())) {
            turn.refuse(
                    asker,
                    ErrorCode.REPLAYED_ENTRY,
                    "call " + said.call() + " was given to a host before; it runs once",
                    "name each call by a fresh random number");
        } else {
            begin(
                    new Call(
                            said.call(),
                            said.function(),
                            said.request(),
                            offer,
                            turn.now().plus(patience)),
                    asker);
        }
    }

    /** A call that came over HTTP. */
    void call(Asker.Person asker, TrackerCommand.Call said) {
        Channels.Offer offer =
                said.token().isEmpty()
                        ? Channels.Offer.NONE
                        : new Channels.Offer(
                                Optional.empty(), Optional.empty(), said.token().map(Digest::of));
        begin(
                new Call(
                        turn.freshName(),
                        said.function(),
                        said.request(),
                        offer,
                        turn.now().plus(config.waits().call())),
                asker);
    }

    /** The same call again while it is under way: it runs once, and both askers are answered. */
    private void join(Call call, Asker.Peer asker, Calling.Invoke said) {
        boolean isSame =
                call.askers().getFirst() instanceof Asker.Peer(_, var first)
                        && first.equals(asker.id())
                        && call.name().equals(said.function())
                        && call.request().equals(said.request());
        if (!isSame) {
            turn.refuse(
                    asker,
                    ErrorCode.BAD_ARGUMENT,
                    "call " + said.call() + " is under way with another caller or request",
                    "name each call by a fresh random number");
        } else if (call.askers().size() >= config.bounds().callersMax()) {
            turn.refuse(
                    asker,
                    ErrorCode.BUSY,
                    call.askers().size() + " wait for this call already",
                    "wait for its answer");
        } else {
            call.askers().add(asker);
        }
    }

    private void begin(Call call, Asker asker) {
        TrackerConfig.Bounds bounds = config.bounds();
        int length = call.request().body().length();
        if (underWay.size() >= bounds.callsMax() || bytes + length > bounds.callBytesMax()) {
            turn.refuse(
                    asker,
                    ErrorCode.BUSY,
                    underWay.size() + " calls with " + bytes + " bytes are under way",
                    "try again in a moment");
            return;
        }
        if (!turn.now().isBefore(call.deadline())) {
            turn.refuse(asker, ErrorCode.TIMED_OUT, "the call leaves no time to run", "");
            return;
        }
        call.askers().add(asker);
        underWay.put(call.id(), call);
        bytes += length;
        attempt(call);
    }

    /** Gives the call to a host, lets it wait, or ends it; false if it waits. */
    private boolean attempt(Call call) {
        Registered.Function function = ledger.function(call.name()).orElse(null);
        if (function == null) {
            refuse(
                    call,
                    new Refusal(
                            ErrorCode.UNKNOWN_FUNCTION,
                            "there is no function " + call.name(),
                            "look for its name with fn search"));
            return true;
        }
        if (call.tries() >= config.bounds().triesMax()) {
            refuse(call, call.exhausted());
            return true;
        }
        Plan plan = plan(function);
        return switch (channels.payer(function, plan, call.offer())) {
            case Result.Refused<Registered.Channel>(var refusal) -> {
                turnDown(call, function, refusal);
                yield true;
            }
            case Result.Ok<Registered.Channel>(var channel) ->
                    choose(call, new Lanes.Bill(channel, function, plan));
        };
    }

    private Plan plan(Registered.Function function) {
        Plan plan = plans.get(function.plan());
        if (plan == null) {
            throw new IllegalStateException(
                    function.name() + " has a plan that the genesis does not offer");
        }
        return plan;
    }

    private boolean choose(Call call, Lanes.Bill bill) {
        List<Member> all = hosts.of(bill.function().id());
        List<Member> left = call.untried(all);
        Duration patience = config.waits().answer();
        if (all.isEmpty() && call.mayWaitForHost(turn.now(), hosts.arrival(), patience)) {
            return park(call, bill.function().id());
        }
        if (left.isEmpty()) {
            turnDown(call, bill.function(), call.exhausted());
            return true;
        }
        boolean canWait = false;
        Optional<Refusal> unpaid = Optional.empty();
        Optional<Choice.Picked<Member>> picked = choice.pick(left);
        while (picked.isPresent()) {
            Member host = picked.get().host();
            switch (lanes.reserve(bill, host.id(), call.id())) {
                case Result.Ok<Calling.Payment>(var payment) -> {
                    call.chose(picked.get());
                    ask(call, bill, host, payment);
                    return true;
                }
                case Result.Refused<Calling.Payment>(var refusal) -> {
                    unpaid = Optional.of(refusal);
                    canWait |= canWait(call, bill.lane(host.id()), refusal.code());
                    left = new ArrayList<>(left);
                    left.remove(host);
                }
            }
            picked = choice.pick(left);
        }
        // those that are left are full or suspect: places come free again
        boolean isLater = canWait || left.stream().anyMatch(host -> !host.isLeftOut());
        if (isLater) {
            return park(call, bill.function().id());
        }
        boolean isLeftOut = !all.isEmpty() && call.tries() == 0;
        turnDown(
                call,
                bill.function(),
                unpaid.orElseGet(isLeftOut ? call::allLeftOut : call::exhausted));
        return true;
    }

    private boolean park(Call call, FunctionId function) {
        call.park(true);
        parked.computeIfAbsent(function, _ -> new ArrayDeque<>()).addLast(call);
        return false;
    }

    /** This tracker has nobody to run or to pay the call; another one may. */
    private void turnDown(Call call, Registered.Function function, Refusal refusal) {
        elsewhere.pass(call, function.id(), refusal, this::elsewhereEnded);
    }

    private void elsewhereEnded(Call call, Result<Calling.Invoked> result) {
        switch (result) {
            case Result.Ok<Calling.Invoked>(var said) -> answered(call, said);
            case Result.Refused<Calling.Invoked>(var refusal) -> refuse(call, refusal);
        }
    }

    /** Whether the lane may take the call soon; a payer that owes is waited for but shortly. */
    private boolean canWait(Call call, Lane lane, ErrorCode why) {
        if (why == ErrorCode.UNPAID) {
            lanes.newest(lane).ifPresent(call::owed);
            return lanes.isBusy(lane, why)
                    && !call.hasWaitedForVoucher(
                            turn.now(), config.waits().voucher().multipliedBy(3));
        }
        return lanes.isBusy(lane, why);
    }

    private void ask(Call call, Lanes.Bill bill, Member host, Calling.Payment payment) {
        host.callBegins();
        Lane lane = bill.lane(host.id());
        Instant asked = turn.now();
        Duration rest = Duration.between(asked, call.deadline());
        questions.ask(
                host.id(),
                new Calling.Invoke(
                        call.id(), call.name(), Optional.of(payment), call.request(), rest),
                rest,
                new Questions.Ending() {
                    @Override
                    public void answered(Message message) {
                        host.callEnds();
                        if (message instanceof Calling.Invoked invoked
                                && invoked.outcome() instanceof Outcome.Refused(var refusal)) {
                            owed(call, bill, host, invoked.receipt());
                            reroute(call, lane, host, refusal);
                        } else if (message instanceof Calling.Invoked invoked) {
                            Duration took = Duration.between(asked, turn.now());
                            analytics.answered(turn.now(), lane.function(), host.id(), took);
                            invoked(call, bill, host, invoked);
                        } else {
                            garbage(call, lane, host, "answered with another message");
                        }
                        wake(host);
                    }

                    @Override
                    public void refused(Refusal refusal) {
                        host.callEnds();
                        if (refusal.code() == ErrorCode.REPLAYED_ENTRY) { // it has run there
                            hostLost(call, lane, host, refusal);
                        } else {
                            reroute(call, lane, host, refusal);
                        }
                        wake(host);
                    }

                    @Override
                    public void lost(Refusal refusal) {
                        host.callEnds();
                        hostLost(call, lane, host, refusal);
                        wake(host);
                    }
                });
    }

    /** The host may show what it waits to be paid for. */
    private void owed(Call call, Lanes.Bill bill, Member host, Bytes receipt) {
        if (Receipt.decode(receipt) instanceof Result.Ok<Receipt>(var newest)
                && newest.lane().equals(bill.lane(host.id()))) {
            lanes.owed(bill, newest);
            call.owed(newest);
        }
    }

    /** The host did not start it. */
    private void reroute(Call call, Lane lane, Member host, Refusal refusal) {
        lanes.notStarted(lane, call.id());
        if (refusal.code() == ErrorCode.UNPAID) {
            lanes.isUnpaid(lane);
        }
        if (call.mayHaveActed(refusal, ledger)) {
            call.left(host, refusal);
            refuse(call, Call.mayHaveActed(refusal));
        } else {
            goOn(call, host, lanes.reason(lane, refusal));
        }
    }

    private void goOn(Call call, Member host, Refusal refusal) {
        call.left(host, refusal);
        if (underWay.get(call.id()) == call) {
            turn.tell("call.rerouted", call.name().toString(), call.trail().getLast());
            attempt(call);
        }
    }

    private void garbage(Call call, Lane lane, Member host, String why) {
        lanes.broken(lane, call.id());
        host.leaveOut(turn.now().plus(config.waits().leftOut()));
        turn.tell("host.left-out", host.id().toString(), why);
        incidents.answeredFalsely(host.id(), call.name(), why);
        goOn(call, host, new Refusal(ErrorCode.PROOF_REFUSED, "the host " + why));
    }

    private void hostLost(Call call, Lane lane, Member host, Refusal refusal) {
        lostReceipts.add(lane, call.id());
        if (!host.isGone) {
            lostReceipts.joined(host.id());
        }
        remember(call.id(), host.id());
        if (refusal.code() == ErrorCode.TIMED_OUT || !call.isHarmless(ledger)) {
            call.left(host, refusal);
            refuse(call, Call.mayHaveRun("host " + host.id().brief(), refusal));
        } else {
            goOn(call, host, refusal);
        }
    }

    private void invoked(Call call, Lanes.Bill bill, Member host, Calling.Invoked said) {
        Lane lane = bill.lane(host.id());
        Result<Receipt> receipt =
                Receipt.decode(said.receipt())
                        .then(read -> call.fits(read, said, ledger))
                        .then(good -> lanes.receive(lane, good));
        switch (receipt) {
            case Result.Refused<Receipt>(var refusal)
                    when refusal.code() != ErrorCode.UNKNOWN_CHANNEL ->
                    garbage(call, lane, host, refusal.what());
            case Result.Refused<Receipt> _, Result.Ok<Receipt> _ -> {
                answered(call, said);
            }
        }
    }

    private void answered(Call call, Calling.Invoked said) {
        remember(call.id(), said.host());
        if (end(call)) {
            call.answer(turn, said);
        }
    }

    private void refuse(Call call, Refusal refusal) {
        if (end(call)) {
            call.refuse(turn, refusal);
        }
    }

    /** The call is under way no longer; false if it ended before. */
    private boolean end(Call call) {
        boolean isOpen = underWay.remove(call.id(), call);
        if (isOpen) {
            bytes -= call.request().body().length();
        }
        return isOpen;
    }

    private void remember(Digest call, NodeId host) {
        recent.put(call, host);
        if (recent.size() > config.bounds().recentMax()) {
            recent.remove(recent.keySet().iterator().next());
        }
    }

    /** Who ran a call, if it was one of the last. */
    Optional<NodeId> hostOf(Digest call) {
        return Optional.ofNullable(recent.get(call));
    }

    /** A host has a free place: calls of its functions that wait go on. */
    private void wake(Member host) {
        if (!parked.isEmpty()) {
            for (FunctionId function : List.copyOf(parked.keySet())) {
                if (host.serves.contains(function)) {
                    wake(function);
                }
            }
        }
    }

    /** Calls of the function that wait go on, as many as find a place. */
    void wake(FunctionId function) {
        ArrayDeque<Call> waiting = parked.remove(function);
        if (waiting == null) {
            return;
        }
        boolean isFree = true;
        while (isFree && !waiting.isEmpty()) {
            Call first = waiting.removeFirst();
            first.park(false);
            isFree = underWay.get(first.id()) != first || attempt(first);
        }
        if (!waiting.isEmpty()) {
            // the first of them has parked itself again, before those behind it
            parked.computeIfAbsent(function, _ -> new ArrayDeque<>()).addAll(waiting);
        }
    }

    /** Ends calls whose time is over, and lets those go on that wait for a host. */
    void sweep() {
        for (Call call : List.copyOf(underWay.values())) {
            boolean isOver =
                    !turn.now().isBefore(call.deadline())
                            && (call.isParked()
                                    || !turn.now()
                                            .isBefore(
                                                    call.deadline().plus(config.waits().answer())));
            if (isOver) {
                boolean isServed =
                        ledger.function(call.name())
                                .filter(function -> !hosts.of(function.id()).isEmpty())
                                .isPresent();
                refuse(call, call.late(isServed));
            }
        }
        List.copyOf(parked.keySet()).forEach(this::wake);
    }

    int size() {
        return underWay.size();
    }
}
