package orb.ledger;

import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.Credits;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/**
 * Double entry after TigerBeetle: what one account gives, another gets, in the same step.
 *
 * <p>Invariants: the sum of all balances is zero; only the issuer's is negative; no other account's
 * pending debits exceed its balance. A two-phase transfer first reserves ({@code PENDING}), then
 * moves ({@code POSTED}) or lets go ({@code VOIDED}); it is resolved once. All arithmetic is exact:
 * an {@link ArithmeticException} refuses the entry. Not thread-safe.
 */
final class Books {
    private final State state;

    Books(State state) {
        this.state = state;
    }

    /** Moves credits at once; {@code ORB-0401} if the debited account has too few available. */
    Transfer post(AccountId debit, AccountId credit, Credits amount, Transfer.Cause cause) {
        Transfer transfer = transfer(debit, credit, amount, Transfer.Phase.POSTED, cause);
        requireAvailable(debit, amount);
        move(transfer);
        return transfer;
    }

    /** Reserves credits; {@code ORB-0401} if the debited account has too few available. */
    Transfer pend(AccountId debit, AccountId credit, Credits amount, Transfer.Cause cause) {
        Transfer transfer = transfer(debit, credit, amount, Transfer.Phase.PENDING, cause);
        requireAvailable(debit, amount);
        reserve(transfer, amount);
        state.pending.put(transfer.id(), transfer);
        return transfer;
    }

    /** Moves what a pending transfer reserved. */
    Transfer postPending(long id, Transfer.Cause cause) {
        Transfer resolved = resolve(id, Transfer.Phase.POSTED, cause);
        move(resolved);
        return resolved;
    }

    /** Lets go of what a pending transfer reserved. */
    Transfer voidPending(long id, Transfer.Cause cause) {
        return resolve(id, Transfer.Phase.VOIDED, cause);
    }

    private Transfer resolve(long id, Transfer.Phase phase, Transfer.Cause cause) {
        Optional<Transfer> found = state.pending.get(id);
        Transfer pending =
                found.orElseThrow(
                        () -> new IllegalStateException("transfer " + id + " is not pending"));
        state.pending.remove(id);
        reserve(pending, new Credits(Math.negateExact(pending.amount().micro())));
        return new Transfer(
                nextId(), pending.debit(), pending.credit(), pending.amount(), phase, id, cause);
    }

    private Transfer transfer(
            AccountId debit,
            AccountId credit,
            Credits amount,
            Transfer.Phase phase,
            Transfer.Cause cause) {
        return new Transfer(nextId(), debit, credit, amount, phase, 0, cause);
    }

    private long nextId() {
        Registered.Counters counters = state.counters();
        long id = Math.incrementExact(counters.transfers());
        state.counters(
                new Registered.Counters(
                        id, counters.window(), counters.grants(), counters.accounts()));
        return id;
    }

    private void requireAvailable(AccountId debit, Credits amount) {
        Credits available = state.account(debit).available();
        if (available.compareTo(amount) < 0 && !debit.equals(Account.ISSUER)) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.INSUFFICIENT_BALANCE,
                            "account "
                                    + debit.brief()
                                    + " has "
                                    + available
                                    + " credits available, and this takes "
                                    + amount,
                            "lower the amount, or earn or receive credits first"));
        }
    }

    private void move(Transfer transfer) {
        Account from = state.account(transfer.debit());
        Account to = state.account(transfer.credit());
        Credits amount = transfer.amount();
        state.accounts.put(
                from.id(),
                new Account(
                        from.id(),
                        from.balance().minus(amount),
                        from.debitsPending(),
                        from.creditsPending()));
        state.accounts.put(
                to.id(),
                new Account(
                        to.id(),
                        to.balance().plus(amount),
                        to.debitsPending(),
                        to.creditsPending()));
    }

    private void reserve(Transfer transfer, Credits change) {
        Account from = state.account(transfer.debit());
        Account to = state.account(transfer.credit());
        state.accounts.put(
                from.id(),
                new Account(
                        from.id(),
                        from.balance(),
                        from.debitsPending().plus(change),
                        from.creditsPending()));
        state.accounts.put(
                to.id(),
                new Account(
                        to.id(),
                        to.balance(),
                        to.debitsPending(),
                        to.creditsPending().plus(change)));
    }

    /**
     * Stops the peer if the drafted entry breaks an invariant; on in production, because a stopped
     * peer is better than a wrong ledger.
     *
     * @throws IllegalStateException naming the account or the sum that is wrong
     */
    void requireBalancedDraft() {
        long change = 0;
        for (var drafted : state.accounts.draft().entrySet()) {
            Account now = drafted.getValue().orElseGet(() -> Account.empty(drafted.getKey()));
            Account before = state.accounts.settled().get(drafted.getKey());
            requireSound(now);
            long old = before == null ? 0 : before.balance().micro();
            change = Math.addExact(change, Math.subtractExact(now.balance().micro(), old));
        }
        if (change != 0) {
            throw new IllegalStateException(
                    "an entry would change the sum of balances by " + change);
        }
    }

    /** As {@link #requireBalancedDraft}, over all accounts and pending transfers. */
    void requireBalanced() {
        long balances = 0;
        long debitsPending = 0;
        long creditsPending = 0;
        for (Account account : state.accounts.settled().values()) {
            requireSound(account);
            balances = Math.addExact(balances, account.balance().micro());
            debitsPending = Math.addExact(debitsPending, account.debitsPending().micro());
            creditsPending = Math.addExact(creditsPending, account.creditsPending().micro());
        }
        long pending = 0;
        for (Transfer transfer : state.pending.settled().values()) {
            pending = Math.addExact(pending, transfer.amount().micro());
        }
        if (balances != 0 || debitsPending != pending || creditsPending != pending) {
            throw new IllegalStateException(
                    String.format(
                            "the books are wrong: balances sum to %d, pending are %d in debits,"
                                    + " %d in credits, %d in transfers",
                            balances, debitsPending, creditsPending, pending));
        }
    }

    private static void requireSound(Account account) {
        boolean issuer = account.id().equals(Account.ISSUER);
        if (account.debitsPending().isNegative()
                || account.creditsPending().isNegative()
                || (!issuer && account.available().isNegative())
                || (issuer && account.balance().micro() > 0)) {
            throw new IllegalStateException("the books are wrong: " + account);
        }
    }
}
