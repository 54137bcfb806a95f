package orb.node;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Registry;
import orb.ledger.Plan;
import orb.node.Node.Parts;
import orb.node.Node.Self;
import orb.node.Purse.PayerChannel;
import orb.node.admission.Seed;
import orb.node.finding.HostSearch;
import orb.node.turn.Turn;
import orb.node.turn.Turn.Answer;

/**
 * Calls functions for people and programs on this machine.
 *
 * <p>An own function that is served here runs here, free. Any other call goes to the followed
 * tracker, which chooses the host; while no tracker is linked, one that was called before and that
 * its caller pays for goes to a host that the hash table names. Each call has one deadline, counted
 * from its command, that every step on its way keeps; it is answered exactly once. It is sent over
 * another tracker if the first surely did not run it, or if its method is GET and its answer was
 * lost. The answer counts only if its receipt holds: the right function, executable, request,
 * answer and price.
 */
final class Calls {
    /** Prefix of the timers that end calls which wait for a channel. */
    static final String TIMER = "call:";

    private static final int TRIES_MAX = 3;

    /** A host may be a little ahead or behind; it takes at most {@link Hosting#DIRECT_MAX}. */
    private static final Duration SIGNED_FOR = Duration.ofMinutes(2);

    private final Turn turn;
    private final Self self;
    private final Joining joining;
    private final Seeds seeds;
    private final Login login;
    private final OwnCalls own;
    private final HostSearch search;
    private final Purse purse;
    private final Payments payments;
    private final Map<FunctionName, FunctionFacts> facts = new LinkedHashMap<>();
    private final Map<Digest, NodeId> hosts = new LinkedHashMap<>();
    private final Map<String, Outgoing> waiting = new LinkedHashMap<>();

    /** What a call needs of the node's other concerns. */
    record Means(Seeds seeds, OwnCalls own, HostSearch search, Paid paid) {}

    /** What pays for it. */
    record Paid(Login login, Purse purse, Payments payments) {}

    Calls(Self self, Parts parts, Means means) {
        this.turn = parts.turn();
        this.self = self;
        this.joining = parts.joining();
        this.seeds = means.seeds();
        this.own = means.own();
        this.search = means.search();
        this.login = means.paid().login();
        this.purse = means.paid().purse();
        this.payments = means.paid().payments();
    }

    /**
     * A call to be sent: what it is, where to, and who pays.
     *
     * @param hub the tracker of the channel that pays
     * @param to the hub, or without it a host
     */
    private record Sending(
            Outgoing out,
            FunctionFacts facts,
            Plan plan,
            NodeId hub,
            NodeId to,
            Optional<Paying> paying) {
        boolean isDirect() {
            return !to.equals(hub);
        }

        Sending paidBy(PayerChannel channel, Credits most) {
            return new Sending(out, facts, plan, hub, to, Optional.of(new Paying(channel, most)));
        }

        Payments.Made made() {
            return new Payments.Made(out.id, facts, plan, out.mayRepeat(facts.grants()));
        }
    }

    /** The channel that a call is reserved on, and how much of it. */
    private record Paying(PayerChannel channel, Credits most) {}

    void call(long command, NodeCommand.Call what) {
        Outgoing out = new Outgoing(turn, command, what, self.config().waits().call());
        Optional<Seed> seed = seeds.serving(what.function());
        login.noteCalled(what.function());
        if (seed.isPresent() && login.isOwner(seed.get().facts().owner())) {
            own.call(command, what.request(), seed.get(), out.deadline);
            return;
        }
        FunctionFacts known = facts.get(what.function());
        if (known != null) {
            choose(out, known);
        } else {
            look(out);
        }
    }

    private void look(Outgoing out) {
        FunctionName name = out.what.function();
        joining.askTracker(
                new Registry.FindFunction(name),
                shorter(out.left(), self.config().waits().answer()),
                answer -> {
                    switch (answer.as(Registry.Functions.class)) {
                        case Result.Refused<Registry.Functions>(var refusal) -> out.refuse(refusal);
                        case Result.Ok<Registry.Functions>(var found)
                                when found.functions().stream()
                                        .noneMatch(one -> one.facts().name().equals(name)) ->
                                out.refuse(unknown(name));
                        case Result.Ok<Registry.Functions>(var found) ->
                                choose(out, remember(found.functions().getFirst().facts()));
                    }
                });
    }

