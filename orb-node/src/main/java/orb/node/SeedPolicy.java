package orb.node;

import static orb.kernel.Require.require;

import java.util.List;
import java.util.Optional;
import orb.kernel.ByteSize;
import orb.kernel.message.FunctionFacts;

/**
 * Which functions of others this node takes. Functions of the node's own owner are always served,
 * and what a person seeds by hand is not asked of the policy.
 */
public sealed interface SeedPolicy {
    /** Why the function is not taken; empty if it is. */
    Optional<String> declines(FunctionFacts function, int seeded);

    /** Takes nothing. */
    record Never() implements SeedPolicy {
        @Override
        public Optional<String> declines(FunctionFacts function, int seeded) {
            return Optional.of("policy seed=never");
        }
    }

    /**
     * Takes what fits.
     *
     * @param memory largest memory limit of a function that is taken
     * @param sizeMax largest executable that is taken
     * @param plans names of the reward plans that this node works under; all if empty
     * @param seedsMax functions served at once
     */
    record Auto(ByteSize memory, ByteSize sizeMax, List<String> plans, int seedsMax)
            implements SeedPolicy {
        public Auto {
            plans = List.copyOf(plans);
            require(seedsMax >= 1, "seedsMax is at least 1, not %d: use seed=never", seedsMax);
        }

        @Override
        public Optional<String> declines(FunctionFacts function, int seeded) {
            if (seeded >= seedsMax) {
                return Optional.of("all " + seedsMax + " places for functions are taken");
            }
            if (function.limits().memory().compareTo(memory) > 0) {
                return Optional.of(
                        "it may use "
                                + function.limits().memory()
                                + ", here "
                                + memory
                                + " are free");
            }
            if (function.size().compareTo(sizeMax) > 0) {
                return Optional.of("it is " + function.size() + " long, here at most " + sizeMax);
            }
            if (!plans.isEmpty() && !plans.contains(function.plan())) {
                return Optional.of("plan " + function.plan() + " is not one of " + plans);
            }
            return Optional.empty();
        }
    }
}
