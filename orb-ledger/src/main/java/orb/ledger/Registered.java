package orb.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.Value;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.FunctionFacts;

/** What the ledger knows beside balances; immutable records, one leaf of the state each. */
public sealed interface Registered {
    /** The record as the state's hash has it. */
    Value toValue();

    /**
     * Who holds an account.
     *
     * @param id the account
     * @param key the key that signs for it
     * @param name its name, which no other account has
     * @param nonce the highest nonce used
     * @param granted whether it had its initial grant
     * @param nodes how many nodes are its
     * @param channels how many open channels are its
     */
    record Owner(
            AccountId id,
            PublicKey key,
            String name,
            long nonce,
            boolean granted,
            int nodes,
            int channels)
            implements Registered {
        Owner withNonce(long used) {
            return new Owner(id, key, name, used, granted, nodes, channels);
        }

        Owner withNodes(int count, boolean isGranted) {
            return new Owner(id, key, name, nonce, isGranted, count, channels);
        }

        Owner withChannels(int count) {
            return new Owner(id, key, name, nonce, granted, nodes, count);
        }

        @Override
        public Value toValue() {
            return Value.array(
                    Value.of(key.bytes()),
                    Value.of(name),
                    Value.of(nonce),
                    Value.of(granted),
                    Value.of(nodes),
                    Value.of(channels));
        }
    }

    /**
     * Whose a node is.
     *
     * @param id the node
     * @param key its key
     * @param account where its earnings go
     * @param nonce the highest nonce used
     * @param granted whether it brought its owner the initial grant
     */
    record Node(NodeId id, PublicKey key, AccountId account, long nonce, boolean granted)
            implements Registered {
        Node withNonce(long used) {
            return new Node(id, key, account, used, granted);
        }

        Node withGrant() {
            return new Node(id, key, account, nonce, true);
        }

        @Override
        public Value toValue() {
            return Value.array(
                    Value.of(key.bytes()),
                    Value.of(account.digest().bytes()),
                    Value.of(nonce),
                    Value.of(granted));
        }
    }

    /**
     * One version in the registry.
     *
     * @param version what was deployed
     * @param entry digest of the entry that deployed it
     * @param time when that was ordered
     */
    record Version(Entry.FunctionVersion version, Digest entry, Instant time) {}

    /**
     * A function with all its versions.
     *
     * @param id digest of its key
     * @param key its key
     * @param owner who deployed it
     * @param name by which it is called
     * @param versions oldest first, at least one
     * @param calls how many calls were settled, by receipts; stays at 2^63-1 once there
     */
    record Function(
            FunctionId id,
            PublicKey key,
            AccountId owner,
            FunctionName name,
            List<Version> versions,
            long calls)
            implements Registered {
        public Function {
            versions = List.copyOf(versions);
        }

        /** The version that is served. */
        public Entry.FunctionVersion newest() {
            return versions.getLast().version;
        }

        /** Digest of the plan, the same over all versions. */
        public Digest plan() {
            return newest().plan();
        }

        Function withVersion(Version version) {
            List<Version> more = new ArrayList<>(versions);
            more.add(version);
            return new Function(id, key, owner, name, more, calls);
        }

        Function withCalls(long more) {
            long sum = calls + more;
            return new Function(id, key, owner, name, versions, sum < calls ? Long.MAX_VALUE : sum);
        }

        /** This as peers tell each other of it. */
        public FunctionFacts facts(String planName) {
            Entry.FunctionVersion v = newest();
            return new FunctionFacts(
                    id,
                    name,
                    owner,
                    v.version(),
                    v.artefact(),
                    v.size(),
                    v.shape(),
                    v.limits(),
                    v.grants(),
                    planName,
                    v.plan(),
                    v.complexity(),
                    v.peakMemory(),
                    v.replicas());
        }

        @Override
        public Value toValue() {
            List<Value> entries = new ArrayList<>(versions.size());
            versions.forEach(version -> entries.add(Value.of(version.entry.bytes())));
            return Value.array(
                    Value.of(key.bytes()),
                    Value.of(owner.digest().bytes()),
                    Value.of(name.owner()),
                    Value.of(name.name()),
                    Value.array(entries),
                    EntryCodec.version(newest()),
                    Value.of(calls));
        }
    }