    static Refusal unknown(FunctionName name) {
        return new Refusal(
                ErrorCode.UNKNOWN_FUNCTION, "there is no function " + name, "orb fn search");
    }

    /** Remembers what the registry said of a function. */
    FunctionFacts remember(FunctionFacts said) {
        facts.remove(said.name());
        if (facts.size() >= self.config().bounds().factsMax()) {
            facts.remove(facts.keySet().iterator().next());
        }
        facts.put(said.name(), said);
        return said;
    }

    private void choose(Outgoing out, FunctionFacts known) {
        Optional<NodeId> hub =
                joining.followed()
                        .filter(tracker -> !out.tried.contains(tracker))
                        .or(() -> untried(out));
        Optional<Plan> plan = self.config().genesis().plan(known.planHash());
        if (out.isOver()) {
            return;
        }
        if (plan.isEmpty()) {
            facts.remove(known.name());
            out.refuse(
                    new Refusal(
                            ErrorCode.NO_PLAN,
                            known.name() + " is under a plan that this swarm does not have"));
        } else {
            boolean mayPay = out.what.paid() && login.holder().isPresent();
            boolean mustPay = plan.get().payer() == Plan.Payer.REQUESTER;
            boolean isPaid = mayPay && plan.get().payer() != Plan.Payer.OWNER;
            if (mustPay && !mayPay) {
                out.refuse(out.what.paid() ? login.notLoggedIn() : noToken(known));
            } else if (hub.isEmpty() && isPaid && joining.trackersLinked().isEmpty()) {
                sendToHost(out, known, plan.get());
            } else if (hub.isEmpty()) {
                out.refuse(joining.notConnected());
            } else {
                NodeId to = hub.get();
                Sending sending = new Sending(out, known, plan.get(), to, to, Optional.empty());
                if (isPaid) {
                    reserve(sending);
                } else {
                    send(sending);
                }
            }
        }
    }

    /** No tracker is there: a host that the hash table names is asked, and bears the call alone. */
    private void sendToHost(Outgoing out, FunctionFacts known, Plan plan) {
        Credits most = plan.priceMax(known.limits().fuel());
        Optional<PayerChannel> ready = purse.ready(most);
        if (ready.isEmpty()) {
            out.refuse(joining.notConnected());
            return;
        }
        PayerChannel channel = ready.get();
        String timer = await(out);
        search.next(
                new HostSearch.Wanted(known, channel.hosts(), out.tried).without(self.id()),
                host -> {
                    waiting.remove(timer);
                    boolean isLoggedIn = login.holder().isPresent();
                    if (host.isPresent() && isLoggedIn && !out.isOver()) {
                        NodeId hub = channel.hub();
                        send(
                                new Sending(out, known, plan, hub, host.get(), Optional.empty())
                                        .paidBy(channel, most));
                    } else {
                        channel.release(most);
                        out.refuse(isLoggedIn ? joining.notConnected() : login.notLoggedIn());
                    }
                });
        wakeIfWaiting(timer, out);
    }

    private void wakeIfWaiting(String timer, Outgoing out) {
        if (waiting.containsKey(timer)) {
            turn.wakeAfter(timer, out.left());
        }
    }

    private static Refusal noToken(FunctionFacts known) {
        return new Refusal(
                ErrorCode.TOKEN_REFUSED,
                known.name() + " is paid for by its caller, and no token was shown",
                "call it with a token, or as the person logged in: orb invoke " + known.name());
    }

    private Optional<NodeId> untried(Outgoing out) {
        return joining.trackersLinked().stream()
                .filter(tracker -> !out.tried.contains(tracker))
                .findFirst();
    }

    private void reserve(Sending sending) {
        Credits most = sending.plan.priceMax(sending.facts.limits().fuel());
        String timer = await(sending.out);
        purse.ready(
                sending.hub,
                most,
                channel -> {
                    waiting.remove(timer);
                    switch (channel) {
                        case Result.Refused<PayerChannel>(var refusal) ->
                                sending.out.refuse(refusal);
                        case Result.Ok<PayerChannel>(var ready) -> {
                            if (sending.out.isOver()) {
                                ready.release(most);
                            } else {
                                send(sending.paidBy(ready, most));
                            }
                        }
                    }
                });
        wakeIfWaiting(timer, sending.out); // the channel is not ready yet
    }

