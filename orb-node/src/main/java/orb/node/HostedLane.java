package orb.node;

import java.util.ArrayList;
import java.util.Comparator;
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
import orb.kernel.FunctionId;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Registry;
import orb.kernel.port.Table;
import orb.ledger.Entry;
import orb.ledger.Genesis;
import orb.ledger.HostLane;
import orb.ledger.Plan;
import orb.ledger.SignedEntry;
import orb.ledger.Voucher;
import orb.node.Node.Self;
import orb.node.turn.Turn;

/**
 * A lane that this node is paid on, with what of it is kept.
 *
 * <p>Two kinds of rows let it go on after a restart: one with its terms, its highest voucher and
 * that voucher's last receipt, and a ring of rows with the receipts since. Each receipt's row is
 * saved before its answer leaves, one small row per call.
 */
final class HostedLane {
    /** More than can be unpaid, so that no receipt that counts is overwritten. */
    static final int RING = 32;

    private static final char PREFIX = 'h';
    private static final int PROMISERS_MAX = 4;

    final HostLane lane;
    private Optional<Covered> covered;
    private Credits settled;
    private boolean settling;

    /** The highest voucher and the receipt that it ends with. */
    record Covered(Voucher.Signed voucher, Receipt last) {}

    private HostedLane(HostLane lane, Optional<Covered> covered, Credits settled) {
        this.lane = lane;
        this.covered = covered;
        this.settled = settled;
    }

    void cover(Voucher.Signed voucher, Receipt last) {
        covered = Optional.of(new Covered(voucher, last));
    }

    Credits settled() {
        return settled;
    }

    boolean isSettling() {
        return settling;
    }

    void settling() {
        settling = true;
    }

    /** A settlement has its answer; {@code amount} is what the ledger has paid at least. */
    void settled(Credits amount) {
        settling = false;
        settled = amount.compareTo(settled) > 0 ? amount : settled;
    }

    /** What the plan gives this host of a call, by the smaller share where two may hold. */
    Credits share(Receipt receipt) {
        Plan plan = lane.terms().plan();
        Plan.Shares shares =
                switch (plan.payer()) {
                    case REQUESTER -> plan.requested();
                    case OWNER -> plan.sponsored();
                    case BOTH ->
                            plan.requested().host() <= plan.sponsored().host()
                                    ? plan.requested()
                                    : plan.sponsored();
                };
        Credits before = receipt.amount().minus(receipt.price());
        return shares.split(receipt.amount()).since(shares.split(before)).host();
    }

    /** Nothing is owed, promised or running here that a later call would need. */
    boolean isIdle() {
        return lane.atRisk() == 0 && !settling && lane.settlement(settled).isEmpty();
    }

    static Bytes key(Lane lane) {
        byte[] name =
                Digest.sha256(
                                lane.channel().bytes().array(),
                                lane.host().digest().bytes().array(),
                                lane.function().digest().bytes().array())
                        .bytes()
                        .array();
        return Bytes.of((byte) PREFIX).concat(Bytes.wrap(name));
    }

    static boolean isKey(Bytes key) {
        return key.length() == 1 + Digest.LENGTH && key.at(0) == PREFIX;
    }

    /** Where a receipt stands in its lane's ring. */
    static Bytes receiptKey(Receipt receipt) {
        return key(receipt.lane()).concat(Bytes.of((byte) (receipt.sequence() % RING)));
    }

    /** The row of {@code Table.LANES}. */
    Bytes encoded() {
        HostLane.Terms terms = lane.terms();
        List<Value> promisers = new ArrayList<>();
        terms.promisers().forEach(key -> promisers.add(Value.of(key.bytes())));
        return Cbor.encode(
                Value.array(
                        Value.of(terms.lane().channel().bytes()),
                        Value.of(terms.lane().host().digest().bytes()),
                        Value.of(terms.lane().function().digest().bytes()),
                        Value.of(terms.plan().hash().bytes()),
                        Value.of(terms.hub().digest().bytes()),
                        Value.array(promisers),
                        Value.of(settled.micro()),
                        covered.map(HostedLane::encoded).orElse(Value.NULL)));
    }

    private static Value encoded(Covered covered) {
        return Value.array(Value.of(covered.voucher.encoded()), Value.of(covered.last.encoded()));
    }

