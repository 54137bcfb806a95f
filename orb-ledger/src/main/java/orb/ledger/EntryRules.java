package orb.ledger;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.AccountId;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.identity.PublicKey;

/**
 * What each kind of entry needs and does; escrows have {@link EscrowRules}.
 *
 * <p>Rules write to the state's draft and refuse by {@link RefusedException}; the ledger commits or
 * forgets the draft. Not thread-safe.
 */
final class EntryRules {
    /** One account owns at most this many nodes. */
    static final int NODES_MAX = 10_000;

    /** A function has at most this many versions. */
    static final int VERSIONS_MAX = 10_000;

    /**
     * An entry at its place in the order.
     *
     * @param index its place in the log
     * @param time when it was ordered
     * @param digest digest of the signed entry
     * @param head who asks
     * @param account the account that the signer's key names
     * @param transfers what it has moved so far
     */
    record Order(
            long index,
            Instant time,
            Digest digest,
            SignedEntry.Head head,
            AccountId account,
            List<Transfer> transfers) {
        /** The node that the signer's key names. */
        NodeId node() {
            return new NodeId(account.digest());
        }

        Transfer.Cause cause(Transfer.Rule rule) {
            return cause(rule, Optional.empty());
        }

        Transfer.Cause cause(Transfer.Rule rule, Optional<Digest> receipt) {
            return new Transfer.Cause(rule, index, time, new Transfer.Evidence(digest, receipt));
        }

        Transfer add(Transfer transfer) {
            transfers.add(transfer);
            return transfer;
        }
    }

    private final Genesis genesis;
    private final Digest network;
    private final State state;
    private final Books books;
    private final History history;
    private final EscrowRules escrows;
    private final Map<Digest, Plan> plans = new TreeMap<>();

    EntryRules(Genesis genesis, State state, Books books, History history) {
        this.genesis = genesis;
        this.network = genesis.network();
        this.state = state;
        this.books = books;
        this.history = history;
        genesis.plans().forEach(plan -> plans.put(plan.hash(), plan));
        escrows = new EscrowRules(genesis, state, books, history, plans);
    }

    /** Carries an entry out on the draft, or refuses it. */
    List<Transfer> run(SignedEntry signed, long index, Instant time, Digest digest) {
        SignedEntry.Head head = signed.head();
        Order order = new Order(index, time, digest, head, head.account(), new ArrayList<>(4));
        requireTimely(head, time);
        if (!(signed.entry() instanceof Entry.OpenAccount)) {
            useNonce(order, signed.entry() instanceof Entry.Settle);
        }
        switch (signed.entry()) {
            case Entry.OpenAccount(var name) -> open(name, order);
            case Entry.RegisterNode(var binding, _) -> register(binding, order);
            case Entry.DeployFunction(var key, var version, _) -> deploy(key, version, order);
            case Entry.LockEscrow lock -> escrows.lock(lock, order);
            case Entry.TopUpEscrow more -> escrows.topUp(more, order);
            case Entry.Settle settle -> escrows.settle(settle, order);
            case Entry.ReleaseEscrow(var channel) -> escrows.release(channel, order);
            case Entry.CloseEscrow(var channel) -> escrows.close(channel, order);
            case Entry.Send send -> send(send, order);
        }
        return List.copyOf(order.transfers);
    }

    private void requireTimely(SignedEntry.Head head, Instant time) {
        if (!head.network().equals(network)) {
            throw refuse(
                    ErrorCode.WRONG_NETWORK,
                    "the entry is for swarm " + head.network() + ", this one is " + network,
                    "sign it again for this swarm");
        }
        if (time.isAfter(head.expiresAt())) {
            throw refuse(
                    ErrorCode.ENTRY_EXPIRED,
                    "the entry expired at " + head.expiresAt() + ", now it is " + time,
                    "sign it again with a later expiry");
        }
        if (head.expiresAt().isAfter(time.plus(Ledger.ENTRY_LIFE_MAX))) {
            throw refuse(
                    ErrorCode.ENTRY_EXPIRED,
                    "the entry would live until " + head.expiresAt() + ", now it is " + time,
                    "let it expire within " + Ledger.ENTRY_LIFE_MAX.toHours() + " hours");
        }
    }