    private String await(Outgoing out) {
        String timer = TIMER + out.command;
        waiting.put(timer, out);
        return timer;
    }

    /** The time of a call that waits for a channel has run out. */
    void woke(String timer) {
        Outgoing out = waiting.remove(timer);
        if (out != null) {
            out.refuse(out.tooLate());
        }
    }

    private void send(Sending sending) {
        Outgoing out = sending.out;
        out.tried.add(sending.to);
        Optional<Calling.Payment> payment =
                sending.paying.map(
                        paying -> new Calling.Payment(paying.channel.id(), Credits.ZERO));
        Calling.Invoke invoke =
                new Calling.Invoke(
                        out.id, out.what.function(), payment, out.what.request(), out.left());
        turn.ask(
                sending.to,
                sending.isDirect() ? direct(sending.to, invoke) : invoke,
                out.left(),
                answer -> answered(sending, answer));
    }

    private Calling direct(NodeId host, Calling.Invoke invoke) {
        long until = turn.now().plus(SIGNED_FOR).toEpochMilli();
        KeyPair wallet = login.holder().orElseThrow().wallet();
        return Calling.Direct.sign(invoke, self.network(), host, until, wallet);
    }

    private void answered(Sending sending, Answer answer) {
        sending.paying.ifPresent(paying -> paying.channel.release(paying.most));
        Outgoing out = sending.out;
        switch (answer) {
            case Answer.Lost(var refusal) -> {
                if (sending.paying.isPresent()) {
                    payments.lost(sending.hub, sending.made());
                }
                joining.followAnother(sending.hub);
                again(sending, refusal, out.mayRepeat(sending.facts.grants()));
            }
            case Answer.Refused(var refusal) when sending.isDirect() ->
                    again(sending, refusal, true);
            case Answer.Refused(var refusal) -> turnedAway(sending, refusal);
            case Answer.Said(Calling.Invoked(Outcome.Refused(var refusal), _, var newest, _)) ->
                    notStarted(sending, refusal, newest);
            case Answer.Said(Calling.Invoked invoked) -> ran(sending, invoked);
            case Answer.Said _ -> {
                if (answer.as(Calling.Invoked.class)
                        instanceof Result.Refused<Calling.Invoked>(var refusal)) {
                    out.refuse(refusal);
                }
            }
        }
    }

    /** No host started it; one may show what it waits to be paid for, which is then paid. */
    private void notStarted(Sending sending, Refusal refusal, Bytes newest) {
        Outgoing out = sending.out;
        boolean pays =
                sending.paying
                        .filter(paying -> payments.owed(paying.channel, sending.made(), newest))
                        .isPresent();
        if (pays && !out.paidDebt && !sending.isDirect()) {
            out.paidDebt = true;
            out.tried.remove(sending.to);
            choose(out, sending.facts);
        } else {
            again(sending, refusal, true);
        }
    }

    private void turnedAway(Sending sending, Refusal refusal) {
        Outgoing out = sending.out;
        switch (refusal.code()) {
            case CHANNEL_EXHAUSTED -> {
                if (sending.paying.isEmpty() || out.toppedUp) {
                    out.refuse(refusal);
                    return;
                }
                out.toppedUp = true;
                out.tried.remove(sending.to);
                String timer = await(out);
                turn.wakeAfter(timer, out.left());
                purse.topUp(
                        sending.hub,
                        channel -> {
                            waiting.remove(timer);
                            switch (channel) {
                                case Result.Ok<PayerChannel> _ -> choose(out, sending.facts);
                                case Result.Refused<PayerChannel>(var why) -> out.refuse(why);
                            }
                        });
            }
            case UNKNOWN_CHANNEL, CHANNEL_STATE -> {
                purse.forget(sending.hub);
                boolean first = !out.toppedUp;
                out.toppedUp = true;
                if (first) {
                    out.tried.remove(sending.to);
                }
                again(sending, refusal, first && sending.paying.isPresent());
            }
            case NO_HOST, NOT_CONNECTED, BUSY, UNPAID -> again(sending, refusal, true);
            case UNKNOWN_FUNCTION -> {
                facts.remove(out.what.function());
                out.refuse(refusal);
            }
            case TIMED_OUT,
                    PEER_LOST -> { // the tracker lost the host: it may have counted the call
                if (sending.paying.isPresent()) {
                    payments.lost(sending.hub, sending.made());
                }
                out.refuse(refusal);
            }
            default -> out.refuse(refusal);
        }
    }

