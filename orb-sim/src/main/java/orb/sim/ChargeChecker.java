package orb.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.Result;
import orb.kernel.message.Calling;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.ledger.Entry;
import orb.ledger.HostLane;
import orb.ledger.Plan;
import orb.ledger.Registered;

/**
 * Holds every payment to the calls behind it.
 *
 * <p>What a lane was paid is the sum of a chain of receipts that its host gave, each for a call
 * that its payer asked for, at the plan's price for the work done; no call is in two chains.
 *
 * <p>Among liars a payer or hub that has lost its last moments can be made to pay for as many calls
 * as a host lets go unpaid, which nobody made or which another host was paid for; no more.
 */
final class ChargeChecker implements Checker {
    private final boolean isHonest;
    private final NavigableMap<Digest, Receipt> given = new TreeMap<>();
    private final NavigableMap<Digest, NavigableSet<NodeId>> askers = new TreeMap<>();
    private final NavigableSet<Digest> harmless = new TreeSet<>();

    /**
     * Holds payments to calls.
     *
     * @param isHonest whether no peer lies, so that what a hub sends to a host is what it was asked
     */
    ChargeChecker(boolean isHonest) {
        this.isHonest = isHonest;
    }

    @Override
    public void stepped(NodeId peer, Event event, List<Effect> effects) {
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Ask(_, _, Calling.Invoke invoke, _) -> asked(peer, invoke);
                case Effect.Ask(_, _, Calling.Direct direct, _) -> asked(peer, direct.invoke());
                case Effect.Answer(_, Calling.Invoked invoked) when !invoked.receipt().isEmpty() ->
                        gave(peer, invoked);
                default -> {
                    // what is neither asked nor answered costs nothing
                }
            }
        }
    }

    private void asked(NodeId peer, Calling.Invoke invoke) {
        askers.computeIfAbsent(invoke.call(), _ -> new TreeSet<>()).add(peer);
        if (invoke.request().method().equals("GET")) {
            harmless.add(invoke.call());
        }
    }

    private void gave(NodeId peer, Calling.Invoked invoked) {
        if (Receipt.decode(invoked.receipt()) instanceof Result.Ok<Receipt>(var receipt)
                && receipt.lane().host().equals(peer)) {
            given.put(receipt.digest(), receipt);
        }
    }

    @Override
    public List<String> violations(Replay replay) {
        List<String> found = new ArrayList<>();
        NavigableMap<Digest, Lane> charged = new TreeMap<>();
        replay.payouts()
                .forEach((lane, payout) -> {
                    List<String> strange = new ArrayList<>();
                    for (Receipt receipt : chain(payout, found)) {
                        Lane before = charged.put(receipt.call(), lane);
                        if (before != null && !mayRepeat(receipt, before)) {
                            strange.add(
                                    String.format(
                                            "call %s was charged twice, on lanes %s and %s",
                                            receipt.call(), before, lane));
                        }
                        wrong(receipt, replay).ifPresent(found::add);
                        unasked(receipt, replay).ifPresent(strange::add);
                    }
                    if (isHonest || strange.size() > HostLane.UNPAID_MAX) {
                        found.addAll(strange);
                    }
                });
        return found;
    }

    private boolean mayRepeat(Receipt receipt, Lane before) {
        boolean isElsewhere = !receipt.lane().equals(before);
        return receipt.price().isZero() || (harmless.contains(receipt.call()) && isElsewhere);
    }

    /** The receipts that a payment pays, newest first. */
    private List<Receipt> chain(Registered.Payout payout, List<String> problems) {
        List<Receipt> chain = new ArrayList<>();
        Digest next = payout.receiptHead();
        long sequence = payout.calls();
        Credits amount = payout.paid();
        while (sequence > 0) {
            Optional<Receipt> found = find(next, payout.lane(), sequence, amount);
            if (found.isEmpty()) {
                problems.add(
                        String.format(
                                "lane %s was paid %s up to receipt %d, and its host gave no receipt"
                                        + " %d of %s",
                                payout.lane(), payout.paid(), payout.calls(), sequence, amount));
                return chain;
            }
            Receipt receipt = found.get();
            chain.add(receipt);
            next = receipt.previous();
            amount = amount.minus(receipt.price());
            sequence--;
        }
        if (!amount.isZero()) {
            problems.add("lane " + payout.lane() + " was paid " + amount + " for nothing");
        }
        return chain;
    }

    private Optional<Receipt> find(Digest digest, Lane lane, long sequence, Credits amount) {
        return Optional.ofNullable(given.get(digest))
                .filter(receipt -> receipt.lane().equals(lane))
                .filter(receipt -> receipt.sequence() == sequence)
                .filter(receipt -> receipt.amount().equals(amount));
    }

    private Optional<String> wrong(Receipt receipt, Replay replay) {
        Lane lane = receipt.lane();
        Registered.Channel channel = replay.channels().get(lane.channel());
        Optional<Plan> plan = replay.ledger().genesis().plan(receipt.plan());
        if (channel == null || plan.isEmpty()) {
            return Optional.of("call " + receipt.call() + " was paid from nowhere, lane " + lane);
        }
        Credits price = plan.get().price(receipt.ending(), receipt.fuel());
        if (!receipt.price().equals(price)) {
            return Optional.of(
                    String.format(
                            "call %s cost %s, and its plan says %s",
                            receipt.call(), receipt.price(), price));
        }
        return Optional.empty();
    }

    /** What is wrong with paying for a call, by who asked for it. */
    private Optional<String> unasked(Receipt receipt, Replay replay) {
        Registered.Channel channel = replay.channels().get(receipt.lane().channel());
        if (channel == null) {
            return Optional.empty(); // said already
        }
        boolean isCallers = channel.purpose() instanceof Entry.Purpose.Calls;
        boolean wasAsked =
                askers.getOrDefault(receipt.call(), new TreeSet<>()).stream()
                        .anyMatch(asker ->
                                (isCallers && isOf(asker, channel, replay))
                                        || (!(isCallers && isHonest)
                                                && asker.equals(channel.hub())));
        return wasAsked
                ? Optional.empty()
                : Optional.of(
                        "call "
                                + receipt.call()
                                + " was paid by "
                                + channel.payer().brief()
                                + ", who did not make it");
    }

    private static boolean isOf(NodeId node, Registered.Channel channel, Replay replay) {
        return replay.ledger()
                .node(node)
                .filter(bound -> bound.account().equals(channel.payer()))
                .isPresent();
    }
}
