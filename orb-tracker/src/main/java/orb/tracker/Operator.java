package orb.tracker;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import orb.kernel.AccountId;
import orb.kernel.NodeId;
import orb.kernel.identity.KeyPair;
import orb.ledger.Entry;
import orb.ledger.Ledger;
import orb.ledger.NodeBinding;
import orb.ledger.SignedEntry;

/**
 * Opens the account that this tracker's share of payments goes to, and registers the tracker under
 * it; a channel can name only a registered hub. The account is the machine key's own.
 */
final class Operator {
    private static final Duration LIFE = Duration.ofMinutes(5);

    private final Turn turn;
    private final Book book;
    private final Ledger ledger;
    private final KeyPair key;
    private boolean isProposed;

    Operator(Turn turn, Book book, Ledger ledger, KeyPair key) {
        this.turn = turn;
        this.book = book;
        this.ledger = ledger;
        this.key = key;
    }

    /** Proposes the next entry that is missing; called again until none is. */
    void register() {
        AccountId account = AccountId.of(key.publicKey());
        NodeId self = NodeId.of(key.publicKey());
        if (isProposed || ledger.node(self).isPresent()) {
            return;
        }
        if (ledger.owner(account).isEmpty()) {
            propose(new Entry.OpenAccount("tracker-" + self.brief()));
            return;
        }
        NodeBinding binding =
                NodeBinding.solve(
                        ledger.genesis().network(),
                        key.publicKey(),
                        account,
                        ledger.genesis().gates().workBits());
        propose(new Entry.RegisterNode(binding, binding.sign(key)));
    }

    private void propose(Entry entry) {
        isProposed = true;
        SignedEntry signed =
                SignedEntry.sign(
                        key,
                        ledger.genesis().network(),
                        ledger.nonce(AccountId.of(key.publicKey())) + 1,
                        turn.now().plus(LIFE).truncatedTo(ChronoUnit.MILLIS),
                        entry);
        book.propose(
                SignedEntry.check(signed.encoded()),
                result -> {
                    isProposed = false;
                    if (result.isOk()) {
                        register();
                    } // else the next sweep tries again
                });
    }
}
