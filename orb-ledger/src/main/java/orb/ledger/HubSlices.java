package orb.ledger;

import static orb.kernel.Require.require;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Lane;
import orb.kernel.Refusal;
import orb.kernel.Result;

/**
 * The hub's side of channels: cuts what is locked in each into slices for lanes, and promises
 * nothing twice.
 *
 * <p>All amounts are cumulative over a channel's life, so what was paid need not be told apart:
 * invariant, the slices of a channel sum to at most what was ever locked in it, and no voucher
 * above its lane's slice is countersigned. Pure; not thread-safe.
 */
public final class HubSlices {
    private final Map<Digest, Pot> pots = new TreeMap<>();

    private static final class Pot {
        private final Map<Lane, Cut> cuts = new TreeMap<>();
        private Credits locked;
        private Credits sliced = Credits.ZERO;
        private boolean released;

        private Pot(Credits locked) {
            this.locked = locked;
        }
    }

    /** A lane's slice, and the highest voucher that was countersigned on it. */
    private record Cut(Credits slice, Credits promised) {
        private static final Cut NONE = new Cut(Credits.ZERO, Credits.ZERO);
    }

    /** Notes a channel, or that more was locked in it; never lower than before. */
    public void locked(Digest channel, Credits total) {
        Pot pot = pots.computeIfAbsent(channel, _ -> new Pot(total));
        require(
                total.compareTo(pot.locked) >= 0,
                "%s is locked in channel %s, not %s",
                pot.locked,
                channel,
                total);
        pot.locked = total;
    }

    /** The payer released the channel: slices grow no more, but what they cover is still signed. */
    public void released(Digest channel) {
        Optional.ofNullable(pots.get(channel)).ifPresent(pot -> pot.released = true);
    }

    /** Forgets a channel that was closed. */
    public void closed(Digest channel) {
        pots.remove(channel);
    }

    /**
     * Raises a lane's slice so that it covers a cumulative amount.
     *
     * @return the lane's slice now, or {@code ORB-0407} if the channel has not enough left, {@code
     *     ORB-0412} if it is not known here, {@code ORB-0416} if it was released
     */
    public Result<Credits> cover(Lane lane, Credits amount) {
        Pot pot = pots.get(lane.channel());
        if (pot == null) {
            return unknown(lane.channel());
        }
        Cut cut = pot.cuts.getOrDefault(lane, Cut.NONE);
        if (amount.compareTo(cut.slice) <= 0) {
            return Result.ok(cut.slice);
        }
        if (pot.released) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.CHANNEL_STATE,
                            "channel " + lane.channel() + " was released by its payer",
                            "lock a new one"));
        }
        Credits sliced = pot.sliced.plus(amount.minus(cut.slice));
        if (sliced.compareTo(pot.locked) > 0) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.CHANNEL_EXHAUSTED,
                            "channel "
                                    + lane.channel()
                                    + " has "
                                    + pot.locked
                                    + " locked, "
                                    + pot.sliced
                                    + " in slices, and lane "
                                    + lane
                                    + " needs "
                                    + amount.minus(cut.slice)
                                    + " more",
                            "top the channel up"));
        }
        pot.sliced = sliced;
        pot.cuts.put(lane, new Cut(amount, cut.promised));
        return Result.ok(amount);
    }

    /**
     * Takes back what a lane does not need, never below what was countersigned. Only for a hub that
     * knows that the payer will not ask for more: the delegate itself, or after the lane's end.
     */
    public void shrink(Lane lane, Credits needs) {
        Pot pot = pots.get(lane.channel());
        Cut cut = pot == null ? Cut.NONE : pot.cuts.getOrDefault(lane, Cut.NONE);
        Credits kept = needs.compareTo(cut.promised) > 0 ? needs : cut.promised;
        if (pot != null && kept.compareTo(cut.slice) < 0) {
            pot.sliced = pot.sliced.minus(cut.slice.minus(kept));
            pot.cuts.put(lane, new Cut(kept, cut.promised));
        }
    }

    /**
     * Whether the hub can sign this voucher; it counts as signed from then on.
     *
     * @return the voucher, or {@code ORB-0408} if it is above the lane's slice, {@code ORB-0412} if
     *     the channel is not known here
     */
    public Result<Voucher> promise(Voucher voucher) {
        Lane lane = voucher.lane();
        Pot pot = pots.get(lane.channel());
        if (pot == null) {
            return unknown(lane.channel());
        }
        Cut cut = pot.cuts.getOrDefault(lane, Cut.NONE);
        if (voucher.amount().compareTo(cut.slice) > 0) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.BAD_VOUCHER,
                            "the voucher promises "
                                    + voucher.amount()
                                    + " on lane "
                                    + lane
                                    + ", which has a slice of "
                                    + cut.slice,
                            "sign no more than what the lane's receipts sum to"));
        }
        if (voucher.amount().compareTo(cut.promised) > 0) {
            pot.cuts.put(lane, new Cut(cut.slice, voucher.amount()));
        }
        return Result.ok(voucher);
    }

    /** What of a channel is in no slice yet; empty if the channel is not known here. */
    public Optional<Credits> free(Digest channel) {
        return Optional.ofNullable(pots.get(channel)).map(pot -> pot.locked.minus(pot.sliced));
    }

    private static <T> Result<T> unknown(Digest channel) {
        return Result.refused(
                new Refusal(
                        ErrorCode.UNKNOWN_CHANNEL,
                        "channel " + channel + " is not known at this hub",
                        "lock a channel at this hub, or use its own"));
    }
}
