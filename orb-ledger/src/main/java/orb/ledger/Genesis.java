package orb.ledger;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * What a swarm's trackers agree on before the first entry; its digest is the swarm's id.
 *
 * <p>Immutable.
 *
 * @param name for people, 1..63 characters of an RFC 1123 label
 * @param pricing what deploying costs
 * @param plans what owners can choose from, 1..32 with different names
 * @param grant what an identity gets once
 * @param gates how fast identities may come
 * @param epoch how often hosts settle; a channel that is released closes two of them later, 1 s..1
 *     d
 */
public record Genesis(
        String name,
        Pricing pricing,
        List<Plan> plans,
        Credits grant,
        Gates gates,
        Duration epoch) {
    public static final int PLANS_MAX = 32;
    public static final Credits GRANT_MAX = Credits.whole(1_000_000);

    /**
     * Bounds on new identities, because keys cost nothing.
     *
     * @param window length of a window, 1 s..1 d; windows start at multiples of it since 1970
     * @param grantsMax grants in one window
     * @param accountsMax accounts opened in one window
     * @param workBits leading zero bits that the digest of a node's binding must have, 0..40; each
     *     more doubles the hashes that an identity costs
     */
    public record Gates(Duration window, int grantsMax, int accountsMax, int workBits) {
        public Gates {
            requireSpan(window, "a window");
            require(grantsMax >= 1, "grantsMax is at least 1: %d", grantsMax);
            require(accountsMax >= 1, "accountsMax is at least 1: %d", accountsMax);
            require(workBits >= 0 && workBits <= 40, "workBits is 0..40: %d", workBits);
        }
    }

    public Genesis {
        require(
                orb.kernel.FunctionName.isLabel(name),
                "a swarm's name is 1..63 of a-z, 0-9 and inner hyphens: %s",
                name);
        plans = List.copyOf(plans);
        require(
                !plans.isEmpty() && plans.size() <= PLANS_MAX,
                "a swarm offers 1..%d plans, not %d",
                PLANS_MAX,
                plans.size());
        require(
                plans.stream().map(Plan::name).distinct().count() == plans.size(),
                "two plans have one name");
        require(
                !grant.isNegative() && grant.compareTo(GRANT_MAX) <= 0,
                "the grant is 0..%s, not %s",
                GRANT_MAX,
                grant);
        requireSpan(epoch, "an epoch");
    }

    /** The genesis of a swarm that changes nothing but the name. */
    public static Genesis standard(String name) {
        return standard(name, Duration.ofSeconds(60));
    }

    /** The genesis of a swarm that changes nothing but the name and how often hosts settle. */
    public static Genesis standard(String name, Duration epoch) {
        return new Genesis(
                name,
                Pricing.STANDARD,
                Plan.STANDARD,
                Credits.whole(100),
                new Gates(Duration.ofHours(1), 100, 1_000, 16),
                epoch);
    }

    /** The swarm's id, which every entry names. */
    public Digest network() {
        return Digest.of(encoded());
    }

    /** How long after its release a channel still pays vouchers: two epochs. */
    public Duration releaseWindow() {
        return epoch.multipliedBy(2);
    }

    public Optional<Plan> plan(Digest hash) {
        return plans.stream().filter(plan -> plan.hash().equals(hash)).findFirst();
    }

    public Optional<Plan> plan(String planName) {
        return plans.stream().filter(plan -> plan.name().equals(planName)).findFirst();
    }

    /** Canonical bytes. */
    public Bytes encoded() {
        List<Value> offered = new ArrayList<>(plans.size());
        plans.forEach(plan -> offered.add(plan.toValue()));
        return Cbor.encode(
                Value.array(
                        Value.of(name),
                        pricing.toValue(),
                        Value.array(offered),
                        Value.of(grant.micro()),
                        Value.array(
                                Value.of(gates.window.toMillis()),
                                Value.of(gates.grantsMax),
                                Value.of(gates.accountsMax),
                                Value.of(gates.workBits)),
                        Value.of(epoch.toMillis())));
    }

    /** Reads canonical bytes, strictly; {@code ORB-0001} for anything else. */
    public static Result<Genesis> decode(Bytes bytes) {
        return Result.catching(() -> from(Cbor.decodeOrThrow(bytes, DecodeLimits.ENTRY)));
    }

    private static Genesis from(Value value) {
        Fields f = Fields.of(value, "Genesis");
        Genesis genesis =
                Fields.checked(
                        "Genesis",
                        () ->
                                new Genesis(
                                        f.text(63),
                                        Pricing.from(f.fields("Pricing")),
                                        f.list(PLANS_MAX, Plan::from),
                                        f.credits(),
                                        gates(f.fields("Gates")),
                                        millis(f)));
        f.end();
        return genesis;
    }

    private static Gates gates(Fields f) {
        Gates gates =
                new Gates(
                        millis(f),
                        f.smallNumber(1, Integer.MAX_VALUE),
                        f.smallNumber(1, Integer.MAX_VALUE),
                        f.smallNumber(0, 40));
        f.end();
        return gates;
    }

    private static Duration millis(Fields f) {
        return Duration.ofMillis(f.number(1, 86_400_000));
    }

    private static void requireSpan(Duration span, String what) {
        require(
                span.toMillis() >= 1_000
                        && span.compareTo(Duration.ofDays(1)) <= 0
                        && span.equals(Duration.ofMillis(span.toMillis())),
                "%s is 1 s..1 d in whole milliseconds, not %s",
                what,
                span);
    }
}