    /** Tries another tracker if the call may be made again and there is one. */
    private void again(Sending sending, Refusal refusal, boolean mayRepeat) {
        Outgoing out = sending.out;
        if (out.isOver()) {
            return;
        }
        out.trail.add(sending.to.brief() + ": " + refusal);
        if (mayRepeat
                && out.trail.size() < TRIES_MAX
                && (sending.isDirect() || untried(out).isPresent())) {
            choose(out, sending.facts);
        } else {
            out.refuse(refusal);
        }
    }

    private void ran(Sending sending, Calling.Invoked invoked) {
        Result<Receipt> receipt = Receipt.decode(invoked.receipt());
        if (receipt instanceof Result.Ok<Receipt>(var shown) && !isOf(sending.facts, shown)) {
            // a version was deployed since, or what was remembered is wrong: ask the registry anew
            facts.remove(sending.facts.name());
            joining.askTracker(
                    new Registry.FindFunction(sending.out.what.function()),
                    answer -> finish(refreshed(sending, answer), invoked, receipt));
        } else {
            finish(sending, invoked, receipt);
        }
    }

    private static boolean isOf(FunctionFacts facts, Receipt receipt) {
        return receipt.lane().function().equals(facts.id())
                && receipt.version() == facts.version()
                && receipt.artefact().equals(facts.artefact())
                && receipt.plan().equals(facts.planHash());
    }

    private Sending refreshed(Sending sending, Answer answer) {
        if (answer.as(Registry.Functions.class) instanceof Result.Ok<Registry.Functions>(var found)
                && !found.functions().isEmpty()) {
            FunctionFacts fresh = remember(found.functions().getFirst().facts());
            Plan plan = self.config().genesis().plan(fresh.planHash()).orElse(sending.plan);
            return new Sending(sending.out, fresh, plan, sending.hub, sending.to, sending.paying);
        }
        return sending;
    }

    private void finish(Sending sending, Calling.Invoked invoked, Result<Receipt> receipt) {
        Outgoing out = sending.out;
        switch (receipt.then(shown -> holds(sending, invoked, shown))) {
            case Result.Refused<Receipt>(var refusal) -> {
                turn.tell(
                        turn.notice("call.false-receipt", invoked.host().brief(), refusal.what()));
                out.refuse(refusal);
            }
            case Result.Ok<Receipt>(var good) -> {
                sending.paying
                        .filter(paying -> paying.channel.id().equals(good.lane().channel()))
                        .map(paying -> payments.take(paying.channel, sending.made(), good))
                        .filter(taken -> !taken.isOk())
                        .ifPresent(_ -> out.trail.add("the receipt is not counted"));
                noteHost(out.id, invoked.host());
                out.trail.add("run by " + invoked.host().brief());
                out.answer(
                        Result.ok(
                                new NodeReply.Called(
                                        out.id,
                                        invoked.outcome(),
                                        invoked.host(),
                                        invoked.receipt(),
                                        invoked.timing(),
                                        List.copyOf(out.trail))));
            }
        }
    }

    private void noteHost(Digest call, NodeId host) {
        if (hosts.size() >= self.config().bounds().paidReceiptsMax()) {
            hosts.remove(hosts.keySet().iterator().next());
        }
        hosts.put(call, host);
    }

    /** Who ran a call that was made from here; empty if it is too long ago. */
    Optional<NodeId> hostOf(Digest call) {
        return Optional.ofNullable(hosts.get(call));
    }

    /** The receipt, if all that it says is what this caller has seen. */
    private static Result<Receipt> holds(
            Sending sending, Calling.Invoked invoked, Receipt receipt) {
        Optional<String> wrong = sending.made().wrong(sending.out.what.request(), invoked, receipt);
        return wrong.isEmpty()
                ? Result.ok(receipt)
                : Result.refused(
                        new Refusal(
                                ErrorCode.PROOF_REFUSED,
                                "the receipt of host "
                                        + invoked.host().brief()
                                        + " for "
                                        + sending.facts.name()
                                        + " "
                                        + wrong.get(),
                                "its answer is not to be trusted: call again"));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
