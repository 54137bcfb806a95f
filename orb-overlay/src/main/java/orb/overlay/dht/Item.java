package orb.overlay.dht;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.overlay.SignedRecord;

/**
 * One value of the hash table, as the mutable items of BEP 44: small, signed by its publisher, with
 * a sequence number of which the higher one counts, and with an end. One that exists has been
 * verified. Where it may lie follows from what it says, so nobody can publish at another's key.
 * Immutable and thread-safe.
 */
public sealed interface Item {
    /** An item is at most this long, as BEP 44 values. */
    int LENGTH_MAX = SignedRecord.LENGTH_MAX;

    /** An item that ends later than this from now is refused: it could not be withdrawn. */
    Duration LIFE_MAX = SignedRecord.LIFE_MAX;

    /** The end of the year 9999, in epoch milliseconds. */
    long EXPIRES_MAX = 253_402_300_799_999L;

    /** Where it lies. */
    Key key();

    /** Whose signature it carries. */
    NodeId publisher();

    /** Of two items of one publisher at one key, the one with the higher number counts. */
    long sequence();

    /** From then on it counts no longer. */
    Instant expires();

    /** Canonical bytes, as they travel and are kept. */
    Bytes bytes();

    /**
     * What a peer says of itself.
     *
     * @param signed verified
     */
    record OfPeer(SignedRecord signed) implements Item {
        @Override
        public Key key() {
            return Key.of(signed.id());
        }

        @Override
        public NodeId publisher() {
            return signed.id();
        }

        @Override
        public long sequence() {
            return signed.record().sequence();
        }

        @Override
        public Instant expires() {
            return signed.record().expires();
        }

        @Override
        public Bytes bytes() {
            return signed.bytes();
        }
    }

    /**
     * That a node serves a function.
     *
     * @param seed verified
     * @param bytes as they were signed
     */
    record OfSeeder(SeedRecord seed, Bytes bytes) implements Item {
        @Override
        public Key key() {
            return Key.of(seed.name());
        }

        @Override
        public NodeId publisher() {
            return seed.host();
        }

        @Override
        public long sequence() {
            return seed.sequence();
        }

        @Override
        public Instant expires() {
            return seed.expires();
        }
    }

    /**
     * Reads and verifies what a peer sent for a key.
     *
     * @return refused with {@code ORB-0003} for more than {@link #LENGTH_MAX} bytes, {@code
     *     ORB-0001} for bytes that are no item or belong at another key, {@code ORB-0402} for a
     *     wrong signature, {@code ORB-0415} for one that has ended or ends later than {@link
     *     #LIFE_MAX} from now
     */
    static Result<Item> open(Key key, Bytes bytes, Instant now) {
        return open(bytes, now)
                .then(item ->
                        item.key().equals(key)
                                ? Result.ok(item)
                                : Result.refused(
                                        ErrorCode.MALFORMED_BYTES,
                                        "the item belongs at " + item.key()));
    }

    /** As {@link #open(Key, Bytes, Instant)}, wherever it belongs. */
    static Result<Item> open(Bytes bytes, Instant now) {
        return Result.catching(() -> {
            if (bytes.length() > LENGTH_MAX) {
                throw new RefusedException(
                        ErrorCode.BODY_TOO_LARGE,
                        "an item of " + bytes.length() + " bytes; at most " + LENGTH_MAX);
            }
            Item item = read(bytes, now);
            if (!now.isBefore(item.expires()) || item.expires().isAfter(now.plus(LIFE_MAX))) {
                throw new RefusedException(
                        ErrorCode.ENTRY_EXPIRED,
                        "the item ends at " + item.expires() + ", and it is " + now);
            }
            return item;
        });
    }

    private static Item read(Bytes bytes, Instant now) {
        Result<SignedRecord> peer = SignedRecord.open(bytes, now);
        if (peer instanceof Result.Ok<SignedRecord>(var signed)) {
            return new OfPeer(signed);
        }
        Optional<ErrorCode> why =
                peer instanceof Result.Refused<SignedRecord>(var refusal)
                        ? Optional.of(refusal.code())
                        : Optional.empty();
        if (why.filter(code -> code != ErrorCode.MALFORMED_BYTES).isPresent()) {
            return new OfPeer(peer.orThrow()); // it is a peer's record, and a bad one
        }
        return new OfSeeder(SeedRecord.verified(bytes), bytes);
    }
}
