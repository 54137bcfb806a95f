package orb.ledger;

import static orb.kernel.Require.require;

import java.time.Instant;
import orb.kernel.AccountId;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Fuel;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.Limits;
import orb.kernel.NodeId;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.Value;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Grants;

/**
 * What a client asks the ledger to record; {@link SignedEntry} carries it with who asks.
 *
 * <p>The bytes are in {@code docs/protocol/ledger.md}. Each record checks what can be checked
 * without the ledger's state.
 */
public sealed interface Entry {
    /** Opens the signer's account under a name that no other account has. */
    record OpenAccount(String name) implements Entry {
        public OpenAccount {
            require(
                    FunctionName.isLabel(name),
                    "an account's name is 1..63 of a-z, 0-9 and inner hyphens: %s",
                    name);
        }
    }

    /**
     * Registers a node as the signer's; the account's first node brings the initial grant.
     *
     * @param binding the node's statement
     * @param signature the node's, over the binding
     */
    record RegisterNode(NodeBinding binding, Signature signature) implements Entry {}

    /**
     * Deploys a function's first or next version at the published cost.
     *
     * @param functionKey the function's own key, the same over all versions
     * @param version what is deployed
     * @param signature the function key's, over the version's statement
     */
    record DeployFunction(PublicKey functionKey, FunctionVersion version, Signature signature)
            implements Entry {}

    /**
     * Opens a channel: sets credits aside for calls. The channel's id is the digest of the signed
     * entry.
     *
     * @param hub the tracker that routes the calls and countersigns the vouchers
     * @param amount what is set aside, at least 1 micro-credit
     * @param delegate who may sign vouchers: the payer's own key, or the hub's
     * @param purpose what it pays
     * @param expires when the channel's window begins even without a release
     */
    record LockEscrow(
            NodeId hub, Credits amount, PublicKey delegate, Purpose purpose, Instant expires)
            implements Entry {
        public LockEscrow {
            requireAmount(amount);
            requireTime(expires);
        }
    }

    /**
     * Sets more credits aside in an open channel.
     *
     * @param channel the signer's channel
     * @param amount how much more, at least 1 micro-credit
     * @param expires the new end, not before the present one
     */
    record TopUpEscrow(Digest channel, Credits amount, Instant expires) implements Entry {
        public TopUpEscrow {
            requireAmount(amount);
            requireTime(expires);
        }
    }

    /**
     * Pays what a voucher promises beyond what its lane was paid; the signer is the host.
     *
     * @param voucher the highest that the host has
     * @param receiptHead digest of the last receipt that the voucher covers
     */
    record Settle(Voucher.Signed voucher, Digest receiptHead) implements Entry {}

    /** Starts the two-epoch window after which the channel's rest returns to the signer. */
    record ReleaseEscrow(Digest channel) implements Entry {}

    /** Ends a channel after its window; the rest returns to the payer. Anyone known may sign. */
    record CloseEscrow(Digest channel) implements Entry {}

    /** Gives credits away. */
    record Send(AccountId to, Credits amount, String memo) implements Entry {
        public static final int MEMO_MAX = 64;

        public Send {
            requireAmount(amount);
            require(
                    memo.length() <= MEMO_MAX && memo.chars().noneMatch(Character::isISOControl),
                    "a memo has at most %d printable characters",
                    MEMO_MAX);
        }
    }

    /** What a channel pays. */
    sealed interface Purpose {
        /** Calls that the payer makes. */
        record Calls() implements Purpose {}

        /** Calls by others of a function that the payer owns. */
        record Sponsor(FunctionId function) implements Purpose {}

        /**
         * Calls by whoever shows an access token to the channel's hub, which signs the vouchers.
         *
         * @param token SHA-256 of the token, which itself is never written down
         */
        record Token(Digest token) implements Purpose {}
    }

    /**
     * One version of a function, as its key signs it.
     *
     * @param name the function's name among its owner's
     * @param version counts from 1 without a gap
     * @param artefact digest of the executable
     * @param size length of the executable
     * @param shape entry shape: {@code wasi}, {@code handler}, {@code script}, or {@code process}
     *     for a native program, which does not do the same on every machine
     * @param limits what an invocation may use
     * @param grants what an invocation may ask of the node that runs it
     * @param plan digest of the reward plan, the same over all versions
     * @param complexity fuel of the owner's run on the sample input
     * @param peakMemory largest memory of that run
     * @param replicas seeders that the owner asks for
     * @param source digest that commits to the source, which stays with the owner
     */
    record FunctionVersion(
            String name,
            int version,
            Digest artefact,
            ByteSize size,
            String shape,
            Limits limits,
            Grants grants,
            Digest plan,
            Fuel complexity,
            ByteSize peakMemory,
            int replicas,
            Digest source) {
        public static final ByteSize SIZE_MAX = ByteSize.mib(64);

        public FunctionVersion {
            require(
                    FunctionName.isLabel(name),
                    "a function's name is 1..63 of a-z, 0-9 and inner hyphens: %s",
                    name);
            require(version >= 1, "versions count from 1, not %d", version);
            require(size.compareTo(SIZE_MAX) <= 0, "an executable of %s > %s", size, SIZE_MAX);
            require(
                    FunctionFacts.SHAPES.contains(shape),
                    "a shape is one of %s, not %s",
                    FunctionFacts.SHAPES,
                    shape);
            require(
                    complexity.compareTo(limits.fuel()) <= 0,
                    "the sample took %s, more than the limit of %s",
                    complexity,
                    limits.fuel());
            require(
                    peakMemory.compareTo(limits.memory()) <= 0,
                    "the sample took %s of memory, more than the limit of %s",
                    peakMemory,
                    limits.memory());
            require(
                    replicas >= 1 && replicas <= FunctionFacts.REPLICAS_MAX,
                    "replicas are 1..%d, not %d",
                    FunctionFacts.REPLICAS_MAX,
                    replicas);
        }

        /** Whether it does the same on every machine, so that runs of it can be compared. */
        public boolean isDeterministic() {
            return FunctionFacts.isDeterministic(shape);
        }

        /** What deploying this costs. */
        public Credits cost(Pricing pricing) {
            return pricing.deployCost(complexity, peakMemory, size);
        }

        /** The function key's signature, which holds in this swarm and for this owner alone. */
        public Signature sign(KeyPair functionKey, Digest network, AccountId owner) {
            return functionKey.sign(
                    Domain.FUNCTION_VERSION, statement(network, owner, functionKey.publicKey()));
        }

        /** What the function's key signs: network, owner, key and all fields, canonical. */
        Bytes statement(Digest network, AccountId owner, PublicKey functionKey) {
            return Cbor.encode(
                    Value.array(
                            Value.of(network.bytes()),
                            Value.of(owner.digest().bytes()),
                            Value.of(functionKey.bytes()),
                            EntryCodec.version(this)));
        }
    }

    private static void requireAmount(Credits amount) {
        require(amount.micro() >= 1, "an amount is at least 0.000001, not %s", amount);
    }

    private static void requireTime(Instant time) {
        require(
                time.getEpochSecond() >= 0 && time.getNano() % 1_000_000 == 0,
                "a time is in whole milliseconds since 1970, not %s",
                time);
    }
}
