package orb.overlay.dht;

import static orb.kernel.Require.require;

import java.time.Instant;
import java.util.List;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.RefusedException;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;
import orb.overlay.PeerRecord;

/**
 * What a node says of a function that it serves; signed, it lies in the hash table at the
 * function's key. It proves that the node says so, not that it does so: who calls checks the answer
 * and its receipt. The bytes are in {@code docs/protocol/dht.md}.
 *
 * @param key the node's machine key
 * @param name the function's
 * @param function its id
 * @param artefact the executable that is served
 * @param version of the function, 1 or more
 * @param addresses where the node accepts links, best first, at most four; none if it only dials
 * @param sequence not negative; of two of one node the higher one counts
 * @param expires from then on it counts no longer; whole milliseconds
 */
public record SeedRecord(
        PublicKey key,
        FunctionName name,
        FunctionId function,
        Digest artefact,
        int version,
        List<Address> addresses,
        long sequence,
        Instant expires) {
    private static final int FORMAT = 1;
    private static final int LABEL_MAX = 63;
    private static final DecodeLimits LIMITS = new DecodeLimits(Item.LENGTH_MAX, 4, 64);

    public SeedRecord {
        require(version >= 1, "a version is 1 or more, not %d", version);
        require(
                addresses.size() <= PeerRecord.ADDRESSES_MAX,
                "at most %d addresses",
                PeerRecord.ADDRESSES_MAX);
        require(sequence >= 0, "a sequence number is not negative: %d", sequence);
        long millis = expires.toEpochMilli();
        require(
                millis >= 0 && millis <= Item.EXPIRES_MAX,
                "an end is 0..%d: %s",
                Item.EXPIRES_MAX,
                expires);
        addresses = List.copyOf(addresses);
        expires = Instant.ofEpochMilli(millis);
    }

    public NodeId host() {
        return NodeId.of(key);
    }

    /**
     * Its bytes under the node's signature.
     *
     * @throws IllegalArgumentException if the pair is not the one of {@link #key}, or the result
     *     would be longer than {@link Item#LENGTH_MAX}
     */
    public Bytes sign(KeyPair pair) {
        require(pair.publicKey().equals(key), "a node signs its own record alone");
        Bytes said =
                Cbor.encode(
                        Value.array(
                                Value.of(FORMAT),
                                Value.of(key.bytes()),
                                Value.of(name.owner()),
                                Value.of(name.name()),
                                Value.of(function.digest().bytes()),
                                Value.of(artefact.bytes()),
                                Value.of(version),
                                Value.array(addresses.stream().map(PeerRecord::value).toList()),
                                Value.of(sequence),
                                Value.of(expires.toEpochMilli())));
        Signature signature = pair.sign(Domain.SEED_RECORD, said);
        Bytes signed = Cbor.encode(Value.array(Value.of(said), Value.of(signature.bytes())));
        require(
                signed.length() <= Item.LENGTH_MAX,
                "a signed record of %d bytes is longer than %d: name fewer addresses",
                signed.length(),
                Item.LENGTH_MAX);
        return signed;
    }

    /**
     * Reads and verifies what {@link #sign} wrote, whenever it ends.
     *
     * @throws RefusedException with {@code ORB-0001} or {@code ORB-0402}
     */
    static SeedRecord verified(Bytes bytes) {
        Fields outer = Fields.of(Cbor.decodeOrThrow(bytes, LIMITS), "signed SeedRecord");
        Bytes said = outer.bytes(Item.LENGTH_MAX);
        Signature signature = new Signature(outer.exactBytes(Signature.LENGTH));
        outer.end();
        Fields f = Fields.of(Cbor.decodeOrThrow(said, LIMITS), "SeedRecord");
        f.smallNumber(FORMAT, FORMAT);
        SeedRecord record =
                Fields.checked(
                        "SeedRecord",
                        () ->
                                new SeedRecord(
                                        new PublicKey(f.exactBytes(PublicKey.LENGTH)),
                                        new FunctionName(f.text(LABEL_MAX), f.text(LABEL_MAX)),
                                        new FunctionId(f.digest()),
                                        f.digest(),
                                        f.smallNumber(1, Integer.MAX_VALUE),
                                        f.list(PeerRecord.ADDRESSES_MAX, SeedRecord::address),
                                        f.number(0, Long.MAX_VALUE),
                                        Instant.ofEpochMilli(f.number(0, Item.EXPIRES_MAX))));
        f.end();
        if (!record.key.verifies(signature, Domain.SEED_RECORD, said)) {
            throw new RefusedException(
                    ErrorCode.BAD_SIGNATURE,
                    "the record of " + record.host().brief() + " is not signed by its key");
        }
        return record;
    }

    private static Address address(Value value) {
        return Fields.checked("Address", () -> PeerRecord.address(value));
    }
}
