package orb.ledger;

import static orb.kernel.Require.require;

import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;

/**
 * Receipts that a host signs with one signature: the root of a {@link MerkleTree} over their
 * canonical bytes.
 *
 * <p>One signature for many receipts, because a signature costs as much as a hundred hashes.
 * Immutable.
 *
 * @param host who signs
 * @param first number of the first receipt among all that the host ever made, from 0
 * @param count receipts in the batch, 1..65,536
 * @param root root of the tree over them
 */
public record ReceiptBatch(NodeId host, long first, int count, Digest root) {
    public static final int COUNT_MAX = 65_536;

    public ReceiptBatch {
        require(first >= 0, "receipts of a host count from 0, not %d", first);
        require(
                count >= 1 && count <= COUNT_MAX,
                "a batch has 1..%d receipts, not %d",
                COUNT_MAX,
                count);
    }

    /**
     * A batch with the host's signature.
     *
     * @param batch what is signed
     * @param key the host's key
     * @param signature the host's signature over the batch's canonical bytes
     */
    public record Signed(ReceiptBatch batch, PublicKey key, Signature signature) {
        /** Whether the key is the host's and the signature the key's. */
        public boolean isGood() {
            return NodeId.of(key).equals(batch.host)
                    && key.verifies(signature, Domain.RECEIPT_BATCH, batch.encoded());
        }

        /** Canonical bytes. */
        public Bytes encoded() {
            return Cbor.encode(toValue());
        }

        /** Reads canonical bytes, strictly; {@code ORB-0001} for anything else. */
        public static Result<Signed> decode(Bytes bytes) {
            return Result.catching(() -> from(Cbor.decodeOrThrow(bytes, DecodeLimits.ENTRY)));
        }

        Value toValue() {
            return Value.array(batch.toValue(), Value.of(key.bytes()), Value.of(signature.bytes()));
        }

        /** Throws {@link RefusedException} if the value is not one. */
        static Signed from(Value value) {
            Fields f = Fields.of(value, "ReceiptBatch.Signed");
            Signed signed =
                    new Signed(
                            ReceiptBatch.from(f.value()),
                            new PublicKey(f.exactBytes(PublicKey.LENGTH)),
                            new Signature(f.exactBytes(Signature.LENGTH)));
            f.end();
            return signed;
        }
    }

    /** A signed batch with its receipts, from which proofs are cut; immutable. */
    public static final class Sealed {
        private final Signed signed;
        private final List<Receipt> receipts;
        private final MerkleTree tree;

        private Sealed(Signed signed, List<Receipt> receipts, MerkleTree tree) {
            this.signed = signed;
            this.receipts = receipts;
            this.tree = tree;
        }

        public Signed signed() {
            return signed;
        }

        /** The proof of the receipt at this place in the batch. */
        public ReceiptProof proof(int index) {
            return new ReceiptProof(
                    receipts.get(index), index, tree.inclusion(index, tree.size()), signed);
        }
    }

    /** Signs receipts, all of the key's own node. */
    public static Sealed seal(KeyPair hostKey, long first, List<Receipt> receipts) {
        NodeId host = NodeId.of(hostKey.publicKey());
        MerkleTree tree = new MerkleTree();
        for (Receipt receipt : receipts) {
            require(
                    receipt.lane().host().equals(host),
                    "host %s cannot sign for %s",
                    host,
                    receipt.lane());
            tree.append(receipt.encoded());
        }
        ReceiptBatch batch = new ReceiptBatch(host, first, receipts.size(), tree.root());
        Signature signature = hostKey.sign(Domain.RECEIPT_BATCH, batch.encoded());
        return new Sealed(
                new Signed(batch, hostKey.publicKey(), signature), List.copyOf(receipts), tree);
    }

    /** What is signed: the canonical bytes. */
    public Bytes encoded() {
        return Cbor.encode(toValue());
    }

    private Value toValue() {
        return Value.array(
                Value.of(host.digest().bytes()),
                Value.of(first),
                Value.of(count),
                Value.of(root.bytes()));
    }

    private static ReceiptBatch from(Value value) {
        Fields f = Fields.of(value, "ReceiptBatch");
        ReceiptBatch batch =
                Fields.checked(
                        "ReceiptBatch",
                        () ->
                                new ReceiptBatch(
                                        new NodeId(f.digest()),
                                        f.number(0, Long.MAX_VALUE),
                                        f.smallNumber(1, COUNT_MAX),
                                        f.digest()));
        f.end();
        return batch;
    }
}