    /**
     * A host's settlements count by its node's nonce, all else by the account's if there is one.
     */
    private void useNonce(Order order, boolean asNode) {
        long nonce = order.head.nonce();
        Optional<Registered.Owner> owner =
                asNode ? Optional.empty() : state.owners.get(order.account);
        if (owner.isPresent()) {
            requireFresh(order.head, owner.get().nonce());
            state.owners.put(order.account, owner.get().withNonce(nonce));
            return;
        }
        NodeId id = order.node();
        Registered.Node node =
                state.nodes
                        .get(id)
                        .orElseThrow(
                                () -> asNode ? unknownNode(id) : unknownAccount(order.account));
        requireFresh(order.head, node.nonce());
        state.nodes.put(id, node.withNonce(nonce));
    }

    private static void requireFresh(SignedEntry.Head head, long used) {
        if (head.nonce() <= used) {
            throw refuse(
                    ErrorCode.REPLAYED_ENTRY,
                    "nonce " + head.nonce() + " is not above " + used + ", which was used already",
                    "use " + (used == Long.MAX_VALUE ? "another key" : "nonce " + (used + 1)));
        }
    }

    private void open(String name, Order order) {
        AccountId id = order.account;
        Optional<Registered.Owner> known = state.owners.get(id);
        if (known.isPresent()) {
            requireFresh(order.head, known.get().nonce());
            throw refuse(
                    ErrorCode.NAME_TAKEN,
                    "this key has an account already, named " + known.get().name(),
                    "use that name");
        }
        if (state.names.get(name).isPresent()) {
            throw refuse(
                    ErrorCode.NAME_TAKEN,
                    "the account name " + name + " is taken",
                    "choose another name");
        }
        Registered.Counters counters = countersAt(order.time);
        if (counters.accounts() >= genesis.gates().accountsMax()) {
            throw refuse(
                    ErrorCode.TOO_MANY_ACCOUNTS,
                    counters.accounts() + " accounts were opened in this window already",
                    "try again after " + windowEnd(counters.window()));
        }
        state.counters(
                new Registered.Counters(
                        counters.transfers(),
                        counters.window(),
                        counters.grants(),
                        counters.accounts() + 1));
        PublicKey key = order.head.signer();
        state.owners.put(id, new Registered.Owner(id, key, name, order.head.nonce(), false, 0, 0));
        state.accounts.put(id, state.account(id));
        state.names.put(name, id);
    }

    private void register(NodeBinding binding, Order order) {
        Registered.Owner owner = owner(order.account);
        NodeId id = NodeId.of(binding.node());
        Optional<Registered.Node> known = state.nodes.get(id);
        if (known.isPresent() && !known.get().account().equals(owner.id())) {
            throw refuse(
                    ErrorCode.NOT_OWNER,
                    "node " + id.brief() + " belongs to account " + known.get().account().brief(),
                    "register a node with a key of its own");
        }
        if (known.isEmpty()) {
            requireNewNode(binding, owner);
        } else if (owner.granted()) {
            throw refuse(
                    ErrorCode.ALREADY_GRANTED,
                    "node " + id.brief() + " is registered and its account had its grant",
                    "");
        }
        Registered.Node node =
                known.orElseGet(
                        () -> new Registered.Node(id, binding.node(), owner.id(), 0, false));
        int nodes = owner.nodes() + (known.isEmpty() ? 1 : 0);
        Registered.Counters counters = countersAt(order.time);
        boolean open = counters.grants() < genesis.gates().grantsMax();
        if (known.isPresent() && !open) {
            throw refuse(
                    ErrorCode.TOO_MANY_GRANTS,
                    counters.grants() + " grants were given in this window already",
                    "register again after " + windowEnd(counters.window()));
        }
        boolean grants = open && !owner.granted() && !genesis.grant().isZero();
        state.nodes.put(id, grants ? node.withGrant() : node);
        state.owners.put(owner.id(), owner.withNodes(nodes, owner.granted() || grants));
        if (grants) {
            grant(owner.id(), counters, order);
        }
    }

    private void requireNewNode(NodeBinding binding, Registered.Owner owner) {
        int bits = genesis.gates().workBits();
        if (!binding.hasWork(bits)) {
            throw refuse(
                    ErrorCode.BAD_ARGUMENT,
                    "the node's binding does not have the " + bits + " bits of work asked for",
                    "search another stamp");
        }
        if (owner.nodes() >= NODES_MAX) {
            throw refuse(
                    ErrorCode.BAD_ARGUMENT,
                    "account " + owner.name() + " has " + NODES_MAX + " nodes, the most there are",
                    "open another account");
        }
    }

    private void grant(AccountId to, Registered.Counters counters, Order order) {
        state.counters(
                new Registered.Counters(
                        counters.transfers(),
                        counters.window(),
                        counters.grants() + 1,
                        counters.accounts()));
        history.moved(
                order.add(
                        books.post(
                                Account.ISSUER,
                                to,
                                genesis.grant(),
                                order.cause(Transfer.Rule.GRANT))));
    }

