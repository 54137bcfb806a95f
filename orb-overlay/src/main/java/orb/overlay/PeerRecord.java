package orb.overlay;

import static orb.kernel.Require.require;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Credits;
import orb.kernel.NodeId;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.NodeView;

/**
 * What a peer says of itself; {@link SignedRecord} carries it with the peer's signature.
 *
 * <p>As the mutable items of BEP 44 it is small, has a sequence number of which the higher one
 * counts, and ends by itself. The bytes are in {@code docs/protocol/records.md}.
 *
 * @param key the peer's machine key, whose digest is its Orb id
 * @param role what it does
 * @param dev whether it runs for development only, without a public domain
 * @param domain its public domain name, empty if it has none
 * @param addresses where it accepts links, best first, at most {@link #ADDRESSES_MAX}; none if it
 *     only dials
 * @param capabilities what its machine was measured to have
 * @param assurance how far it has proved what it is
 * @param priceFloor least price of one call that it works for
 * @param load how much of it is taken, in thousandths, 0..1000
 * @param route where its part of the hash table can be asked, at most {@link #ROUTE_MAX} bytes that
 *     only a world reads; empty if it has none
 * @param sequence not negative; the higher of two records of one peer counts
 * @param expires from then on the record counts no longer; whole milliseconds
 */
public record PeerRecord(
        PublicKey key,
        Role role,
        boolean dev,
        String domain,
        List<Address> addresses,
        Capabilities capabilities,
        Assurance assurance,
        Credits priceFloor,
        int load,
        Bytes route,
        long sequence,
        Instant expires) {
    /** As long as a node record of discv5 may be. */
    public static final int ROUTE_MAX = 300;

    /** A peer that is as busy as it can be. */
    public static final int LOAD_MAX = 1000;

    public static final int ADDRESSES_MAX = 4;
    static final int DOMAIN_MAX = 253;
    private static final int FORMAT = 3;
    private static final long EXPIRES_MAX = 253_402_300_799_999L; // the end of the year 9999
    private static final Role[] ROLES = Role.values();
    private static final Assurance[] LEVELS = Assurance.values();

    /** What a peer does. */
    public enum Role {
        /** Runs functions. */
        NODE,
        /** Keeps the registry and the ledger, and runs functions where no node does. */
        TRACKER;

        /** What people read. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public PeerRecord {
        require(domain.length() <= DOMAIN_MAX, "a domain has at most %d characters", DOMAIN_MAX);
        require(addresses.size() <= ADDRESSES_MAX, "at most %d addresses", ADDRESSES_MAX);
        require(!priceFloor.isNegative(), "a price is not negative: %s", priceFloor);
        require(load >= 0 && load <= LOAD_MAX, "a load is 0..%d, not %d", LOAD_MAX, load);
        require(route.length() <= ROUTE_MAX, "a route has at most %d bytes", ROUTE_MAX);
        require(sequence >= 0, "a sequence number is not negative: %d", sequence);
        long millis = expires.toEpochMilli();
        require(millis >= 0 && millis <= EXPIRES_MAX, "an end is 0..%d: %s", EXPIRES_MAX, expires);
        addresses = List.copyOf(addresses);
        expires = Instant.ofEpochMilli(millis);
    }

    /** The record of a peer that is idle and has no part in the hash table. */
    public PeerRecord(
            PublicKey key,
            Role role,
            boolean dev,
            String domain,
            List<Address> addresses,
            Capabilities capabilities,
            Assurance assurance,
            Credits priceFloor,
            long sequence,
            Instant expires) {
        this(
                key,
                role,
                dev,
                domain,
                addresses,
                capabilities,
                assurance,
                priceFloor,
                0,
                Bytes.EMPTY,
                sequence,
                expires);
    }

    public NodeId id() {
        return NodeId.of(key);
    }

    /** Where to dial it first; empty if it only dials. */
    public Optional<Contact> contact() {
        return addresses.isEmpty()
                ? Optional.empty()
                : Optional.of(new Contact(id(), addresses.getFirst()));
    }

    /** Where to dial it first, for people; empty if it only dials. */
    public String address() {
        return addresses.isEmpty() ? "" : addresses.getFirst().toString();
    }

    /** What it has, as trackers show it. */
    public NodeView.Machine machine() {
        return new NodeView.Machine(
                capabilities.cpus(),
                capabilities.memory().bytes(),
                capabilities.bandwidth().up(),
                capabilities.bandwidth().down(),
                capabilities.features(),
                assurance.label());
    }

    /**
     * This record under its peer's signature.
     *
     * @throws IllegalArgumentException if the pair is not the one of {@link #key}, or the result
     *     would be longer than {@link SignedRecord#LENGTH_MAX}
     */
    public SignedRecord sign(KeyPair pair) {
        return SignedRecord.of(this, pair);
    }

    Bytes encoded() {
        return Cbor.encode(
                Value.array(
                        Value.of(FORMAT),
                        Value.of(key.bytes()),
                        Value.of(role.ordinal()),
                        Value.of(dev),
                        Value.of(domain),
                        Value.array(addresses.stream().map(PeerRecord::value).toList()),
                        capabilities.toValue(),
                        Value.of(assurance.ordinal()),
                        Value.of(priceFloor.micro()),
                        Value.of(load),
                        Value.of(route),
                        Value.of(sequence),
                        Value.of(expires.toEpochMilli())));
    }

    static PeerRecord from(Value value) {
        Fields f = Fields.of(value, "PeerRecord");
        f.smallNumber(FORMAT, FORMAT);
        PeerRecord record =
                Fields.checked(
                        "PeerRecord",
                        () ->
                                new PeerRecord(
                                        new PublicKey(f.exactBytes(PublicKey.LENGTH)),
                                        ROLES[f.smallNumber(0, ROLES.length - 1)],
                                        f.truth(),
                                        f.text(DOMAIN_MAX),
                                        f.list(ADDRESSES_MAX, PeerRecord::address),
                                        Capabilities.from(f.fields("Capabilities")),
                                        LEVELS[f.smallNumber(0, LEVELS.length - 1)],
                                        f.credits(),
                                        f.smallNumber(0, LOAD_MAX),
                                        f.bytes(ROUTE_MAX),
                                        f.number(0, Long.MAX_VALUE),
                                        Instant.ofEpochMilli(f.number(0, EXPIRES_MAX))));
        f.end();
        return record;
    }

    /** An address as records carry it: host and port. */
    public static Value value(Address address) {
        return Value.array(Value.of(address.host()), Value.of(address.port()));
    }

    /**
     * Reads what {@link #value} wrote.
     *
     * @throws orb.kernel.RefusedException with {@code ORB-0001} for anything else
     */
    public static Address address(Value value) {
        Fields f = Fields.of(value, "Address");
        Address address = new Address(f.text(253), f.smallNumber(1, 65_535));
        f.end();
        return address;
    }
}
