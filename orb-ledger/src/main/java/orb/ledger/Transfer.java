package orb.ledger;

import static orb.kernel.Require.require;

import java.time.Instant;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.Credits;
import orb.kernel.Digest;

/**
 * A debit and an equal credit, immutable, after TigerBeetle's transfers.
 *
 * @param id counts from 1 over the whole ledger
 * @param debit the account that gives
 * @param credit the account that gets
 * @param amount at least 1 micro-credit
 * @param phase pending, posted or voided
 * @param resolves for the second phase, the id of the pending transfer that it ends; otherwise 0
 * @param cause why
 */
public record Transfer(
        long id,
        AccountId debit,
        AccountId credit,
        Credits amount,
        Phase phase,
        long resolves,
        Cause cause) {

    /** The life of a two-phase transfer; a plain one is posted at once. */
    public enum Phase {
        PENDING,
        POSTED,
        VOIDED
    }

    /** What makes credits move. */
    public enum Rule {
        /** The initial grant, from the issuer. */
        GRANT,
        /** The cost of a deploy, to the deploy pool. */
        DEPLOY,
        /** Credits set aside in a channel. */
        LOCK,
        /** A channel's rest, back to its payer. */
        REFUND,
        /** The host's share of calls. */
        SEED,
        /** The function owner's share of calls. */
        OWN,
        /** The share of the channel's hub. */
        HUB,
        /** What a payer's channel paid for calls; in histories only. */
        CONSUME,
        /** A gift between accounts. */
        SEND
    }

    /**
     * Why credits moved.
     *
     * @param rule the rule that moved them
     * @param index the entry's place in the log
     * @param time when it was ordered
     * @param evidence what it follows from
     */
    public record Cause(Rule rule, long index, Instant time, Evidence evidence) {}

    /**
     * What a transfer follows from.
     *
     * @param entry digest of the signed entry
     * @param receipt digest of the last receipt that was paid, for calls
     */
    public record Evidence(Digest entry, Optional<Digest> receipt) {}

    public Transfer {
        require(id >= 1, "transfers count from 1, not %d", id);
        require(amount.micro() >= 1, "a transfer moves at least 0.000001, not %s", amount);
        require(!debit.equals(credit), "account %s cannot pay itself", debit);
    }
}