    private void deploy(PublicKey key, Entry.FunctionVersion version, Order order) {
        Registered.Owner owner = owner(order.account);
        if (!plans.containsKey(version.plan())) {
            throw refuse(
                    ErrorCode.NO_PLAN,
                    "this swarm offers no plan " + version.plan(),
                    "choose one of "
                            + String.join(", ", plans.values().stream().map(Plan::name).toList()));
        }
        FunctionId id = FunctionId.of(key);
        FunctionName name = new FunctionName(owner.name(), version.name());
        Optional<Registered.Function> known = state.functions.get(id);
        known.ifPresent(function -> requireSuccessor(function, owner, version));
        if (known.isEmpty()) {
            requireFirst(name, version);
        }
        Credits cost = version.cost(genesis.pricing());
        Registered.Version placed = new Registered.Version(version, order.digest, order.time);
        state.functions.put(
                id,
                known.map(function -> function.withVersion(placed))
                        .orElseGet(() ->
                                new Registered.Function(
                                        id, key, owner.id(), name, List.of(placed), 0)));
        state.functionNames.put(name, id);
        if (!cost.isZero()) {
            history.moved(
                    order.add(
                            books.post(
                                    owner.id(),
                                    Account.DEPLOY_POOL,
                                    cost,
                                    order.cause(Transfer.Rule.DEPLOY))));
        }
    }

    private void requireFirst(FunctionName name, Entry.FunctionVersion version) {
        if (state.functionNames.get(name).isPresent()) {
            throw refuse(
                    ErrorCode.NAME_TAKEN,
                    name + " is the name of a function with another key",
                    "choose another name, or sign with that function's key");
        }
        if (version.version() != 1) {
            throw refuse(
                    ErrorCode.BAD_ARGUMENT,
                    "the first version of " + name + " is 1, not " + version.version(),
                    "");
        }
    }

    private static void requireSuccessor(
            Registered.Function function, Registered.Owner owner, Entry.FunctionVersion version) {
        if (!function.owner().equals(owner.id())) {
            throw refuse(
                    ErrorCode.NOT_OWNER,
                    function.name() + " belongs to another account than " + owner.name(),
                    "");
        }
        Entry.FunctionVersion newest = function.newest();
        if (!newest.name().equals(version.name()) || !newest.plan().equals(version.plan())) {
            throw refuse(
                    ErrorCode.BAD_ARGUMENT,
                    "a version of " + function.name() + " keeps its name and its plan",
                    "deploy a new function with a key of its own");
        }
        if (version.version() != newest.version() + 1 || version.version() > VERSIONS_MAX) {
            throw refuse(
                    ErrorCode.BAD_ARGUMENT,
                    "after version " + newest.version() + " does not come " + version.version(),
                    "versions count up to " + VERSIONS_MAX);
        }
    }

    private void send(Entry.Send send, Order order) {
        Registered.Owner from = owner(order.account);
        Registered.Owner to = owner(send.to());
        if (from.id().equals(to.id())) {
            throw refuse(ErrorCode.BAD_ARGUMENT, from.name() + " cannot send to itself", "");
        }
        history.moved(
                order.add(
                        books.post(
                                from.id(),
                                to.id(),
                                send.amount(),
                                order.cause(Transfer.Rule.SEND))));
    }

    private Registered.Counters countersAt(Instant time) {
        Registered.Counters counters = state.counters();
        long window = time.toEpochMilli() / genesis.gates().window().toMillis();
        return window == counters.window()
                ? counters
                : new Registered.Counters(counters.transfers(), window, 0, 0);
    }

    private Instant windowEnd(long window) {
        return Instant.ofEpochMilli((window + 1) * genesis.gates().window().toMillis());
    }

    private Registered.Owner owner(AccountId id) {
        return state.owners.get(id).orElseThrow(() -> unknownAccount(id));
    }

    static RefusedException unknownAccount(AccountId id) {
        return refuse(ErrorCode.UNKNOWN_ACCOUNT, "there is no account " + id, "open it first");
    }

    static RefusedException unknownNode(NodeId id) {
        return refuse(
                ErrorCode.UNKNOWN_PEER,
                "no account has registered node " + id,
                "register it first");
    }

    static RefusedException refuse(ErrorCode code, String what, String next) {
        return new RefusedException(new Refusal(code, what, next));
    }
}