    /**
     * A lane as it was kept; empty if the swarm's plans no longer have its plan.
     *
     * @param ring the rows of its receipts, in any order, older ones among them
     * @throws RefusedException if a row is damaged
     */
    static Optional<HostedLane> decode(Bytes row, List<Receipt> ring, Genesis genesis) {
        Fields f = Fields.of(Cbor.decodeOrThrow(row, DecodeLimits.ENTRY), "lane");
        Lane lane = new Lane(f.digest(), new NodeId(f.digest()), new FunctionId(f.digest()));
        Optional<Plan> plan = genesis.plan(f.digest());
        NodeId hub = new NodeId(f.digest());
        List<PublicKey> promisers =
                f.list(
                        PROMISERS_MAX,
                        value ->
                                new PublicKey(
                                        Fields.of(Value.array(value), "key")
                                                .exactBytes(PublicKey.LENGTH)));
        Credits settled = f.credits();
        Optional<Covered> covered = f.optional(HostedLane::covered);
        f.end();
        return plan.map(known -> {
            HostLane.Terms terms =
                    new HostLane.Terms(
                            genesis.network(), lane, known, hub, promisers, HostLane.UNPAID_MAX);
            HostLane resumed =
                    HostLane.resume(terms, chain(covered, ring), covered.map(Covered::voucher));
            return new HostedLane(resumed, covered, settled);
        });
    }

    private static Covered covered(Fields outer) {
        Fields f = outer.fields("covered");
        Covered covered =
                new Covered(
                        Voucher.Signed.decode(f.bytes(DecodeLimits.ENTRY.bytesMax())).orThrow(),
                        Receipt.decode(f.bytes(DecodeLimits.ENTRY.bytesMax())).orThrow());
        f.end();
        return covered;
    }

    /** The receipts from the covered one on that follow each other without a gap. */
    private static List<Receipt> chain(Optional<Covered> covered, List<Receipt> ring) {
        List<Receipt> chain = new ArrayList<>();
        covered.ifPresent(known -> chain.add(known.last));
        List<Receipt> ordered = new ArrayList<>(ring);
        ordered.sort(Comparator.comparingLong(Receipt::sequence));
        for (Receipt receipt : ordered) {
            long last = chain.isEmpty() ? 0 : chain.getLast().sequence();
            Digest head = chain.isEmpty() ? Digest.ZERO : chain.getLast().digest();
            if (receipt.sequence() == last + 1 && receipt.previous().equals(head)) {
                chain.add(receipt);
            }
        }
        return chain;
    }

    /**
     * All lanes of this host: those in use, and those of which all is paid, as rows. A lane's
     * numbers and sums go on when it is used again, because what was paid of it counts for the
     * channel's life.
     */
    static final class Lanes {
        /** As many times more lanes than are open are remembered. */
        private static final int PARKED_TIMES = 16;

        private final Turn turn;
        private final NodeConfig config;
        private final Map<Lane, HostedLane> open = new LinkedHashMap<>();
        private final Map<Lane, Bytes> parked = new LinkedHashMap<>();

        Lanes(Turn turn, NodeConfig config) {
            this.turn = turn;
            this.config = config;
        }

        /** Takes up the lanes that were kept, with the receipts that no voucher covers. */
        void start(NavigableMap<Bytes, Bytes> rows, NavigableMap<Bytes, Bytes> receipts) {
            Map<Bytes, List<Receipt>> rings = new LinkedHashMap<>();
            receipts.forEach((key, row) ->
                    rings.computeIfAbsent(key.slice(0, key.length() - 1), _ -> new ArrayList<>())
                            .add(Receipt.decode(row).orThrow()));
            rows.forEach((key, row) -> {
                if (isKey(key)) {
                    decode(row, rings.getOrDefault(key, List.of()), config.genesis())
                            .ifPresent(lane -> open.put(lane.lane.terms().lane(), lane));
                }
            });
            while (open.size() > config.bounds().lanesMax() && makeRoom()) {
                // those that were parked are parked again
            }
        }

        List<HostedLane> all() {
            return List.copyOf(open.values());
        }

        /** One that is in use. */
        Optional<HostedLane> used(Lane lane) {
            return Optional.ofNullable(open.get(lane));
        }

