package orb.tracker.log;

import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.Result;
import orb.kernel.identity.PublicKey;
import orb.ledger.proof.FraudProof;
import orb.ledger.proof.LogRoster;

/**
 * What each tracker was heard to sign, so that two histories of one tracker are noticed, and those
 * of whom there is a proof.
 */
final class Heard {
    /** Checkpoints of one tracker that are kept; the smallest sizes are forgotten first. */
    private static final int KEPT_MAX = 128;

    private final LogRoster roster;
    private final NavigableMap<PublicKey, NavigableMap<Long, Said>> said = new TreeMap<>();
    private final NavigableMap<PublicKey, FraudProof> guilty = new TreeMap<>();

    private record Said(String text, Bytes note) {}

    Heard(LogRoster roster) {
        this.roster = roster;
    }

    /** Takes up what the signers of a checked note say; a proof, if one contradicts itself. */
    Optional<FraudProof> hear(LogRoster.Checked checked) {
        Optional<FraudProof> found = Optional.empty();
        Said now = new Said(checked.note().text(), checked.note().encoded());
        for (PublicKey key : checked.signers()) {
            NavigableMap<Long, Said> all = said.computeIfAbsent(key, _ -> new TreeMap<>());
            Said before = all.putIfAbsent(checked.checkpoint().size(), now);
            if (before != null && !before.text().equals(now.text())) {
                found = found.or(() -> Optional.of(new FraudProof(before.note(), now.note())));
            }
            if (all.size() > KEPT_MAX) {
                all.pollFirstEntry();
            }
        }
        return found;
    }

    /** Checks a proof; the one who is guilty if that is new, empty if it is known already. */
    Result<Optional<PublicKey>> judge(FraudProof proof) {
        return proof.verify(roster)
                .map(key ->
                        guilty.putIfAbsent(key, proof) == null
                                ? Optional.of(key)
                                : Optional.empty());
    }

    /** Whether there is a proof that this tracker told two histories. */
    boolean isGuilty(PublicKey key) {
        return guilty.containsKey(key);
    }

    /** All proofs, by who is guilty; read only. */
    NavigableMap<PublicKey, FraudProof> proofs() {
        return guilty;
    }
}
