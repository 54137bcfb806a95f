package orb.node;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Membership;
import orb.kernel.message.NodeView;
import orb.kernel.message.Registry;
import orb.kernel.port.Table;
import orb.ledger.Entry;
import orb.ledger.NodeBinding;
import orb.node.Node.Self;
import orb.node.turn.Turn;

/**
 * Who is logged in on this node, and whose the node is.
 *
 * <p>The two can differ: anyone may log in and pay for calls, but the node's earnings go to the
 * account that it was bound to first. The wallet's key is kept in memory only, until it is logged
 * out; the owner's name is kept in {@link Table#SETTINGS}, so that the owner's own functions stay
 * free here after a restart.
 */
final class Login {
    private static final Bytes OWNER_KEY = Bytes.utf8("owner");
    private static final String CALLED = "called:";

    private final Turn turn;
    private final Self self;
    private final Joining joining;
    private final Entries entries;
    private final Set<FunctionName> called = new LinkedHashSet<>();
    private Optional<Holder> holder = Optional.empty();
    private Optional<Owner> owner = Optional.empty();

    /** Who is logged in. */
    record Holder(AccountId account, String name, KeyPair wallet) {}

    /** Whose this node is. */
    record Owner(AccountId account, String name) {}

    Login(Turn turn, Self self, Joining joining, Entries entries) {
        this.turn = turn;
        this.self = self;
        this.joining = joining;
        this.entries = entries;
    }

    /** Takes up whose the node is and what was called from it. */
    void start(NavigableMap<Bytes, Bytes> kept) {
        kept.forEach((key, value) -> {
            if (key.equals(OWNER_KEY)) {
                Fields f = Fields.of(Cbor.decodeOrThrow(value, DecodeLimits.ENTRY), "owner");
                owner = Optional.of(new Owner(new AccountId(f.digest()), f.text(63)));
            } else if (key.utf8().startsWith(CALLED)) {
                called.add(FunctionName.parse(key.utf8().substring(CALLED.length())));
            }
        });
    }

    /** Opens the account and binds this node to it, each only where that was not done yet. */
    void logIn(NodeCommand.LogIn command, Consumer<Result<NodeReply>> then) {
        AccountId account = AccountId.of(command.wallet().publicKey());
        joining.askTracker(
                new Registry.FindAccount(account),
                answer -> {
                    switch (answer.as(Registry.Account.class)) {
                        case Result.Ok<Registry.Account>(var found) when found.known() ->
                                bind(
                                        new Holder(account, found.name(), command.wallet()),
                                        false,
                                        then);
                        case Result.Ok<Registry.Account> _ -> open(account, command, then);
                        case Result.Refused<Registry.Account>(var refusal) ->
                                then.accept(Result.refused(refusal));
                    }
                });
    }

    private void open(
            AccountId account, NodeCommand.LogIn command, Consumer<Result<NodeReply>> then) {
        if (!FunctionName.isLabel(command.name())) {
            then.accept(
                    Result.refused(
                            ErrorCode.BAD_ARGUMENT,
                            "an account's name is 1..63 of a-z, 0-9 and inner hyphens: "
                                    + command.name()));
            return;
        }
        entries.submit(
                command.wallet(),
                new Entry.OpenAccount(command.name()),
                result -> {
                    switch (result) {
                        case Result.Ok<Entries.Recorded> _ ->
                                bind(
                                        new Holder(account, command.name(), command.wallet()),
                                        true,
                                        then);
                        case Result.Refused<Entries.Recorded>(var refusal) ->
                                then.accept(Result.refused(refusal));
                    }
                });
    }

    private void bind(Holder who, boolean opened, Consumer<Result<NodeReply>> then) {
        joining.askTracker(
                new Membership.FindNodes(Optional.of(self.id().digest())),
                answer -> {
                    switch (answer.as(Membership.Nodes.class)) {
                        case Result.Ok<Membership.Nodes>(var nodes) -> {
                            String bound = boundTo(nodes);
                            if (bound.isEmpty()) {
                                register(who, opened, then);
                            } else {
                                finish(who, bound.equals(who.name), opened, then);
                            }
                        }
                        case Result.Refused<Membership.Nodes>(var refusal) ->
                                then.accept(Result.refused(refusal));
                    }
                });
    }

    private String boundTo(Membership.Nodes nodes) {
        return nodes.nodes().stream()
                .filter(view -> view.id().equals(self.id()))
                .map(NodeView::owner)
                .findFirst()
                .orElse("");
    }

    private void register(Holder who, boolean opened, Consumer<Result<NodeReply>> then) {
        NodeBinding binding =
                NodeBinding.solve(
                        self.network(),
                        self.key().publicKey(),
                        who.account,
                        self.config().genesis().gates().workBits());
        entries.submit(
                who.wallet,
                new Entry.RegisterNode(binding, binding.sign(self.key())),
                result -> {
                    switch (result) {
                        case Result.Ok<Entries.Recorded> _ -> finish(who, true, opened, then);
                        case Result.Refused<Entries.Recorded>(var refusal)
                                when refusal.code() == ErrorCode.ALREADY_GRANTED ->
                                finish(who, true, opened, then);
                        case Result.Refused<Entries.Recorded>(var refusal) ->
                                then.accept(Result.refused(refusal));
                    }
                });
    }

    private void finish(
            Holder who, boolean owns, boolean opened, Consumer<Result<NodeReply>> then) {
        holder = Optional.of(who);
        Owner whose = new Owner(who.account, who.name);
        if (owns && !owner.equals(Optional.of(whose))) {
            owner = Optional.of(whose);
            turn.save(
                    Table.SETTINGS,
                    OWNER_KEY,
                    Cbor.encode(
                            Value.array(
                                    Value.of(who.account.digest().bytes()), Value.of(who.name))));
        }
        then.accept(Result.ok(new NodeReply.LoggedIn(who.account, who.name, opened)));
    }

    /** Forgets the wallet's key and overwrites it. */
    void logOut() {
        holder.ifPresent(who -> {
            entries.forget(who.wallet.publicKey());
            who.wallet.forget();
        });
        holder = Optional.empty();
    }

    Optional<Holder> holder() {
        return holder;
    }

    /** Whether this account owns this node, so that its functions run free here. */
    boolean isOwner(AccountId account) {
        return owner.isPresent() && owner.get().account.equals(account);
    }

    String ownerName() {
        return owner.map(Owner::name).orElse("");
    }

    Refusal notLoggedIn() {
        return new Refusal(
                ErrorCode.NOT_LOGGED_IN,
                "nobody is logged in on this node",
                "orb login --name NAME");
    }

    /** Remembers that a function was called from here. */
    void noteCalled(FunctionName function) {
        if (called.size() < self.config().bounds().factsMax() && called.add(function)) {
            turn.save(Table.SETTINGS, Bytes.utf8(CALLED + function), Bytes.EMPTY);
        }
    }

    NodeReply.Identity identity(List<FunctionName> owns, List<FunctionName> seeds) {
        NodeId id = self.id();
        return new NodeReply.Identity(
                id,
                holder.map(Holder::account),
                holder.map(Holder::name).orElse(ownerName()),
                owns,
                seeds,
                new ArrayList<>(called));
    }
}
