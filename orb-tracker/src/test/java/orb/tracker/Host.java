package orb.tracker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.Timing;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.CallDigest;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.Seeding;
import orb.kernel.port.Effect;
import orb.ledger.Entry;
import orb.ledger.HostLane;
import orb.ledger.Plan;
import orb.ledger.ReceiptBatch;
import orb.ledger.SignedEntry;
import orb.ledger.Voucher;
import orb.overlay.Assurance;
import orb.overlay.Bandwidth;
import orb.overlay.Capabilities;
import orb.overlay.PeerRecord;

/** A node at the other end of a link: hosts, receipts and vouchers by the ledger's own rules. */
final class Host {
    final Scene scene;
    final KeyPair key;
    final NodeId id;
    final Map<FunctionId, FunctionFacts> offered = new LinkedHashMap<>();
    final Map<Lane, HostLane> lanes = new TreeMap<>();
    final Map<Digest, Receipt> receipts = new TreeMap<>();
    final List<Voucher.Signed> vouchers = new ArrayList<>();
    int ran;
    boolean seeds = true;
    boolean losesVouchers;

    /** What it makes of its answers; honest unless a test says otherwise. */
    UnaryOperator<Message> lies = UnaryOperator.identity();

    Host(Scene scene, String name) {
        this.scene = scene;
        key = Scene.key(name);
        id = NodeId.of(key.publicKey());
    }

    PeerRecord record(long sequence) {
        return new PeerRecord(
                key.publicKey(),
                PeerRecord.Role.NODE,
                true,
                "",
                List.of(),
                new Capabilities(2, ByteSize.mib(256), Bandwidth.UNKNOWN, List.of()),
                Assurance.L1,
                Credits.ZERO,
                sequence,
                scene.now.plusSeconds(3600));
    }

    Membership.Hello hello() {
        return new Membership.Hello(
                Scene.GENESIS.network(),
                record(scene.now.toEpochMilli()).sign(key).bytes(),
                "orb/test");
    }

    /** Links and says Hello. */
    Message join() {
        scene.link(id);
        return scene.asked(id, hello());
    }

    Message beat(int running, int capacity) {
        return scene.asked(id, new Membership.Beat(running, capacity, 0));
    }

    /** Says that it serves what it was offered. */
    Message serve(FunctionFacts facts) {
        return scene.asked(id, new Seeding.Serving(facts.id(), facts.artefact()));
    }

    /** Answers all that it was asked, and what comes of that, until nothing is left. */
    void answerAll() {
        while (!scene.asksTo(id).isEmpty()) {
            answerNext();
        }
    }

    void answerNext() {
        Effect.Ask ask = scene.asksTo(id).getFirst();
        scene.reply(ask, lies.apply(answer(ask.message())));
    }

    /** The newest receipt of a function that it was offered, which it has run. */
    Receipt newest(FunctionFacts facts) {
        return receipts.values().stream()
                .filter(receipt -> receipt.lane().function().equals(facts.id()))
                .max(Comparator.comparingLong(Receipt::sequence))
                .orElseThrow();
    }

    Message answer(Message question) {
        return switch (question) {
            case Seeding.Available(var facts) -> {
                offered.put(facts.id(), facts);
                yield new Seeding.Acknowledged(seeds, seeds ? "" : "policy seed=never");
            }
            case Calling.Invoke invoke -> run(invoke);
            case Calling.Pay pay -> paid(pay);
            case Calling.FindProof(var call, _) -> proof(call);
            default -> throw new AssertionError("a tracker does not ask this: " + question);
        };
    }

    private Message run(Calling.Invoke invoke) {
        FunctionFacts facts =
                offered.values().stream()
                        .filter(f -> f.name().equals(invoke.function()))
                        .findFirst()
                        .orElseThrow();
        Calling.Payment payment = invoke.payment().orElseThrow();
        HostLane lane =
                lanes.computeIfAbsent(
                        new Lane(payment.channel(), id, facts.id()),
                        name -> new HostLane(terms(name, facts)));
        return switch (lane.admit(payment.slice(), facts.limits().fuel())) {
            case Result.Refused<HostLane.Ticket>(var refusal)
                    when refusal.code() == ErrorCode.UNPAID && !lane.unpaid().isEmpty() ->
                    new Calling.Invoked(
                            new Outcome.Refused(refusal),
                            id,
                            lane.unpaid().getLast().encoded(),
                            Timing.NONE);
            case Result.Refused<HostLane.Ticket>(var refusal) -> new Message.Refused(refusal);
            case Result.Ok<HostLane.Ticket>(var ticket) -> {
                ran++;
                Outcome outcome = new Outcome.Completed(Response.ok(Bytes.utf8("5")), Scene.FUEL);
                Receipt receipt =
                        lane.complete(
                                ticket,
                                new HostLane.Work(
                                        invoke.call(),
                                        facts.artefact(),
                                        facts.version(),
                                        CallDigest.input(invoke.request()),
                                        CallDigest.output(outcome),
                                        outcome,
                                        1,
                                        scene.now.toEpochMilli()));
                receipts.put(invoke.call(), receipt);
                yield new Calling.Invoked(outcome, id, receipt.encoded(), Timing.NONE);
            }
        };
    }

    /** Learns from the channel's own entry whose vouchers count. */
    private HostLane.Terms terms(Lane lane, FunctionFacts facts) {
        Bytes bytes =
                scene.log.stream()
                        .map(ordered -> ordered.entry())
                        .filter(entry -> Digest.of(entry).equals(lane.channel()))
                        .findFirst()
                        .orElseThrow();
        SignedEntry signed = SignedEntry.check(bytes).result().orThrow();
        Entry.LockEscrow lock = (Entry.LockEscrow) signed.entry();
        Plan plan = Scene.GENESIS.plan(facts.plan()).orElseThrow();
        return new HostLane.Terms(
                Scene.GENESIS.network(),
                lane,
                plan,
                lock.hub(),
                List.of(signed.head().signer(), lock.delegate()),
                HostLane.UNPAID_MAX);
    }

    private Message paid(Calling.Pay pay) {
        if (losesVouchers) {
            return new Message.Refused(new Refusal(ErrorCode.BUSY, "later"));
        }
        Voucher.Signed signed = Voucher.Signed.decode(pay.voucher()).orThrow();
        HostLane lane = lanes.get(signed.voucher().lane());
        if (lane == null) {
            return new Message.Refused(new Refusal(ErrorCode.BAD_VOUCHER, "no such lane"));
        }
        return switch (lane.accept(signed)) {
            case Result.Refused<Voucher.Signed>(var refusal) -> new Message.Refused(refusal);
            case Result.Ok<Voucher.Signed> _ -> {
                vouchers.add(signed);
                yield new Message.Done();
            }
        };
    }

    private Message proof(Digest call) {
        return Optional.ofNullable(receipts.get(call))
                .<Message>map(receipt ->
                        new Calling.Proof(
                                ReceiptBatch.seal(key, 1, List.of(receipt)).proof(0).encoded()))
                .orElseGet(() ->
                        new Message.Refused(
                                new Refusal(ErrorCode.PROOF_REFUSED, "no receipt of it")));
    }
}
