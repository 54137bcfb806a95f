package orb.overlay;

import java.nio.ByteBuffer;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Digest;

/**
 * The records that a tracker names to whoever asks, and a number by which a change is noticed.
 *
 * @param records signed records, in an order that does not change while the peers do not
 * @param revision follows from the records alone, 1..2^63-1; equal where nothing has changed
 */
public record Roll(List<Bytes> records, long revision) {
    public Roll {
        records = List.copyOf(records);
    }

    /** A roll of these records. */
    public static Roll of(List<SignedRecord> peers) {
        List<Bytes> records = peers.stream().map(SignedRecord::bytes).toList();
        ByteBuffer digests = ByteBuffer.allocate(records.size() * Digest.LENGTH);
        records.forEach(record -> digests.put(Digest.of(record).bytes().array()));
        long number = ByteBuffer.wrap(Digest.sha256(digests.array()).bytes().array()).getLong();
        return new Roll(records, Math.max(1, number & Long.MAX_VALUE));
    }
}
