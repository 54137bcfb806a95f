package orb.host.discovery;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;
import org.apache.tuweni.bytes.Bytes32;
import org.apache.tuweni.crypto.SECP256K1.SecretKey;
import org.apache.tuweni.units.bigints.UInt64;
import org.ethereum.beacon.discovery.crypto.Signer;
import org.ethereum.beacon.discovery.schema.EnrField;
import org.ethereum.beacon.discovery.schema.IdentitySchema;
import org.ethereum.beacon.discovery.schema.NodeRecord;
import org.ethereum.beacon.discovery.schema.NodeRecordFactory;

/**
 * Node records of discv5 (EIP-778) that carry an Orb id, written and read.
 *
 * <p>The field {@code orb} holds the peer's Ed25519 machine key and that key's signature over the
 * swarm and the record's secp256k1 key, so nobody can show another's id, and peers of different
 * swarms pass each other over. Reading one costs two signatures; the last {@link #KEPT_MAX} that
 * held are remembered. Thread-safe.
 */
public final class Routes {
    /** The field that carries the Orb id. */
    static final String FIELD = "orb";

    private static final int KEPT_MAX = 4_096;
    private static final Bytes KEY_SALT = Bytes.utf8("orb/discovery-key/1\0");
    private static final int COMPRESSED = 33;

    private final Digest network;
    private final boolean onLoopback;
    private final Map<Bytes, Opened> kept = new LinkedHashMap<>();

    /**
     * A route and whom it leads to.
     *
     * @param id of the peer, proved by its key
     * @param route the record's bytes
     * @param subnet first 24 bits of an IPv4 address or 48 of an IPv6 one, in hex; empty for
     *     loopback and private networks, where many machines share one
     */
    public record Proved(NodeId id, Bytes route, String subnet) {}

    private record Opened(NodeRecord record, Proved proved) {}

    /**
     * Records of one swarm.
     *
     * @param network digest of its genesis
     * @param onLoopback whether this peer is on loopback, where it reaches its own machine alone
     */
    public Routes(Digest network, boolean onLoopback) {
        this.network = network;
        this.onLoopback = onLoopback;
    }

    /** The key of discv5 that belongs to a machine key: the same at every start. */
    static SecretKey secretOf(KeyPair key) {
        byte[] seed = key.seedForStorage();
        byte[] secret = Digest.sha256(KEY_SALT.array(), seed).bytes().toArray();
        Arrays.fill(seed, (byte) 0);
        return SecretKey.fromBytes(Bytes32.wrap(secret));
    }

    /** A peer's own record; without an address until others say where they see it. */
    NodeRecord own(KeyPair key, Signer signer, Optional<InetAddress> address, int port) {
        org.apache.tuweni.bytes.Bytes compressed = signer.deriveCompressedPublicKeyFromPrivate();
        Bytes link =
                key.publicKey()
                        .bytes()
                        .concat(key.sign(Domain.DISCOVERY, linked(compressed)).bytes());
        List<EnrField> fields = new ArrayList<>();
        fields.add(new EnrField(EnrField.ID, IdentitySchema.V4));
        fields.add(new EnrField(EnrField.PKEY_SECP256K1, compressed));
        fields.add(new EnrField(FIELD, org.apache.tuweni.bytes.Bytes.wrap(link.array())));
        address.ifPresent(at -> addTo(fields, at, port));
        // a restarted peer's record is newer than the one that others remember
        UInt64 sequence = UInt64.valueOf(System.currentTimeMillis());
        NodeRecord record = NodeRecordFactory.DEFAULT.createFromValues(sequence, fields);
        record.sign(signer);
        return record;
    }

    private static void addTo(List<EnrField> fields, InetAddress address, int port) {
        boolean four = address instanceof Inet4Address;
        fields.add(
                new EnrField(
                        four ? EnrField.IP_V4 : EnrField.IP_V6,
                        org.apache.tuweni.bytes.Bytes.wrap(address.getAddress())));
        fields.add(new EnrField(four ? EnrField.UDP : EnrField.UDP_V6, port));
    }

    /** The same record at the address where others see its peer. */
    NodeRecord moved(NodeRecord old, InetSocketAddress seen, Signer signer) {
        return old.withNewAddress(seen, Optional.empty(), Optional.empty(), signer);
    }

    private Bytes linked(org.apache.tuweni.bytes.Bytes compressed) {
        return network.bytes().concat(Bytes.wrap(compressed.toArray()));
    }

    static Bytes bytes(NodeRecord record) {
        return Bytes.wrap(record.serialize().toArray());
    }

    /** Whom a route leads to; empty if it is no record, is not signed, or proves no Orb id here. */
    public Optional<Proved> open(Bytes route) {
        return opened(route).map(Opened::proved);
    }

    Optional<NodeRecord> record(Bytes route) {
        return opened(route).map(Opened::record);
    }

    private synchronized Optional<Opened> opened(Bytes route) {
        Opened known = kept.get(route);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<Opened> read = read(route);
        read.ifPresent(opened -> {
            if (kept.size() >= KEPT_MAX) {
                kept.remove(kept.keySet().iterator().next());
            }
            kept.put(route, opened);
        });
        return read;
    }

    private Optional<Opened> read(Bytes route) {
        if (route.length() > NodeRecord.MAX_ENCODED_SIZE) {
            return Optional.empty();
        }
        try {
            NodeRecord record =
                    NodeRecordFactory.DEFAULT.fromBytes(
                            org.apache.tuweni.bytes.Bytes.wrap(route.array()));
            return bytes(record).equals(route) && record.isValid()
                    ? proved(record, route).map(proved -> new Opened(record, proved))
                    : Optional.empty();
        } catch (RuntimeException e) {
            return Optional.empty(); // the library's decoders throw of every kind
        }
    }

    private Optional<Proved> proved(NodeRecord record, Bytes route) {
        if (!(record.get(FIELD) instanceof org.apache.tuweni.bytes.Bytes link)
                || link.size() != PublicKey.LENGTH + Signature.LENGTH
                || !(record.get(EnrField.PKEY_SECP256K1)
                        instanceof org.apache.tuweni.bytes.Bytes compressed)
                || compressed.size() != COMPRESSED) {
            return Optional.empty();
        }
        Bytes both = Bytes.wrap(link.toArray());
        PublicKey key = new PublicKey(both.slice(0, PublicKey.LENGTH));
        Signature signature = new Signature(both.slice(PublicKey.LENGTH, both.length()));
        if (!key.verifies(signature, Domain.DISCOVERY, linked(compressed))) {
            return Optional.empty();
        }
        Optional<InetSocketAddress> address = record.getUdpAddress().or(record::getUdp6Address);
        if (address.isPresent() && !mayBeReached(address.get())) {
            return Optional.empty();
        }
        String subnet = address.map(at -> subnet(at.getAddress())).orElse("");
        return Optional.of(new Proved(NodeId.of(key), route, subnet));
    }

    /** Whether datagrams may go to an address that a stranger named. */
    boolean mayBeReached(InetSocketAddress address) {
        InetAddress at = address.getAddress();
        return at != null
                && !at.isAnyLocalAddress()
                && !at.isMulticastAddress()
                && at.isLoopbackAddress() == onLoopback
                && address.getPort() > 0;
    }

    private static String subnet(InetAddress address) {
        if (address.isLoopbackAddress()
                || address.isSiteLocalAddress()
                || address.isLinkLocalAddress()) {
            return "";
        }
        byte[] bytes = address.getAddress();
        return Bytes.wrap(Arrays.copyOf(bytes, bytes.length == 4 ? 3 : 6)).hex();
    }
}
