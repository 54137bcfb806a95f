package orb.kernel.identity;

import static orb.kernel.Require.require;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import orb.kernel.Bytes;
import orb.kernel.Digest;

/**
 * Signatures that were found good, remembered while a simulation runs.
 *
 * <p>There thousands of peers share one process, and each verifies what the others verified: that
 * would be most of the work and show nothing. The answer is the same with it and without, because
 * it follows from key, signature and message alone, and these are remembered by their digest. Real
 * peers have none: nothing is remembered outside of {@link #during}. Not thread-safe; it counts for
 * the thread that it was made for.
 */
public final class VerifiedOnce {
    private static final ScopedValue<VerifiedOnce> HERE = ScopedValue.newInstance();

    private final int countMax;
    private final Set<Digest> good = new LinkedHashSet<>();

    private VerifiedOnce(int countMax) {
        this.countMax = countMax;
    }

    /** Runs a task that remembers so many signatures, the newest ones. */
    public static void during(int countMax, Runnable task) {
        require(countMax >= 1, "at least one signature is remembered, not %d", countMax);
        ScopedValue.where(HERE, new VerifiedOnce(countMax)).run(task);
    }

    /** Whether a signature is good: as it was before, or as {@code verifies} finds. */
    static boolean isGood(
            PublicKey key, Signature signature, byte[] signed, BooleanSupplier verifies) {
        return HERE.isBound()
                ? HERE.get().remembers(key.bytes(), signature.bytes(), signed, verifies)
                : verifies.getAsBoolean();
    }

    private boolean remembers(Bytes key, Bytes signature, byte[] signed, BooleanSupplier verifies) {
        // the first two have one length each, so no other three parts give the same bytes
        Digest what = Digest.sha256(key.array(), signature.array(), signed);
        if (good.contains(what)) {
            return true;
        }
        boolean isGood = verifies.getAsBoolean();
        if (isGood) {
            if (good.size() >= countMax) {
                good.remove(good.iterator().next());
            }
            good.add(what);
        }
        return isGood;
    }
}
