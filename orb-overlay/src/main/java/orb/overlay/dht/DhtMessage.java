package orb.overlay.dht;

import static orb.kernel.Require.require;

import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.overlay.PeerRecord;

/**
 * What peers say to each other about the hash table, one datagram each. The bytes are in {@code
 * docs/protocol/dht.md}.
 */
public sealed interface DhtMessage {
    /** What one datagram of discv5 (1,280 bytes) holds beside its own heads. */
    int LENGTH_MAX = 1_120;

    /** No answer holds more items. */
    int ITEMS_MAX = 8;

    /** No answer holds more routes. */
    int ROUTES_MAX = 8;

    /** What an answer has before where it starts at most. */
    int SKIP_MAX = 64;

    /**
     * Asks for what lies at a key, and for peers that are nearer to it.
     *
     * @param key the point
     * @param items whether items are wanted too
     * @param skip how much of the answer the asker has already, 0..{@link #SKIP_MAX}
     */
    record Find(Key key, boolean items, int skip) implements DhtMessage {
        public Find {
            require(skip >= 0 && skip <= SKIP_MAX, "skip is 0..%d, not %d", SKIP_MAX, skip);
        }
    }

    /**
     * The answer to {@link Find}: first items, then routes, as much as one datagram holds.
     *
     * @param items bytes of items, not verified
     * @param routes of peers, nearest to the key first, not verified
     * @param more whether more would come after these
     */
    record Found(List<Bytes> items, List<Bytes> routes, boolean more) implements DhtMessage {
        public Found {
            require(items.size() <= ITEMS_MAX, "at most %d items", ITEMS_MAX);
            require(routes.size() <= ROUTES_MAX, "at most %d routes", ROUTES_MAX);
            items = List.copyOf(items);
            routes = List.copyOf(routes);
        }

        int count() {
            return items.size() + routes.size();
        }
    }

    /** Asks to keep an item at a key. */
    record Put(Key key, Bytes item) implements DhtMessage {}

    /**
     * The answer to {@link Put}.
     *
     * @param refused why it is not kept; empty if it is
     */
    record Stored(Optional<ErrorCode> refused) implements DhtMessage {}

    /** Canonical bytes. */
    default Bytes encoded() {
        return Cbor.encode(
                switch (this) {
                    case Find(var key, var items, var skip) ->
                            Value.array(
                                    Value.of(1),
                                    Value.of(key.point().bytes()),
                                    Value.of(items),
                                    Value.of(skip));
                    case Found(var items, var routes, var more) ->
                            Value.array(
                                    Value.of(2),
                                    Value.array(items.stream().map(Value::of).toList()),
                                    Value.array(routes.stream().map(Value::of).toList()),
                                    Value.of(more));
                    case Put(var key, var item) ->
                            Value.array(Value.of(3), Value.of(key.point().bytes()), Value.of(item));
                    case Stored(var refused) ->
                            Value.array(
                                    Value.of(4),
                                    Value.of(refused.map(ErrorCode::number).orElse(0)));
                });
    }

    /** Reads a datagram; {@code ORB-0001} for anything that {@link #encoded} does not write. */
    static Result<DhtMessage> decode(Bytes bytes) {
        return Result.catching(() -> {
            DecodeLimits limits = new DecodeLimits(LENGTH_MAX, 3, 64);
            Fields f = Fields.of(Cbor.decodeOrThrow(bytes, limits), "DhtMessage");
            DhtMessage message =
                    switch (f.smallNumber(1, 4)) {
                        case 1 ->
                                new Find(
                                        new Key(f.digest()), f.truth(), f.smallNumber(0, SKIP_MAX));
                        case 2 ->
                                new Found(
                                        f.list(ITEMS_MAX, v -> blob(v, Item.LENGTH_MAX)),
                                        f.list(ROUTES_MAX, v -> blob(v, PeerRecord.ROUTE_MAX)),
                                        f.truth());
                        case 3 ->
                                new Put(
                                        new Key(new Digest(f.exactBytes(Digest.LENGTH))),
                                        f.bytes(Item.LENGTH_MAX));
                        default -> new Stored(code(f.smallNumber(0, 9_999)));
                    };
            f.end();
            return message;
        });
    }

    private static Bytes blob(Value value, int lengthMax) {
        return Fields.of(Value.array(value), "item").bytes(lengthMax);
    }

    private static Optional<ErrorCode> code(int number) {
        if (number == 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(ErrorCode.ofNumber(number));
        } catch (IllegalArgumentException e) {
            throw new RefusedException(
                    ErrorCode.MALFORMED_BYTES, "no refusal has the number " + number);
        }
    }
}
