package orb.kernel;

import static orb.kernel.Require.require;

import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * A host's statement that one invocation gave one outcome, and what is owed for it.
 *
 * <p>The receipts of a lane are a chain: each names the digest of the one before and carries the
 * cumulative amount, so the newest one fixes all. Hosts sign receipts in batches; the bytes are in
 * {@code docs/protocol/receipts.md}.
 *
 * @param lane channel, host and function
 * @param artefact digest of the executable that ran
 * @param version the function's version, from 1
 * @param sequence place on the lane, from 1
 * @param previous digest of the receipt before, {@link Digest#ZERO} for the first
 * @param input digest of the request's canonical bytes
 * @param output digest of the outcome's canonical bytes
 * @param ending how it ended
 * @param fuel work that was done
 * @param gasSchedule version of the schedule that counted the fuel
 * @param price what this call costs; zero unless it completed
 * @param plan digest of the reward plan, which fixes the shares
 * @param amount price of all calls on the lane up to and with this one
 * @param call the call's id, the same on every hop
 * @param atMillis when it ended by the host's clock, in epoch milliseconds
 */
public record Receipt(
        Lane lane,
        Digest artefact,
        int version,
        long sequence,
        Digest previous,
        Digest input,
        Digest output,
        Ending ending,
        Fuel fuel,
        int gasSchedule,
        Credits price,
        Digest plan,
        Credits amount,
        Digest call,
        long atMillis) {
    /** Latest time that a receipt can carry: the end of the year 9999. */
    public static final long AT_MAX = 253_402_300_799_999L;

    private static final Ending[] ENDINGS = Ending.values();

    /** How an invocation ended; one that was refused never started and has no receipt. */
    public enum Ending {
        COMPLETED,
        OUT_OF_FUEL,
        TRAPPED;

        /**
         * The ending of an outcome that was started.
         *
         * @throws IllegalArgumentException for a refused one
         */
        public static Ending of(Outcome outcome) {
            return switch (outcome) {
                case Outcome.Completed _ -> COMPLETED;
                case Outcome.OutOfFuel _ -> OUT_OF_FUEL;
                case Outcome.Trapped _ -> TRAPPED;
                case Outcome.Refused _ ->
                        throw new IllegalArgumentException("a refused call has no receipt");
            };
        }
    }

    public Receipt {
        require(version >= 1, "versions count from 1, not %d", version);
        require(sequence >= 1, "receipts count from 1, not %d", sequence);
        require(gasSchedule >= 0, "a gas schedule is not negative: %d", gasSchedule);
        require(!price.isNegative(), "a price is not negative: %s", price);
        require(
                ending == Ending.COMPLETED || price.isZero(),
                "a call that ended %s is not charged, here %s",
                ending,
                price);
        require(amount.compareTo(price) >= 0, "the amount %s is below the price %s", amount, price);
        require(
                (sequence == 1) == previous.equals(Digest.ZERO),
                "only the first receipt has no previous one: sequence %d",
                sequence);
        require(sequence != 1 || amount.equals(price), "the first amount is the first price");
        require(atMillis >= 0 && atMillis <= AT_MAX, "a time is 0..%d: %d", AT_MAX, atMillis);
    }

    /** Canonical bytes. */
    public Bytes encoded() {
        return Cbor.encode(toValue());
    }

    /** SHA-256 of the canonical bytes, which the next receipt names. */
    public Digest digest() {
        return Digest.of(encoded());
    }

    /** Reads canonical bytes, strictly; {@code ORB-0001} for anything else. */
    public static Result<Receipt> decode(Bytes bytes) {
        return Result.catching(() -> from(Cbor.decodeOrThrow(bytes, DecodeLimits.ENTRY)));
    }

    public Value toValue() {
        return Value.array(
                Value.of(lane.channel().bytes()),
                Value.of(lane.host().digest().bytes()),
                Value.of(lane.function().digest().bytes()),
                Value.of(artefact.bytes()),
                Value.of(version),
                Value.of(sequence),
                Value.of(previous.bytes()),
                Value.of(input.bytes()),
                Value.of(output.bytes()),
                Value.of(ending.ordinal()),
                Value.of(fuel.units()),
                Value.of(gasSchedule),
                Value.of(price.micro()),
                Value.of(plan.bytes()),
                Value.of(amount.micro()),
                Value.of(call.bytes()),
                Value.of(atMillis));
    }

    /**
     * Reads a receipt inside a larger decoder.
     *
     * @throws RefusedException with {@code ORB-0001} if it is not one
     */
    public static Receipt from(Value value) {
        Fields f = Fields.of(value, "Receipt");
        Receipt receipt =
                Fields.checked(
                        "Receipt",
                        () ->
                                new Receipt(
                                        lane(f),
                                        f.digest(),
                                        f.smallNumber(1, Integer.MAX_VALUE),
                                        f.number(1, Long.MAX_VALUE),
                                        f.digest(),
                                        f.digest(),
                                        f.digest(),
                                        ENDINGS[f.smallNumber(0, ENDINGS.length - 1)],
                                        f.fuel(),
                                        f.smallNumber(0, Integer.MAX_VALUE),
                                        f.credits(),
                                        f.digest(),
                                        f.credits(),
                                        f.digest(),
                                        f.number(0, AT_MAX)));
        f.end();
        return receipt;
    }

    private static Lane lane(Fields f) {
        return new Lane(f.digest(), new NodeId(f.digest()), new FunctionId(f.digest()));
    }
}
