package orb.ledger;

import static orb.kernel.Require.require;

import java.util.ArrayList;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;

/**
 * A cumulative promise: all calls on this lane up to now cost this much together.
 *
 * <p>A later voucher of a lane replaces the earlier ones; settling pays the difference. It takes
 * two signatures to count: that of the channel's payer or delegate, who owes, and that of the
 * channel's hub, who answers for not promising the same credits twice. Where the hub is the
 * delegate, its one signature is both. Immutable.
 *
 * @param network the swarm's id
 * @param lane channel, host and function
 * @param plan digest of the reward plan
 * @param calls receipts on the lane that it covers
 * @param amount cumulative amount of those
 */
public record Voucher(Digest network, Lane lane, Digest plan, long calls, Credits amount) {
    public Voucher {
        require(calls >= 1, "a voucher covers at least one call, not %d", calls);
        require(!amount.isNegative(), "a voucher's amount is not negative: %s", amount);
    }

    /** One key's signature on a voucher. */
    public record Mark(PublicKey key, Signature signature) {}

    /** One that covers all receipts of a lane up to this one. */
    public static Voucher upTo(Receipt last, Digest network) {
        return new Voucher(network, last.lane(), last.plan(), last.sequence(), last.amount());
    }

    /** Whether this is the last of the receipts that it covers, as far as it says itself. */
    public boolean endsWith(Receipt receipt) {
        return receipt.lane().equals(lane)
                && receipt.plan().equals(plan)
                && receipt.sequence() == calls
                && receipt.amount().equals(amount);
    }

    /** What is signed: the canonical bytes. */
    public Bytes encoded() {
        return Cbor.encode(toValue());
    }

    /** This with a first signature. */
    public Signed sign(KeyPair key) {
        return new Signed(this, List.of(mark(key)));
    }

    private Mark mark(KeyPair key) {
        return new Mark(key.publicKey(), key.sign(Domain.VOUCHER, encoded()));
    }

    Value toValue() {
        return Value.array(
                Value.of(network.bytes()),
                Value.of(lane.channel().bytes()),
                Value.of(lane.host().digest().bytes()),
                Value.of(lane.function().digest().bytes()),
                Value.of(plan.bytes()),
                Value.of(calls),
                Value.of(amount.micro()));
    }

    static Voucher from(Value value) {
        Fields f = Fields.of(value, "Voucher");
        Voucher voucher =
                Fields.checked(
                        "Voucher",
                        () ->
                                new Voucher(
                                        f.digest(),
                                        new Lane(
                                                f.digest(),
                                                new NodeId(f.digest()),
                                                new FunctionId(f.digest())),
                                        f.digest(),
                                        f.number(1, Long.MAX_VALUE),
                                        f.credits()));
        f.end();
        return voucher;
    }

    /**
     * A voucher with its signatures; who they must be of, the channel says.
     *
     * @param voucher what is promised
     * @param marks one or two signatures of different keys
     */
    public record Signed(Voucher voucher, List<Mark> marks) {
        public static final int MARKS_MAX = 2;

        public Signed {
            marks = List.copyOf(marks);
            require(
                    !marks.isEmpty() && marks.size() <= MARKS_MAX,
                    "a voucher has 1..%d signatures, not %d",
                    MARKS_MAX,
                    marks.size());
            require(
                    marks.size() == 1 || !marks.get(0).key.equals(marks.get(1).key),
                    "both signatures of a voucher are of one key");
        }

        /** This with the hub's signature added; this itself if that key has signed already. */
        public Signed countersign(KeyPair key) {
            if (isMarkedBy(key.publicKey())) {
                return this;
            }
            List<Mark> more = new ArrayList<>(marks);
            more.add(voucher.mark(key));
            return new Signed(voucher, more);
        }

        public boolean isMarkedBy(PublicKey key) {
            return marks.stream().anyMatch(mark -> mark.key.equals(key));
        }

        public boolean isMarkedBy(NodeId node) {
            return marks.stream().anyMatch(mark -> NodeId.of(mark.key).equals(node));
        }

        /** This, if every signature is good; {@code ORB-0402} if not. */
        public Result<Signed> verify() {
            Bytes message = voucher.encoded();
            for (Mark mark : marks) {
                if (!mark.key.verifies(mark.signature, Domain.VOUCHER, message)) {
                    return Result.refused(
                            new Refusal(
                                    ErrorCode.BAD_SIGNATURE,
                                    "the voucher for lane "
                                            + voucher.lane
                                            + " is not signed by the key "
                                            + mark.key));
                }
            }
            return Result.ok(this);
        }

        /** Canonical bytes. */
        public Bytes encoded() {
            return Cbor.encode(toValue());
        }

        /** Reads canonical bytes, strictly; {@code ORB-0001} for anything else. */
        public static Result<Signed> decode(Bytes bytes) {
            return Result.catching(() -> from(Cbor.decodeOrThrow(bytes, DecodeLimits.ENTRY)));
        }

        Value toValue() {
            List<Value> signed = new ArrayList<>(marks.size());
            for (Mark mark : marks) {
                signed.add(
                        Value.array(Value.of(mark.key.bytes()), Value.of(mark.signature.bytes())));
            }
            return Value.array(voucher.toValue(), Value.array(signed));
        }

        /** Throws {@link RefusedException} if the value is not one. */
        static Signed from(Value value) {
            Fields f = Fields.of(value, "Voucher.Signed");
            Voucher voucher = Voucher.from(f.value());
            List<Mark> marks = f.list(MARKS_MAX, Signed::mark);
            f.end();
            return Fields.checked("Voucher.Signed", () -> new Signed(voucher, marks));
        }

        private static Mark mark(Value value) {
            Fields f = Fields.of(value, "Mark");
            Mark mark =
                    new Mark(
                            new PublicKey(f.exactBytes(PublicKey.LENGTH)),
                            new Signature(f.exactBytes(Signature.LENGTH)));
            f.end();
            return mark;
        }
    }
}
