package orb.ledger;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.Value;

/**
 * The ledger: one ordered log of signed entries, and the state that follows from it.
 *
 * <p>A pure state machine: the same genesis, entries and times give the same state root on every
 * tracker. Every ordered entry has its place in the log, also one that is refused; a refused entry
 * changes nothing else, not even its signer's nonce. Signatures are checked by {@link
 * SignedEntry#check}, which runs on any thread; this class itself is not thread-safe and has one
 * owner.
 */
public final class Ledger {
    /** An entry is refused if it expires later than this after it is ordered. */
    public static final Duration ENTRY_LIFE_MAX = Duration.ofHours(24);

    private final Genesis genesis;
    private final State state = new State();
    private final Books books = new Books(state);
    private final History history = new History();
    private final EntryRules rules;
    private final MerkleTree.Frontier log = new MerkleTree.Frontier();
    private long next;
    private Instant time = Instant.EPOCH;

    /**
     * What an entry did.
     *
     * @param index its place in the log
     * @param entry digest of the signed entry; a new channel's id
     * @param transfers what it moved, in order
     */
    public record Applied(long index, Digest entry, List<Transfer> transfers) {}

    /** The ledger before the first entry. */
    public Ledger(Genesis genesis) {
        this.genesis = genesis;
        this.rules = new EntryRules(genesis, state, books, history);
    }

    /** Checks and applies an entry; see {@link #apply(long, Instant, SignedEntry.Checked)}. */
    public Result<Applied> apply(long index, Instant orderedAt, Bytes signedEntry) {
        return apply(index, orderedAt, SignedEntry.check(signedEntry));
    }

    /**
     * Gives an ordered entry its place in the log and carries it out, all or nothing.
     *
     * @param index must be {@link #next}
     * @param orderedAt when it was ordered, cut to milliseconds; never before the entry before
     * @param entry what {@link SignedEntry#check} said of the bytes
     * @return what it did, or why it did nothing
     * @throws IllegalArgumentException if the index or the time is out of order
     * @throws IllegalStateException if the books would be wrong: stop this peer
     */
    public Result<Applied> apply(long index, Instant orderedAt, SignedEntry.Checked entry) {
        require(index == next, "the next entry is %d, not %d", next, index);
        Instant at = orderedAt.truncatedTo(ChronoUnit.MILLIS);
        require(!at.isBefore(time), "entry %d at %s is before %s", index, at, time);
        log.appendHash(MerkleTree.leafHash(logLeaf(at, entry.bytes())));
        time = at;
        next++;
        Result<Applied> result = run(index, at, entry);
        if (result.isOk()) {
            books.requireBalancedDraft();
            state.commit();
            history.commit();
        } else {
            forget();
        }
        return result;
    }

    /**
     * Whether an entry would be applied if it were the next one now; changes nothing. For a tracker
     * that has to decide whether to have an entry ordered.
     *
     * @return the entry's digest, or why it would be refused
     */
    public Result<Digest> admissible(SignedEntry.Checked entry, Instant now) {
        Instant at = now.truncatedTo(ChronoUnit.MILLIS);
        Result<Applied> result = run(next, at.isBefore(time) ? time : at, entry);
        forget();
        return result.map(Applied::entry);
    }

    private Result<Applied> run(long index, Instant at, SignedEntry.Checked entry) {
        return entry.result()
                .then(signed -> {
                    try {
                        return Result.ok(
                                new Applied(
                                        index,
                                        entry.digest(),
                                        rules.run(signed, index, at, entry.digest())));
                    } catch (RefusedException e) {
                        return Result.refused(e.refusal());
                    } catch (ArithmeticException e) {
                        return Result.refused(
                                new Refusal(
                                        ErrorCode.BAD_ARGUMENT,
                                        "an amount would leave 64 bits",
                                        "lower the amount"));
                    }
                });
    }

    private void forget() {
        state.rollback();
        history.rollback();
    }

    /** What the log's tree hashes for an entry: {@code [epoch milliseconds, signed entry]}. */
    public static Bytes logLeaf(Instant orderedAt, Bytes signedEntry) {
        return Cbor.encode(Value.array(Value.of(orderedAt.toEpochMilli()), Value.of(signedEntry)));
    }

    public Genesis genesis() {
        return genesis;
    }

    /** Index of the entry to come: the number of entries in the log. */
    public long next() {
        return next;
    }

    /** When the last entry was ordered; 1970 before the first. */
    public Instant time() {
        return time;
    }

    /** Size and root of the log's tree (RFC 9162) over {@link #logLeaf}. */
    public MerkleTree.Head logHead() {
        return log.head();
    }

    /** Root of the log's tree. */
    public Digest logRoot() {
        return log.head().root();
    }

    /** Root over all state; its cost is that of what changed since the last call. */
    public Digest stateRoot() {
        return state.root();
    }

    /** Balance and pending of an account; zeros if nothing ever moved on it. */
    public Account account(AccountId id) {
        return state.account(id);
    }

    /** Who holds an account. */
    public Optional<Registered.Owner> owner(AccountId id) {
        return state.owners.get(id);
    }

    /** Who holds the account of this name. */
    public Optional<Registered.Owner> owner(String name) {
        return state.names.get(name).flatMap(state.owners::get);
    }

    public Optional<Registered.Node> node(NodeId id) {
        return state.nodes.get(id);
    }

    public Optional<Registered.Function> function(FunctionId id) {
        return state.functions.get(id);
    }

    public Optional<Registered.Function> function(FunctionName name) {
        return state.function(name);
    }

    /** All functions in the order of their names; a copy. */
    public List<Registered.Function> functions() {
        List<Registered.Function> sorted = new ArrayList<>();
        state.functionNames
                .settled()
                .values()
                .forEach(id -> state.functions.get(id).ifPresent(sorted::add));
        return List.copyOf(sorted);
    }

    /** An open channel. */
    public Optional<Registered.Channel> channel(Digest id) {
        return state.channels.get(id);
    }

    /** The open channels of an account, in the order of their ids; looks at every channel. */
    public List<Registered.Channel> channels(AccountId payer) {
        return state.channels.settled().values().stream()
                .filter(channel -> channel.payer().equals(payer))
                .toList();
    }

    /** What lies in a channel. */
    public Credits escrow(Digest channel) {
        return state.account(Account.escrow(channel)).balance();
    }

    /** What a lane was paid, if anything yet. */
    public Optional<Registered.Payout> payout(Lane lane) {
        return state.payouts.get(lane);
    }

    /** The highest nonce that this account has used; 0 if none. */
    public long nonce(AccountId account) {
        return state.owners.get(account).map(Registered.Owner::nonce).orElse(0L);
    }

    /** The highest nonce that this node has used in settlements; 0 if none. */
    public long nonce(NodeId node) {
        return state.nodes.get(node).map(Registered.Node::nonce).orElse(0L);
    }

    /** All that moved on an account, oldest first; a copy. */
    public List<History.Row> history(AccountId account) {
        return history.of(account);
    }

    /**
     * A page of what moved on an account: rows of entries with an index below {@code before},
     * newest first. An entry's rows are never parted, so up to four more rows than the limit can
     * come.
     */
    public List<History.Row> history(AccountId account, long before, int limit) {
        return history.page(account, before, limit);
    }

    /**
     * Goes over all accounts and pending transfers; {@link #apply} does so for what it touches.
     *
     * @throws IllegalStateException if any invariant of the books does not hold
     */
    public void check() {
        books.requireBalanced();
    }
}
