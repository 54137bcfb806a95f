package orb.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Registry;
import orb.ledger.Entry;
import orb.ledger.HostLane;
import orb.ledger.Plan;
import orb.ledger.SignedEntry;

/**
 * Channels of payers that this host meets: whose signatures on vouchers count on each.
 *
 * <p>A channel's id is the digest of the signed entry that opened it, so the entry that a tracker
 * shows either is the right one or does not match; nothing else of the tracker has to be believed.
 */
final class Channels {
    private final Questions questions;
    private final NodeConfig config;
    private final Map<Digest, Channel> known = new LinkedHashMap<>();
    private final Map<Digest, List<Consumer<Result<Channel>>>> asked = new LinkedHashMap<>();

    /** A channel as its payer opened it. */
    record Channel(Digest id, PublicKey payer, Entry.LockEscrow lock) {
        /** The terms of a lane on this channel, or why the channel cannot pay for the function. */
        Result<HostLane.Terms> terms(Self self, Lane lane, FunctionFacts facts) {
            return self.config()
                    .genesis()
                    .plan(facts.planHash())
                    .filter(plan -> pays(plan, facts))
                    .map(plan -> Result.ok(terms(self.network(), lane, plan)))
                    .orElseGet(() ->
                            Result.refused(
                                    ErrorCode.UNKNOWN_CHANNEL,
                                    "channel "
                                            + id
                                            + " does not pay for "
                                            + facts.name()
                                            + " under plan "
                                            + facts.plan()));
        }

        private HostLane.Terms terms(Digest network, Lane lane, Plan plan) {
            List<PublicKey> promisers =
                    payer.equals(lock.delegate())
                            ? List.of(payer)
                            : List.of(payer, lock.delegate());
            return new HostLane.Terms(
                    network, lane, plan, lock.hub(), promisers, HostLane.UNPAID_MAX);
        }

        private boolean pays(Plan plan, FunctionFacts facts) {
            return switch (lock.purpose()) {
                case Entry.Purpose.Calls _, Entry.Purpose.Token _ ->
                        plan.payer() != Plan.Payer.OWNER;
                case Entry.Purpose.Sponsor(var function) ->
                        plan.payer() != Plan.Payer.REQUESTER && function.equals(facts.id());
            };
        }
    }

    Channels(Questions questions, NodeConfig config) {
        this.questions = questions;
        this.config = config;
    }

    /** Finds out about a channel, asking its hub once however many want to know. */
    void learn(NodeId hub, Digest id, Consumer<Result<Channel>> then) {
        Channel channel = known.get(id);
        if (channel != null) {
            then.accept(Result.ok(channel));
            return;
        }
        List<Consumer<Result<Channel>>> waiting = asked.computeIfAbsent(id, _ -> new ArrayList<>());
        waiting.add(then);
        if (waiting.size() == 1) {
            questions.ask(
                    hub,
                    new Registry.FindChannel(id),
                    config.waits().answer(),
                    answer -> found(id, answer.as(Registry.Entry.class).then(e -> read(id, e))));
        }
    }

    private void found(Digest id, Result<Channel> result) {
        if (result instanceof Result.Ok<Channel>(var channel)) {
            if (known.size() >= config.bounds().lanesMax()) {
                known.remove(known.keySet().iterator().next());
            }
            known.put(id, channel);
        }
        List<Consumer<Result<Channel>>> waiting = asked.remove(id);
        if (waiting != null) {
            waiting.forEach(then -> then.accept(result));
        }
    }

    private static Result<Channel> read(Digest id, Registry.Entry entry) {
        if (entry.entry().isEmpty()) {
            return Result.refused(ErrorCode.UNKNOWN_CHANNEL, "the ledger has no channel " + id);
        }
        Bytes bytes = entry.entry().get();
        if (!Digest.of(bytes).equals(id)) {
            return Result.refused(
                    ErrorCode.HASH_MISMATCH, "the entry shown for channel " + id + " is another");
        }
        return Result.catching(() -> {
            SignedEntry signed = SignedEntry.check(bytes).result().orThrow();
            if (signed.entry() instanceof Entry.LockEscrow lock) {
                return new Channel(id, signed.head().signer(), lock);
            }
            throw new RefusedException(
                    new Refusal(ErrorCode.UNKNOWN_CHANNEL, "entry " + id + " opens no channel"));
        });
    }
}
