package orb.overlay;

import static orb.kernel.Require.require;

import java.time.Instant;
import java.util.Optional;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * Another member as it is known here; kept across restarts, so that a link can be made again
 * without a bootstrap file. The bytes are in {@code docs/protocol/records.md}.
 *
 * @param id its Orb id
 * @param source how it became known first
 * @param record its newest signed record
 * @param dialled an address that a link to it was made with, or that was named to start from
 * @param observed where its own links were seen to come from
 * @param lastSeen when it last proved to be there; {@link Instant#EPOCH} if never
 * @param failures dials and questions that failed since
 */
public record Peer(
        NodeId id,
        Source source,
        Optional<SignedRecord> record,
        Optional<Address> dialled,
        Optional<Address> observed,
        Instant lastSeen,
        int failures) {
    static final int FAILURES_MAX = 1_000;
    static final DecodeLimits LIMITS = new DecodeLimits(4 << 10, 4, 64);
    private static final int FORMAT = 1;
    private static final long SEEN_MAX = 253_402_300_799_999L; // the end of the year 9999
    private static final Source[] SOURCES = Source.values();

    /** How a peer became known. */
    public enum Source {
        /** Named in a file or on the command line. */
        BOOTSTRAP("bootstrap"),
        /** A tracker told of it, or it is one that answered. */
        TRACKER("tracker"),
        /** It linked to this peer itself, or another node told of it. */
        PEER("peer"),
        /** The hash table's network met it. */
        DHT("dht");

        private final String label;

        Source(String label) {
            this.label = label;
        }

        /** What people read. */
        public String label() {
            return label;
        }
    }

    public Peer {
        require(
                failures >= 0 && failures <= FAILURES_MAX,
                "failures are 0..%d, not %d",
                FAILURES_MAX,
                failures);
        require(
                record.isEmpty() || record.get().id().equals(id),
                "the record of %s is not about %s",
                record,
                id);
        long seen = lastSeen.toEpochMilli();
        require(seen >= 0 && seen <= SEEN_MAX, "seen at 0..%d, not %s", SEEN_MAX, lastSeen);
        lastSeen = Instant.ofEpochMilli(seen);
    }

    static Peer unseen(NodeId id, Source source) {
        return new Peer(
                id, source, Optional.empty(), Optional.empty(), Optional.empty(), Instant.EPOCH, 0);
    }

    /** Where to dial it: the address that worked, else the first of its record. */
    public Optional<Contact> contact() {
        return dialled.map(address -> new Contact(id, address))
                .or(() -> record.flatMap(signed -> signed.record().contact()));
    }

    /** Whether its record says that it is a tracker; false while none is known. */
    public boolean isTracker() {
        return record.isPresent() && record.get().record().role() == PeerRecord.Role.TRACKER;
    }

    Peer withRecord(SignedRecord newer) {
        return new Peer(id, source, Optional.of(newer), dialled, observed, lastSeen, failures);
    }

    Peer withDialled(Address address) {
        return new Peer(id, source, record, Optional.of(address), observed, lastSeen, failures);
    }

    Peer withObserved(Address address) {
        return new Peer(id, source, record, dialled, Optional.of(address), lastSeen, failures);
    }

    Peer seenAt(Instant now) {
        return new Peer(id, source, record, dialled, observed, now, 0);
    }

    Peer failedOnce() {
        int more = Math.min(failures + 1, FAILURES_MAX);
        return new Peer(id, source, record, dialled, observed, lastSeen, more);
    }

    /** Canonical bytes, for {@code Table.PEERS}. */
    public Bytes encoded() {
        return Cbor.encode(
                Value.array(
                        Value.of(FORMAT),
                        Value.of(id.digest().bytes()),
                        Value.of(source.ordinal()),
                        record.map(signed -> Value.of(signed.bytes())).orElse(Value.NULL),
                        dialled.map(PeerRecord::value).orElse(Value.NULL),
                        observed.map(PeerRecord::value).orElse(Value.NULL),
                        Value.of(lastSeen.toEpochMilli()),
                        Value.of(failures)));
    }

    /** Reads what was kept; {@code ORB-0001} or {@code ORB-0402} for what cannot be believed. */
    public static Result<Peer> decode(Bytes bytes) {
        return Result.catching(() -> from(Fields.of(Cbor.decodeOrThrow(bytes, LIMITS), "Peer")));
    }

    private static Peer from(Fields f) {
        f.smallNumber(FORMAT, FORMAT);
        NodeId id = new NodeId(f.digest());
        Source source = SOURCES[f.smallNumber(0, SOURCES.length - 1)];
        Optional<SignedRecord> record =
                f.optional(g -> SignedRecord.verified(g.bytes(SignedRecord.LENGTH_MAX)));
        if (record.isPresent() && !record.get().id().equals(id)) {
            throw new RefusedException(
                    ErrorCode.MALFORMED_BYTES,
                    "the record kept for " + id.brief() + " is another's");
        }
        Optional<Address> dialled = f.optional(Peer::address);
        Optional<Address> observed = f.optional(Peer::address);
        Instant lastSeen = Instant.ofEpochMilli(f.number(0, SEEN_MAX));
        int failures = f.smallNumber(0, FAILURES_MAX);
        f.end();
        return new Peer(id, source, record, dialled, observed, lastSeen, failures);
    }

    private static Address address(Fields f) {
        return Fields.checked("Address", () -> PeerRecord.address(f.value()));
    }
}
