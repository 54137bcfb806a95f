package orb.ledger.proof;

import java.time.Instant;
import orb.kernel.Bytes;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.ledger.Ledger;
import orb.ledger.SignedEntry;

/**
 * What the log's tree hashes for one entry. Immutable.
 *
 * @param orderedAt when it was ordered, whole milliseconds
 * @param entry the entry as it was proposed, which need not be one
 */
public record LogLeaf(Instant orderedAt, Bytes entry) {
    /** The end of the year 9999. */
    private static final long AT_MAX = 253_402_300_799_999L;

    private static final int ENTRY_MAX = DecodeLimits.ENTRY.bytesMax();

    /** A leaf has some bytes more than the longest entry. */
    private static final DecodeLimits LIMITS = new DecodeLimits(ENTRY_MAX + 16, 2, 4);

    /** Canonical bytes. */
    public Bytes encoded() {
        return Ledger.logLeaf(orderedAt, entry);
    }

    /** What the entry says of itself; signatures are checked. */
    public SignedEntry.Checked check() {
        return SignedEntry.check(entry);
    }

    /** Reads canonical bytes, strictly; {@code ORB-0001} for anything else. */
    public static Result<LogLeaf> decode(Bytes bytes) {
        return Result.catching(() -> {
            Fields f = Fields.of(Cbor.decodeOrThrow(bytes, LIMITS), "LogLeaf");
            Instant at = Instant.ofEpochMilli(f.number(0, AT_MAX));
            LogLeaf leaf = new LogLeaf(at, f.bytes(ENTRY_MAX));
            f.end();
            return leaf;
        });
    }
}
