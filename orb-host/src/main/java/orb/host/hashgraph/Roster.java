package orb.host.hashgraph;

import static orb.kernel.Require.require;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import orb.host.store.LogTail;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * Who votes on the order of entries, and from which entry on; the file that all trackers start
 * from.
 *
 * <p>Seats are in the order of their Orb ids, so that the same trackers give the same bytes whoever
 * puts them together. Immutable. Layout: docs/protocol/ordering.md.
 *
 * @param genesis canonical bytes of the swarm's genesis, whose digest is the network; not looked
 *     into here, 1..16,384 bytes
 * @param since the log as it was when this roster began; {@link LogTail#START} for a new swarm
 * @param seats 1..{@value #SEATS_MAX}, by ascending id, no id and no address twice
 */
public record Roster(Bytes genesis, LogTail since, List<Seat> seats) {
    public static final int SEATS_MAX = 64;

    /** Longest entry that the trackers order, in bytes: what the ledger's decoder takes. */
    public static final int ENTRY_MAX = DecodeLimits.ENTRY.bytesMax();

    private static final int GENESIS_MAX = DecodeLimits.ENTRY.bytesMax();
    private static final String NAME = "orb-roster";
    private static final int VERSION = 1;
    private static final DecodeLimits FILE = new DecodeLimits(256 << 10, 5, 2_000);

    /**
     * A tracker's place.
     *
     * @param keys what the tracker signed about itself
     * @param weight of its vote, 1..1,000
     */
    public record Seat(TrackerKeys keys, int weight) {
        public static final int WEIGHT_MAX = 1_000;

        public Seat {
            require(
                    weight >= 1 && weight <= WEIGHT_MAX,
                    "a weight is 1..%d, not %d",
                    WEIGHT_MAX,
                    weight);
        }

        public NodeId id() {
            return keys.id();
        }
    }

    public Roster {
        seats = List.copyOf(seats);
        require(
                !genesis.isEmpty() && genesis.length() <= GENESIS_MAX,
                "a genesis has 1..%d bytes, not %d",
                GENESIS_MAX,
                genesis.length());
        require(
                !seats.isEmpty() && seats.size() <= SEATS_MAX,
                "a roster has 1..%d trackers, not %d",
                SEATS_MAX,
                seats.size());
        for (int i = 1; i < seats.size(); i++) {
            require(
                    seats.get(i - 1).id().compareTo(seats.get(i).id()) < 0,
                    "trackers stand by ascending id, each once: %s, %s",
                    seats.get(i - 1).id(),
                    seats.get(i).id());
        }
        require(
                seats.stream()
                                .flatMap(s -> List.of(s.keys().gossip(), s.keys().log()).stream())
                                .distinct()
                                .count()
                        == 2L * seats.size(),
                "two trackers name one address");
    }

    /**
     * Puts a roster together from what trackers signed, each with one vote.
     *
     * @return BAD_ARGUMENT if an id or an address comes twice, or the number is out of bounds
     */
    public static Result<Roster> of(Bytes genesis, LogTail since, List<TrackerKeys> trackers) {
        List<Seat> seats = new ArrayList<>(trackers.size());
        trackers.stream()
                .sorted(Comparator.comparing(TrackerKeys::id))
                .forEach(keys -> seats.add(new Seat(keys, 1)));
        try {
            return Result.ok(new Roster(genesis, since, seats));
        } catch (IllegalArgumentException e) {
            return Result.refused(ErrorCode.BAD_ARGUMENT, String.valueOf(e.getMessage()));
        }
    }

    /** Id of the swarm whose entries are ordered. */
    public Digest network() {
        return Digest.of(genesis);
    }

    /** Names the roster; trackers that start from different ones do not understand each other. */
    public Digest digest() {
        return Digest.of(body());
    }

    /** Index of a tracker's seat, from 0. */
    public Optional<Integer> seatOf(NodeId id) {
        for (int i = 0; i < seats.size(); i++) {
            if (seats.get(i).id().equals(id)) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }

    /** Canonical bytes of the file: what {@link #digest} covers, and that digest. */
    public Bytes encoded() {
        return Cbor.encode(Value.array(Value.of(body()), Value.of(digest().bytes())));
    }

    private Bytes body() {
        List<Value> places = new ArrayList<>(seats.size());
        seats.forEach(seat ->
                places.add(
                        Value.array(
                                Value.of(seat.keys().encoded()), Value.of((long) seat.weight()))));
        return Cbor.encode(
                Value.array(
                        Value.of(NAME),
                        Value.of(VERSION),
                        Value.of(genesis),
                        Value.of(since.encoded()),
                        Value.array(places)));
    }

    /**
     * Reads canonical bytes, strictly.
     *
     * @return MALFORMED_BYTES; HASH_MISMATCH if the digest named in the file is not that of its
     *     content; BAD_SIGNATURE if a tracker did not sign its part
     */
    public static Result<Roster> decode(Bytes bytes) {
        return Result.catching(() -> from(bytes));
    }

    private static Roster from(Bytes bytes) {
        Fields file = Fields.of(Cbor.decodeOrThrow(bytes, FILE), "the roster file");
        Bytes body = file.bytes(FILE.bytesMax());
        Digest named = file.digest();
        file.end();
        if (!Digest.of(body).equals(named)) {
            throw new RefusedException(
                    ErrorCode.HASH_MISMATCH, "the roster is not the one of digest " + named);
        }
        Fields f = Fields.of(Cbor.decodeOrThrow(body, FILE), "Roster");
        if (!f.text(16).equals(NAME) || f.number(0, Long.MAX_VALUE) != VERSION) {
            throw new RefusedException(
                    ErrorCode.MALFORMED_BYTES, "it is not a roster file of format 1");
        }
        Roster roster =
                Fields.checked(
                        "Roster",
                        () ->
                                new Roster(
                                        f.bytes(GENESIS_MAX),
                                        LogTail.decode(f.exactBytes(LogTail.LENGTH)),
                                        f.list(SEATS_MAX, Roster::seat)));
        f.end();
        return roster;
    }

    private static Seat seat(Value value) {
        Fields f = Fields.of(value, "Seat");
        Seat seat =
                new Seat(
                        TrackerKeys.decode(f.bytes(TrackerKeys.FILE_MAX)).orThrow(),
                        f.smallNumber(1, Seat.WEIGHT_MAX));
        f.end();
        return seat;
    }
}
