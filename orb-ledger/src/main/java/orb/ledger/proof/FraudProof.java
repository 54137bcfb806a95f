package orb.ledger.proof;

import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.kernel.identity.PublicKey;

/**
 * Two checkpoints of one size that one tracker has signed and that differ: a proof for everybody
 * that this tracker tells two histories. Immutable.
 *
 * @param first a note
 * @param second a note of the same log and size, with another root or state root
 */
public record FraudProof(Bytes first, Bytes second) {
    /**
     * Checks both notes against each other.
     *
     * @return the key that signed both, {@code ORB-0701} if they prove nothing, or why a note
     *     cannot be read
     */
    public Result<PublicKey> verify(LogRoster roster) {
        return roster.check(first)
                .then(one -> roster.check(second).then(other -> guilty(one, other)));
    }

    private static Result<PublicKey> guilty(LogRoster.Checked one, LogRoster.Checked other) {
        Optional<PublicKey> both =
                one.signers().stream().filter(other.signers()::contains).findFirst();
        boolean isFork =
                one.checkpoint().size() == other.checkpoint().size()
                        && !one.checkpoint().equals(other.checkpoint());
        return isFork && both.isPresent()
                ? Result.ok(both.get())
                : Result.refused(
                        ErrorCode.PROOF_REFUSED,
                        "these two checkpoints do not contradict each other, or not one tracker"
                                + " signed both");
    }
}