        /** The lane, taken up again where it was parked. */
        Optional<HostedLane> find(Lane lane) {
            if (parked.containsKey(lane) && makeRoom()) {
                Optional.ofNullable(parked.remove(lane))
                        .flatMap(row -> decode(row, List.of(), config.genesis()))
                        .ifPresent(back -> open.put(lane, back));
            }
            return used(lane);
        }

        /** A new lane on these terms; refused as BUSY while all are in use. */
        Result<HostedLane> add(HostLane.Terms terms) {
            if (!makeRoom()) {
                return Result.refused(ErrorCode.BUSY, open.size() + " lanes are open here");
            }
            HostedLane fresh = new HostedLane(new HostLane(terms), Optional.empty(), Credits.ZERO);
            open.put(terms.lane(), fresh);
            save(fresh);
            return Result.ok(fresh);
        }

        private boolean makeRoom() {
            if (open.size() < config.bounds().lanesMax()) {
                return true;
            }
            Optional<Map.Entry<Lane, HostedLane>> idle =
                    open.entrySet().stream().filter(each -> each.getValue().isIdle()).findFirst();
            idle.ifPresent(each -> park(each.getKey(), each.getValue()));
            return idle.isPresent();
        }

        private void park(Lane name, HostedLane lane) {
            if (parked.size() >= PARKED_TIMES * config.bounds().lanesMax()) {
                drop(parked.keySet().iterator().next());
            }
            open.remove(name);
            parked.put(name, lane.encoded());
        }

        void drop(Lane lane) {
            open.remove(lane);
            parked.remove(lane);
            Bytes key = key(lane);
            turn.erase(Table.LANES, key);
            for (int place = 0; place < RING; place++) {
                turn.erase(Table.RECEIPTS, key.concat(Bytes.of((byte) place)));
            }
        }

        void save(HostedLane lane) {
            turn.save(Table.LANES, key(lane.lane.terms().lane()), lane.encoded());
        }
    }

    /**
     * Channels of payers that this host meets: whose signatures on vouchers count on each.
     *
     * <p>A channel's id is the digest of the signed entry that opened it, so the entry that a
     * tracker shows either is the right one or does not match; nothing else of the tracker has to
     * be believed.
     */
    static final class Channels {
        private final Turn turn;
        private final NodeConfig config;
        private final Map<Digest, Channel> known = new LinkedHashMap<>();
        private final Map<Digest, List<Consumer<Result<Channel>>>> asked = new LinkedHashMap<>();

        /** A channel as its payer opened it. */
        record Channel(Digest id, PublicKey payer, Entry.LockEscrow lock) {
            /**
             * The terms of a lane on this channel, or why the channel cannot pay for the function.
             */
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

        Channels(Turn turn, NodeConfig config) {
            this.turn = turn;
            this.config = config;
        }

        /** A channel that a hub has shown. */
        Result<Channel> shown(Digest id) {
            Channel channel = known.get(id);
            return channel == null
                    ? Result.refused(ErrorCode.UNKNOWN_CHANNEL, "no hub showed channel " + id)
                    : Result.ok(channel);
        }

        /** Finds out about a channel, asking its hub once however many want to know. */
        void learn(NodeId hub, Digest id, Consumer<Result<Channel>> then) {
            Channel channel = known.get(id);
            if (channel != null) {
                then.accept(Result.ok(channel));
                return;
            }
            List<Consumer<Result<Channel>>> waiting =
                    asked.computeIfAbsent(id, _ -> new ArrayList<>());
            waiting.add(then);
            if (waiting.size() == 1) {
                turn.ask(
                        hub,
                        new Registry.FindChannel(id),
                        config.waits().answer(),
                        answer ->
                                found(id, answer.as(Registry.Entry.class).then(e -> read(id, e))));
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
                        ErrorCode.HASH_MISMATCH,
                        "the entry shown for channel " + id + " is another");
            }
            return Result.catching(() -> {
                SignedEntry signed = SignedEntry.check(bytes).result().orThrow();
                if (signed.entry() instanceof Entry.LockEscrow lock) {
                    return new Channel(id, signed.head().signer(), lock);
                }
                throw new RefusedException(
                        new Refusal(
                                ErrorCode.UNKNOWN_CHANNEL, "entry " + id + " opens no channel"));
            });
        }
    }
}
