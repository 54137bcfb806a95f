package orb.ledger;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import orb.kernel.AccountId;
import orb.kernel.Credits;

/**
 * What moved on each account, for its holder to read.
 *
 * <p>For every account the rows' amounts sum to its balance, and their {@code allocated} to what
 * lies in its open channels. Escrow accounts have no rows: what happens there shows on the payer's.
 * A row takes about 90 bytes and its share of the entry's digests about 100 more; rows are kept in
 * memory for the ledger's life. Not part of the state's root, because it follows from the log. Not
 * thread-safe.
 */
public final class History {
    private final Map<AccountId, List<Row>> rows = new TreeMap<>();
    private final List<Movement> drafted = new ArrayList<>();

    /**
     * One movement as the account's holder sees it.
     *
     * @param index the entry's place in the log
     * @param time when it was ordered
     * @param rule why
     * @param amount change of the balance
     * @param allocated change of what lies in the holder's channels
     * @param counterparty the account on the other side
     * @param evidence the entry, and for calls the last receipt that was paid
     */
    public record Row(
            long index,
            Instant time,
            Transfer.Rule rule,
            Credits amount,
            Credits allocated,
            AccountId counterparty,
            Transfer.Evidence evidence) {}

    private record Movement(AccountId account, Row row) {}

    History() {}

    /** Both sides of a posted transfer between accounts that are no escrow. */
    void moved(Transfer transfer) {
        add(transfer.debit(), transfer, negative(transfer.amount()), Credits.ZERO);
        add(transfer.credit(), transfer, transfer.amount(), Credits.ZERO);
    }

    /** A payer sets aside. */
    void locked(Transfer transfer) {
        add(transfer.debit(), transfer, negative(transfer.amount()), transfer.amount());
    }

    /** A channel's rest returns. */
    void refunded(Transfer transfer) {
        add(transfer.credit(), transfer, transfer.amount(), negative(transfer.amount()));
    }

    /** Someone earns from a channel. */
    void earned(Transfer transfer) {
        add(transfer.credit(), transfer, transfer.amount(), Credits.ZERO);
    }

    /** A payer's channel paid a host and those who share with it. */
    void consumed(AccountId payer, AccountId host, Credits amount, Transfer.Cause cause) {
        Row row =
                new Row(
                        cause.index(),
                        cause.time(),
                        Transfer.Rule.CONSUME,
                        Credits.ZERO,
                        negative(amount),
                        host,
                        cause.evidence());
        drafted.add(new Movement(payer, row));
    }

    private void add(AccountId account, Transfer transfer, Credits amount, Credits allocated) {
        Transfer.Cause cause = transfer.cause();
        AccountId other = account.equals(transfer.debit()) ? transfer.credit() : transfer.debit();
        Row row =
                new Row(
                        cause.index(),
                        cause.time(),
                        cause.rule(),
                        amount,
                        allocated,
                        other,
                        cause.evidence());
        drafted.add(new Movement(account, row));
    }

    private static Credits negative(Credits amount) {
        return Credits.ZERO.minus(amount);
    }

    void commit() {
        for (Movement movement : drafted) {
            rows.computeIfAbsent(movement.account, _ -> new ArrayList<>()).add(movement.row);
        }
        drafted.clear();
    }

    void rollback() {
        drafted.clear();
    }

    /** All rows of an account, oldest first; a copy. */
    List<Row> of(AccountId account) {
        return List.copyOf(rows.getOrDefault(account, List.of()));
    }

    /**
     * Rows of entries before an index, newest first; never a part of an entry's rows only, so the
     * answer can be up to four rows longer than the limit.
     */
    List<Row> page(AccountId account, long before, int limit) {
        List<Row> all = rows.getOrDefault(account, List.of());
        int place = firstAtOrAfter(all, before);
        List<Row> page = new ArrayList<>();
        while (--place >= 0
                && (page.size() < limit || all.get(place).index() == page.getLast().index())) {
            page.add(all.get(place));
        }
        return List.copyOf(page);
    }

    private static int firstAtOrAfter(List<Row> all, long index) {
        int low = 0;
        int high = all.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (all.get(middle).index() < index) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
