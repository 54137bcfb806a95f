package orb.node.admission;

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

    /**
     * Why none but the owner's own node serves the function, whatever a policy says; empty if
     * others may: no host can prove yet that it would keep a secret.
     */
    static Optional<String> needsItsOwner(FunctionFacts function) {
        return function.grants().secrets().isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "it needs the secret "
                                + function.grants().secrets().getFirst()
                                + ", which only its owner's own node releases");
    }

    /** Takes nothing. */
    record Never() implements SeedPolicy {
        @Override
        public Optional<String> declines(FunctionFacts function, int seeded) {
            return Optional.of("policy seed=never");
        }
    }

    /**
     * Takes what another policy takes, but nothing that sends requests.
     *
     * @param rest for functions that send none
     */
    record NoEgress(SeedPolicy rest) implements SeedPolicy {
        @Override
        public Optional<String> declines(FunctionFacts function, int seeded) {
            return function.grants().http().isEmpty()
                    ? rest.declines(function, seeded)
                    : Optional.of(
                            "it sends requests to "
                                    + function.grants().http().getFirst()
                                    + ", and this node was started with --no-egress");
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
