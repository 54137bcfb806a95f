package orb.overlay;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.time.Instant;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.Signature;

/**
 * A {@link PeerRecord} under its peer's signature: one that exists has been verified. Immutable and
 * thread-safe. The bytes are in {@code docs/protocol/records.md}.
 */
public final class SignedRecord {
    /** A signed record is at most this long, as BEP 44 values. */
    public static final int LENGTH_MAX = 1000;

    /** A record that ends later than this from now is refused: it could not be withdrawn. */
    public static final Duration LIFE_MAX = Duration.ofHours(24);

    private static final DecodeLimits LIMITS = new DecodeLimits(LENGTH_MAX, 4, 64);

    private final PeerRecord record;
    private final Bytes bytes;

    private SignedRecord(PeerRecord record, Bytes bytes) {
        this.record = record;
        this.bytes = bytes;
    }

    static SignedRecord of(PeerRecord record, KeyPair pair) {
        require(pair.publicKey().equals(record.key()), "a peer signs its own record alone");
        Bytes said = record.encoded();
        Signature signature = pair.sign(Domain.NODE_RECORD, said);
        Bytes bytes = Cbor.encode(Value.array(Value.of(said), Value.of(signature.bytes())));
        require(
                bytes.length() <= LENGTH_MAX,
                "a signed record of %d bytes is longer than %d: name fewer addresses",
                bytes.length(),
                LENGTH_MAX);
        return new SignedRecord(record, bytes);
    }

    /**
     * Reads and verifies what a peer sent.
     *
     * @return refused with {@code ORB-0001} for bytes that are no record, {@code ORB-0402} for a
     *     wrong signature, {@code ORB-0415} for one that has ended or ends later than {@link
     *     #LIFE_MAX} from now
     */
    public static Result<SignedRecord> open(Bytes bytes, Instant now) {
        return Result.catching(() -> {
            SignedRecord opened = verified(bytes);
            opened.refuseOutlived(now);
            return opened;
        });
    }

    /**
     * As {@link #open} for what a peer shows of itself.
     *
     * @return refused with {@code ORB-0309} too, where it is the record of another one
     */
    public static Result<SignedRecord> openOwn(NodeId peer, Bytes bytes, Instant now) {
        return open(bytes, now)
                .then(signed ->
                        signed.id().equals(peer)
                                ? Result.ok(signed)
                                : Result.refused(
                                        ErrorCode.WRONG_PEER_KEY,
                                        peer.brief()
                                                + " showed the record of "
                                                + signed.id().brief()));
    }

    /** As {@link #open} for a record that was kept: it may have ended meanwhile. */
    static SignedRecord verified(Bytes bytes) {
        Fields f = Fields.of(Cbor.decodeOrThrow(bytes, LIMITS), "SignedRecord");
        Bytes said = f.bytes(LENGTH_MAX);
        Signature signature = new Signature(f.exactBytes(Signature.LENGTH));
        f.end();
        PeerRecord record = PeerRecord.from(Cbor.decodeOrThrow(said, LIMITS));
        if (!record.key().verifies(signature, Domain.NODE_RECORD, said)) {
            throw new RefusedException(
                    ErrorCode.BAD_SIGNATURE,
                    "the record of " + record.id().brief() + " is not signed by its key");
        }
        return new SignedRecord(record, bytes);
    }

    private void refuseOutlived(Instant now) {
        if (hasExpired(now)) {
            throw new RefusedException(
                    ErrorCode.ENTRY_EXPIRED,
                    "the record of " + id().brief() + " ended at " + record.expires());
        }
        if (record.expires().isAfter(now.plus(LIFE_MAX))) {
            throw new RefusedException(
                    ErrorCode.ENTRY_EXPIRED,
                    String.format(
                            "the record of %s ends at %s, more than %s from now",
                            id().brief(), record.expires(), LIFE_MAX));
        }
    }

    public PeerRecord record() {
        return record;
    }

    public NodeId id() {
        return record.id();
    }

    /** Canonical bytes, as they travel and are kept. */
    public Bytes bytes() {
        return bytes;
    }

    public boolean hasExpired(Instant now) {
        return !now.isBefore(record.expires());
    }

    /** Whether this one counts where both are known. */
    public boolean isNewerThan(SignedRecord other) {
        return record.sequence() > other.record.sequence();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SignedRecord that && bytes.equals(that.bytes);
    }

    @Override
    public int hashCode() {
        return bytes.hashCode();
    }

    @Override
    public String toString() {
        return "SignedRecord[" + record + "]";
    }
}
