package orb.ledger;

import java.nio.charset.StandardCharsets;
import orb.kernel.AccountId;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.codec.Value;

/**
 * A holder of credits as the books have it, immutable.
 *
 * <p>People's accounts are named by the digest of their key; the ledger's own by the digest of a
 * text that is no key, so that nobody can sign for them.
 *
 * @param id its name
 * @param balance credits minus debits that were posted; negative for the issuer alone
 * @param debitsPending what pending transfers will take
 * @param creditsPending what pending transfers will bring
 */
public record Account(
        AccountId id, Credits balance, Credits debitsPending, Credits creditsPending) {
    /** Where grants come from; its balance is minus all that was ever issued. */
    public static final AccountId ISSUER = internal("issuer");

    /** Where the costs of deploys go. */
    public static final AccountId DEPLOY_POOL = internal("deploy-pool");

    static Account empty(AccountId id) {
        return new Account(id, Credits.ZERO, Credits.ZERO, Credits.ZERO);
    }

    /** The account that holds a channel's escrow. */
    public static AccountId escrow(Digest channel) {
        return new AccountId(
                Digest.sha256(
                        "orb/escrow/1\0".getBytes(StandardCharsets.US_ASCII),
                        channel.bytes().array()));
    }

    private static AccountId internal(String name) {
        return new AccountId(
                Digest.sha256(("orb/account/1\0" + name).getBytes(StandardCharsets.US_ASCII)));
    }

    /** What can be spent: the balance without what pending transfers will take. */
    public Credits available() {
        return balance.minus(debitsPending);
    }

    Value toValue() {
        return Value.array(
                Value.of(id.digest().bytes()),
                Value.of(balance.micro()),
                Value.of(debitsPending.micro()),
                Value.of(creditsPending.micro()));
    }
}
