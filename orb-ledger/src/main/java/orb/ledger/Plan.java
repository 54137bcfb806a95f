package orb.ledger;

import static orb.kernel.Require.require;

import java.util.List;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Fuel;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * A reward plan: who pays for a function's calls, how much, and how it is shared.
 *
 * <p>A call that completed costs {@code base + ceil(fuel x perMillionFuel / 10^6)}; any other
 * ending costs nothing, so a call that ran out of fuel is the host's loss, which the host bounds by
 * the fuel limit it accepts. The plan's digest stands in every voucher and receipt, so the shares
 * are fixed before the work is done. Immutable.
 *
 * @param name by which owners choose it, 1..32 characters of a-z, 0-9 and hyphen
 * @param payer who pays
 * @param base for each completed call
 * @param perMillionFuel for each million units of fuel, begun ones counted in proportion
 * @param requested shares of what a requester pays
 * @param sponsored shares of what the function's owner pays
 * @param includedCalls under {@link Payer#BOTH}, how many calls of the function requesters pay
 *     before its owner takes over
 */
public record Plan(
        String name,
        Payer payer,
        Credits base,
        Credits perMillionFuel,
        Shares requested,
        Shares sponsored,
        long includedCalls) {
    public static final int NAME_MAX = 32;

    /** The requester pays per call. */
    public static final Plan METERED = standard("metered", Payer.REQUESTER, 0);

    /** The owner pays hosts from what it set aside. */
    public static final Plan SPONSORED = standard("sponsored", Payer.OWNER, 0);

    /** The requester pays the first 1,000 calls of the function, the owner those after. */
    public static final Plan BOTH = standard("both", Payer.BOTH, 1_000);

    /** What a swarm offers unless its genesis says otherwise. */
    public static final List<Plan> STANDARD = List.of(METERED, SPONSORED, BOTH);

    private static final Payer[] PAYERS = Payer.values();
    private static final long MILLION = 1_000_000;

    /** Who pays for calls. */
    public enum Payer {
        REQUESTER,
        OWNER,
        BOTH
    }

    /**
     * How a payment is split, in thousandths that sum to 1000.
     *
     * @param host to the host's account
     * @param owner to the function's owner
     * @param tracker to the account of the channel's hub
     */
    public record Shares(int host, int owner, int tracker) {
        public Shares {
            require(
                    host >= 0 && owner >= 0 && tracker >= 0 && host + owner + tracker == 1000,
                    "shares are not negative and sum to 1000: %d + %d + %d",
                    host,
                    owner,
                    tracker);
        }

        /**
         * Splits a cumulative amount so that no unit is lost or made and no part ever shrinks as
         * the amount grows: the host gets what the floor of the others leaves, and the others' part
         * is split by a floor again. Plain floors of each share would let the host's part shrink by
         * one when two of them step up at the same unit.
         */
        public Split split(Credits amount) {
            int others = owner + tracker;
            long rest = amount.permille(others).micro();
            long toOwner = others == 0 ? 0 : rest / others * owner + rest % others * owner / others;
            return new Split(
                    new Credits(amount.micro() - rest),
                    new Credits(toOwner),
                    new Credits(rest - toOwner));
        }
    }

    /** An amount in its three parts. */
    public record Split(Credits host, Credits owner, Credits tracker) {
        /** Part by part what this has more than an earlier split of the same shares. */
        public Split since(Split earlier) {
            return new Split(
                    host.minus(earlier.host),
                    owner.minus(earlier.owner),
                    tracker.minus(earlier.tracker));
        }

        public Credits sum() {
            return host.plus(owner).plus(tracker);
        }
    }

    public Plan {
        require(
                name.length() <= NAME_MAX && name.matches("[a-z0-9-]+"),
                "a plan's name is 1..%d of a-z, 0-9 and hyphen: %s",
                NAME_MAX,
                name);
        Pricing.requireRate(base, "base");
        Pricing.requireRate(perMillionFuel, "perMillionFuel");
        require(sponsored.owner == 0, "an owner who pays gets no share back: %s", sponsored);
        require(includedCalls >= 0, "includedCalls is not negative: %d", includedCalls);
    }

    private static Plan standard(String name, Payer payer, long includedCalls) {
        return new Plan(
                name,
                payer,
                new Credits(100),
                new Credits(50),
                new Shares(700, 200, 100),
                new Shares(900, 0, 100),
                includedCalls);
    }

    /** Digest of the canonical bytes; what vouchers and receipts name. */
    public Digest hash() {
        return Digest.of(Cbor.encode(toValue()));
    }

    /**
     * What a call costs that ended so.
     *
     * @throws ArithmeticException if it leaves 64 bits, which no fuel within {@link
     *     orb.kernel.Limits} does
     */
    public Credits price(Receipt.Ending ending, Fuel fuel) {
        return switch (ending) {
            case COMPLETED -> base.plus(Pricing.ceil(fuel.units(), perMillionFuel, MILLION));
            case OUT_OF_FUEL, TRAPPED -> Credits.ZERO;
        };
    }

    /** As {@link #price(Receipt.Ending, Fuel)}; a refused call costs nothing. */
    public Credits price(Outcome outcome) {
        return outcome instanceof Outcome.Refused
                ? Credits.ZERO
                : price(Receipt.Ending.of(outcome), outcome.used());
    }

    /** The most that one call within this fuel limit can cost. */
    public Credits priceMax(Fuel limit) {
        return price(Receipt.Ending.COMPLETED, limit);
    }

    /** Who pays the function's call of this number, counted from 1 since its deploy. */
    public Payer payerOf(long call) {
        return switch (payer) {
            case REQUESTER, OWNER -> payer;
            case BOTH -> call <= includedCalls ? Payer.REQUESTER : Payer.OWNER;
        };
    }

    /** The shares that hold for what this channel pays. */
    Shares shares(Entry.Purpose purpose) {
        return switch (purpose) {
            case Entry.Purpose.Calls() -> requested;
            case Entry.Purpose.Token _ -> requested;
            case Entry.Purpose.Sponsor _ -> sponsored;
        };
    }

    /** Whether a channel of this purpose may pay under this plan. */
    boolean allows(Entry.Purpose purpose) {
        return switch (purpose) {
            case Entry.Purpose.Calls() -> payer != Payer.OWNER;
            case Entry.Purpose.Token _ -> payer != Payer.OWNER;
            case Entry.Purpose.Sponsor _ -> payer != Payer.REQUESTER;
        };
    }

    Value toValue() {
        return Value.array(
                Value.of(name),
                Value.of(payer.ordinal()),
                Value.of(base.micro()),
                Value.of(perMillionFuel.micro()),
                shares(requested),
                shares(sponsored),
                Value.of(includedCalls));
    }

    static Plan from(Value value) {
        Fields f = Fields.of(value, "Plan");
        Plan plan =
                Fields.checked(
                        "Plan",
                        () ->
                                new Plan(
                                        f.text(NAME_MAX),
                                        PAYERS[f.smallNumber(0, PAYERS.length - 1)],
                                        f.credits(),
                                        f.credits(),
                                        shares(f.fields("Shares")),
                                        shares(f.fields("Shares")),
                                        f.number(0, Long.MAX_VALUE)));
        f.end();
        return plan;
    }

    private static Value shares(Shares shares) {
        return Value.array(Value.of(shares.host), Value.of(shares.owner), Value.of(shares.tracker));
    }

    private static Shares shares(Fields f) {
        Shares shares =
                new Shares(f.smallNumber(0, 1000), f.smallNumber(0, 1000), f.smallNumber(0, 1000));
        f.end();
        return shares;
    }
}