    /**
     * An open payment channel.
     *
     * @param id digest of the entry that opened it
     * @param payer whose credits lie in it
     * @param payerKey the payer's key, which may sign vouchers
     * @param delegate another key that may
     * @param hub who routes its calls and countersigns its vouchers
     * @param purpose what it pays
     * @param locked all that was ever set aside in it
     * @param expires when its window begins even without a release
     * @param released when its payer released it, empty if not yet
     * @param refund id of the pending transfer of its rest, 0 if there is none
     */
    record Channel(
            Digest id,
            AccountId payer,
            PublicKey payerKey,
            PublicKey delegate,
            NodeId hub,
            Entry.Purpose purpose,
            Credits locked,
            Instant expires,
            Optional<Instant> released,
            long refund)
            implements Registered {
        /** The account that holds what is set aside. */
        public AccountId escrow() {
            return Account.escrow(id);
        }

        /** From when on it can be closed: a window after its release or its end. */
        public Instant closesAt(Duration window) {
            Instant from = released.filter(at -> at.isBefore(expires)).orElse(expires);
            return from.plus(window);
        }

        /** Whether this key may sign vouchers of the channel. */
        public boolean obeys(PublicKey key) {
            return key.equals(payerKey) || key.equals(delegate);
        }

        Channel toppedUp(Credits total, Instant until) {
            return new Channel(
                    id, payer, payerKey, delegate, hub, purpose, total, until, released, refund);
        }

        Channel releasedAt(Instant time) {
            return new Channel(
                    id,
                    payer,
                    payerKey,
                    delegate,
                    hub,
                    purpose,
                    locked,
                    expires,
                    Optional.of(time),
                    refund);
        }

        Channel withRefund(long transfer) {
            return new Channel(
                    id, payer, payerKey, delegate, hub, purpose, locked, expires, released,
                    transfer);
        }

        @Override
        public Value toValue() {
            return Value.array(
                    Value.of(payer.digest().bytes()),
                    Value.of(delegate.bytes()),
                    Value.of(hub.digest().bytes()),
                    EntryCodec.purpose(purpose),
                    Value.of(locked.micro()),
                    Value.of(expires.toEpochMilli()),
                    released.<Value>map(at -> Value.of(at.toEpochMilli())).orElse(Value.NULL),
                    Value.of(refund));
        }
    }

    /**
     * What one lane was paid.
     *
     * @param lane channel, host and function
     * @param paid cumulative amount
     * @param calls receipts that the highest settled voucher covers
     * @param receiptHead digest of the last of those
     */
    record Payout(Lane lane, Credits paid, long calls, Digest receiptHead) implements Registered {
        @Override
        public Value toValue() {
            return Value.array(
                    Value.of(paid.micro()), Value.of(calls), Value.of(receiptHead.bytes()));
        }
    }

    /**
     * Counters over the whole ledger.
     *
     * @param transfers how many there were
     * @param window number of the present window of new identities
     * @param grants how many it has seen
     * @param accounts how many accounts were opened in it
     */
    record Counters(long transfers, long window, int grants, int accounts) implements Registered {
        static final Counters ZERO = new Counters(0, 0, 0, 0);

        @Override
        public Value toValue() {
            return Value.array(
                    Value.of(transfers), Value.of(window), Value.of(grants), Value.of(accounts));
        }
    }

    /** Bytes that name a lane in the state. */
    static byte[] laneBytes(Lane lane) {
        return Cbor.encode(
                        Value.array(
                                Value.of(lane.channel().bytes()),
                                Value.of(lane.host().digest().bytes()),
                                Value.of(lane.function().digest().bytes())))
                .array();
    }
}
