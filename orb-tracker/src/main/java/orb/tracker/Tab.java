package orb.tracker;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.FunctionId;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.ledger.PayerLane;
import orb.ledger.Voucher;

/**
 * What one lane owes, as its hub sees it: calls that are out, and the receipts that came.
 *
 * <p>A host that gave a false receipt has broken its chain: what follows cannot be paid without
 * paying for that one too, so the lane is not used again. Not thread-safe.
 */
final class Tab {
    private final PayerLane lane;
    private final boolean isSignedHere;
    private final Set<Digest> out = new LinkedHashSet<>();
    private boolean isBroken;

    /**
     * The row of a lane in {@link orb.kernel.port.Table#LANES}.
     *
     * @param last the last receipt, which a voucher covers unless the lane is broken, if any
     * @param isBroken whether the host gave a false receipt, so that the lane is not used again
     */
    record Kept(Optional<Receipt> last, boolean isBroken) {
        static final Kept NOTHING = new Kept(Optional.empty(), false);

        Bytes encoded() {
            return Cbor.encode(
                    Value.array(
                            last.map(receipt -> Value.of(receipt.encoded())).orElse(Value.NULL),
                            Value.of(isBroken)));
        }

        static Kept decode(Bytes row) {
            Fields f = Fields.of(Cbor.decodeOrThrow(row, DecodeLimits.ENTRY), "lane");
            Optional<Receipt> last =
                    f.optional(value -> value.bytes(DecodeLimits.ENTRY.bytesMax()))
                            .map(bytes -> Receipt.decode(bytes).orThrow());
            Kept kept = new Kept(last, f.truth());
            f.end();
            return kept;
        }
    }

    /**
     * A lane that is not used yet, or was before a restart.
     *
     * @param lane its state
     * @param isSignedHere whether this tracker signs its vouchers
     * @param isBroken whether its host gave a false receipt
     */
    Tab(PayerLane lane, boolean isSignedHere, boolean isBroken) {
        this.lane = lane;
        this.isSignedHere = isSignedHere;
        this.isBroken = isBroken;
    }

    PayerLane lane() {
        return lane;
    }

    boolean isSignedHere() {
        return isSignedHere;
    }

    boolean isBroken() {
        return isBroken;
    }

    /** Whether no call is out and none can be sent: a receipt is missing, or was false. */
    boolean isStuck() {
        return isBroken || (out.isEmpty() && lane.open() > 0);
    }

    /** Whether a call is out. */
    boolean isOut() {
        return !out.isEmpty();
    }

    /** Notes a call before it is sent; the amount that must be covered for it. */
    Result<Credits> send(Digest call, Fuel limit) {
        if (isBroken) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.UNPAID,
                            "the host of lane " + lane.terms().lane() + " gave a false receipt",
                            "use another host"));
        }
        Result<Credits> needs = lane.send(call, limit);
        if (needs.isOk()) {
            out.add(call);
        }
        return needs;
    }

    /** What the host may have earned that this hub has forgotten, at most. */
    Credits forgotten(Fuel limit) {
        return lane.mayHaveForgotten()
                ? lane.terms().plan().priceMax(limit).times(lane.terms().unpaidMax())
                : Credits.ZERO;
    }

    /** The host did not start the call. */
    void notStarted(Digest call) {
        out.remove(call);
        lane.refused(call);
    }

    /** The host gave a false receipt for the call. */
    void broken(Digest call) {
        notStarted(call);
        isBroken = true;
    }

    /** The call is out no longer; its receipt has come, or may come yet. */
    void noLongerOut(Digest call) {
        out.remove(call);
    }

    /** What is kept of it. */
    Kept kept() {
        return new Kept(lane.last(), isBroken);
    }

    /** Whether receipts came that no voucher covers. */
    boolean isUnpromised() {
        return lane.sequence() > lane.promised().map(Voucher::calls).orElse(0L);
    }

    /** The key of a lane's row. */
    static Bytes row(Lane lane) {
        return Cbor.encode(
                Value.array(
                        Value.of(lane.channel().bytes()),
                        Value.of(lane.host().digest().bytes()),
                        Value.of(lane.function().digest().bytes())));
    }

    static Lane lane(Bytes row) {
        Fields f = Fields.of(Cbor.decodeOrThrow(row, DecodeLimits.ENTRY), "lane");
        Lane lane = new Lane(f.digest(), new NodeId(f.digest()), new FunctionId(f.digest()));
        f.end();
        return lane;
    }
}
