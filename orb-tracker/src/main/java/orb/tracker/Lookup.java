package orb.tracker;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.Credits;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Registry;
import orb.ledger.Account;
import orb.ledger.Entry;
import orb.ledger.History;
import orb.ledger.Ledger;
import orb.ledger.Plan;
import orb.ledger.Registered;

/** Answers questions about functions and accounts, from the ledger and the live hosts. */
final class Lookup {
    private static final int COUNTERPARTY_MAX = 100;

    private final Ledger ledger;
    private final Hosts hosts;

    Lookup(Ledger ledger, Hosts hosts) {
        this.ledger = ledger;
        this.hosts = hosts;
    }

    Optional<FunctionFacts> facts(FunctionId id) {
        return ledger.function(id).map(this::facts);
    }

    FunctionFacts facts(Registered.Function function) {
        return function.facts(ledger.genesis().plan(function.plan()).map(Plan::name).orElse(""));
    }

    Registry.Functions find(FunctionName name) {
        return new Registry.Functions(ledger.function(name).stream().map(this::listed).toList());
    }

    /** A page of the functions whose name contains the text, by name. */
    Registry.Functions search(Registry.Search search) {
        String text = search.text().toLowerCase(Locale.ROOT);
        return new Registry.Functions(
                ledger.functions().stream()
                        .filter(function -> function.name().toString().contains(text))
                        .skip(search.offset())
                        .limit(search.limit())
                        .map(this::listed)
                        .toList());
    }

    private Registry.Listed listed(Registered.Function function) {
        int seeders = hosts.of(function.id()).size();
        return new Registry.Listed(facts(function), seeders, function.calls());
    }

    Registry.Account account(AccountId id) {
        Optional<Registered.Owner> owner = ledger.owner(id);
        Account account = ledger.account(id);
        List<Registry.ChannelView> channels = new ArrayList<>();
        Credits escrow = Credits.ZERO;
        if (owner.filter(o -> o.channels() > 0).isPresent()) {
            for (Registered.Channel channel : ledger.channels(id)) {
                escrow = escrow.plus(ledger.escrow(channel.id()));
                if (channels.size() < Registry.ROWS_MAX) {
                    channels.add(view(channel));
                }
            }
        }
        return new Registry.Account(
                owner.isPresent(),
                owner.map(Registered.Owner::name).orElse(""),
                account.available(),
                account.debitsPending(),
                escrow,
                nonce(id),
                channels);
    }

    /** A node signs its settlements with its own key, under which it asks for its own nonce. */
    private long nonce(AccountId id) {
        return Math.max(ledger.nonce(id), ledger.nonce(new NodeId(id.digest())));
    }

    private Registry.ChannelView view(Registered.Channel channel) {
        return new Registry.ChannelView(
                channel.id(),
                purpose(channel.purpose()),
                channel.locked(),
                channel.locked().minus(ledger.escrow(channel.id())),
                channel.hub());
    }

    private static String purpose(Entry.Purpose purpose) {
        return switch (purpose) {
            case Entry.Purpose.Calls() -> "calls";
            case Entry.Purpose.Sponsor(var function) -> "sponsor " + function;
            case Entry.Purpose.Token _ -> "token";
        };
    }

    Registry.History history(Registry.FindHistory find) {
        // an entry's rows stay together, so a page is asked for that leaves room for the last ones
        int limit = Math.clamp(find.limit(), 1, Registry.ROWS_MAX - 4);
        return new Registry.History(
                ledger.history(find.account(), find.before(), limit).stream()
                        .limit(Registry.ROWS_MAX)
                        .map(this::row)
                        .toList());
    }

    private Registry.Row row(History.Row row) {
        // what a channel pays leaves the allocated part, and its holder has set it aside before
        Credits change = row.amount().isZero() ? row.allocated() : row.amount();
        return new Registry.Row(
                row.index(),
                row.time().toEpochMilli(),
                row.rule().name().toLowerCase(Locale.ROOT),
                change.micro(),
                name(row.counterparty()),
                row.evidence().receipt().orElse(row.evidence().entry()));
    }

    private String name(AccountId id) {
        String name =
                ledger.owner(id)
                        .map(Registered.Owner::name)
                        .orElseGet(() ->
                                id.equals(Account.ISSUER)
                                        ? "issuer"
                                        : id.equals(Account.DEPLOY_POOL)
                                                ? "deploy-pool"
                                                : id.toString());
        return name.length() > COUNTERPARTY_MAX ? name.substring(0, COUNTERPARTY_MAX) : name;
    }
}
