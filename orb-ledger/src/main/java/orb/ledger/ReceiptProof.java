package orb.ledger;

import static orb.kernel.Require.require;

import java.util.ArrayList;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.Domain;

/**
 * A receipt that anyone can check without asking anyone: receipt, path, signed root, in one file.
 *
 * <p>It proves that this host stated this outcome, not that the outcome is right. The bytes are in
 * {@code docs/protocol/receipts.md}. Immutable.
 *
 * @param receipt what is proven
 * @param index its place in the batch, from 0
 * @param path from its leaf to the batch's root
 * @param batch the signed root
 */
public record ReceiptProof(
        Receipt receipt, int index, List<Digest> path, ReceiptBatch.Signed batch) {
    public ReceiptProof {
        path = List.copyOf(path);
        require(index >= 0, "an index is not negative: %d", index);
        require(
                path.size() <= MerkleTree.PROOF_MAX,
                "a path has at most %d hashes, not %d",
                MerkleTree.PROOF_MAX,
                path.size());
    }

    /**
     * Checks everything that the file says against everything else in it.
     *
     * @return the receipt, or {@code ORB-0701} naming the first step that fails
     */
    public Result<Receipt> verify() {
        ReceiptBatch signed = batch.batch();
        if (!NodeId.of(batch.key()).equals(signed.host())) {
            return broken("1 (key)", "the key in the file is not that of host " + signed.host());
        }
        if (!batch.key().verifies(batch.signature(), Domain.RECEIPT_BATCH, signed.encoded())) {
            return broken("2 (signature)", "the host did not sign this root, first and count");
        }
        if (!receipt.lane().host().equals(signed.host())) {
            return broken(
                    "3 (host)",
                    "the receipt is of host " + receipt.lane().host() + ", not " + signed.host());
        }
        if (index >= signed.count()) {
            return broken("4 (index)", "place " + index + " in a batch of " + signed.count());
        }
        Digest leaf = MerkleTree.leafHash(receipt.encoded());
        if (!MerkleTree.verifyInclusion(leaf, index, signed.count(), path, signed.root())) {
            return broken(
                    "5 (path)",
                    "the receipt and its path do not lead to the signed root " + signed.root());
        }
        return Result.ok(receipt);
    }

    /**
     * As {@link #verify()}, and that the receipt's price is the plan's.
     *
     * @param plan the plan whose digest the receipt names
     */
    public Result<Receipt> verify(Plan plan) {
        return verify().then(good -> {
            if (!good.plan().equals(plan.hash())) {
                return broken("6 (plan)", "the receipt is of another plan");
            }
            Credits price = plan.price(good.ending(), good.fuel());
            return price.equals(good.price())
                    ? Result.ok(good)
                    : broken(
                            "7 (price)", "the price is " + good.price() + ", by the plan " + price);
        });
    }

    private static Result<Receipt> broken(String step, String what) {
        return Result.refused(
                new Refusal(
                        ErrorCode.PROOF_REFUSED,
                        "step " + step + " fails: " + what,
                        "ask the host or the caller for the file again"));
    }

    /** Canonical bytes: the file. */
    public Bytes encoded() {
        List<Value> hashes = new ArrayList<>(path.size());
        path.forEach(hash -> hashes.add(Value.of(hash.bytes())));
        return Cbor.encode(
                Value.array(
                        receipt.toValue(), Value.of(index), Value.array(hashes), batch.toValue()));
    }

    /** Reads canonical bytes, strictly; {@code ORB-0001} for anything else. */
    public static Result<ReceiptProof> decode(Bytes bytes) {
        return Result.catching(() -> from(Cbor.decodeOrThrow(bytes, DecodeLimits.ENTRY)));
    }

    private static ReceiptProof from(Value value) {
        Fields f = Fields.of(value, "ReceiptProof");
        Receipt receipt = Receipt.from(f.value());
        int index = f.smallNumber(0, ReceiptBatch.COUNT_MAX - 1);
        List<Digest> path =
                f.list(MerkleTree.PROOF_MAX, hash -> Fields.of(Value.array(hash), "path").digest());
        ReceiptBatch.Signed batch = ReceiptBatch.Signed.from(f.value());
        f.end();
        return new ReceiptProof(receipt, index, path, batch);
    }
}
