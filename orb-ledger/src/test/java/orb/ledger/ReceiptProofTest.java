package orb.ledger;

import static orb.ledger.Town.key;
import static orb.ledger.Town.lane;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Lane;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Response;
import orb.kernel.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReceiptProofTest {
    static final Lane LANE = lane(Town.digest("channel"), "node-a", "f");

    /** Receipts of one lane, as a host makes them. */
    static List<Receipt> receipts(int count) {
        HostLane host =
                new HostLane(
                        new HostLane.Terms(
                                Town.GENESIS.network(),
                                LANE,
                                Plan.METERED,
                                Town.node("hub"),
                                List.of(key("hub").publicKey()),
                                1_024));
        List<Receipt> receipts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            HostLane.Ticket ticket = host.admit(Credits.whole(1_000), Town.LIMIT).orThrow();
            Outcome outcome =
                    i % 4 == 3
                            ? new Outcome.OutOfFuel(Town.LIMIT)
                            : new Outcome.Completed(Response.ok(Bytes.EMPTY), new Fuel(i * 999L));
            receipts.add(
                    host.complete(
                            ticket,
                            new HostLane.Work(
                                    Town.digest("call " + i),
                                    Town.digest("artefact"),
                                    2,
                                    Town.digest("input " + i),
                                    Town.digest("output " + i),
                                    outcome,
                                    1,
                                    1_900_000_000_000L + i)));
        }
        return receipts;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 9, 100})
    void everyReceiptOfABatchIsProven(int count) {
        ReceiptBatch.Sealed sealed = ReceiptBatch.seal(key("node-a"), 40, receipts(count));
        assertThat(sealed.signed().isGood()).isTrue();
        assertThat(ReceiptBatch.Signed.decode(sealed.signed().encoded()).orThrow())
                .isEqualTo(sealed.signed());
        for (int i = 0; i < count; i++) {
            ReceiptProof proof = sealed.proof(i);
            ReceiptProof read = ReceiptProof.decode(proof.encoded()).orThrow();
            assertThat(read).isEqualTo(proof);
            assertThat(read.verify().orThrow().call()).isEqualTo(Town.digest("call " + i));
            assertThat(read.verify(Plan.METERED).isOk()).isTrue();
            assertThat(Town.code(read.verify(Plan.BOTH))).isEqualTo(ErrorCode.PROOF_REFUSED);
        }
    }

    @Test
    void anyFlippedBitInTheFileIsFound() {
        ReceiptBatch.Sealed sealed = ReceiptBatch.seal(key("node-a"), 40, receipts(5));
        byte[] file = sealed.proof(2).encoded().toArray();
        for (int bit = 0; bit < file.length * 8; bit++) {
            file[bit / 8] ^= (byte) (1 << bit % 8);
            Result<Receipt> result = ReceiptProof.decode(Bytes.of(file)).then(ReceiptProof::verify);
            assertThat(Town.code(result))
                    .as("bit %d", bit)
                    .isIn(ErrorCode.MALFORMED_BYTES, ErrorCode.PROOF_REFUSED);
            file[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertThat(ReceiptProof.decode(Bytes.of(file)).orThrow().verify().isOk()).isTrue();
    }

    @Test
    void theRefusalNamesTheStepThatFails() {
        List<Receipt> receipts = receipts(5);
        ReceiptBatch.Sealed sealed = ReceiptBatch.seal(key("node-a"), 0, receipts);
        ReceiptProof good = sealed.proof(2);
        ReceiptBatch.Signed signed = good.batch();
        ReceiptBatch batch = signed.batch();

        assertThat(
                        what(
                                good,
                                new ReceiptBatch.Signed(
                                        batch, key("x").publicKey(), signed.signature())))
                .contains("step 1 (key)");
        ReceiptBatch grown =
                new ReceiptBatch(batch.host(), batch.first(), batch.count() + 1, batch.root());
        assertThat(what(good, new ReceiptBatch.Signed(grown, signed.key(), signed.signature())))
                .contains("step 2 (signature)");
        ReceiptBatch other = new ReceiptBatch(Town.node("node-b"), 0, 5, batch.root());
        assertThat(
                        what(
                                good,
                                new ReceiptBatch.Signed(
                                        other,
                                        key("node-b").publicKey(),
                                        key("node-b")
                                                .sign(
                                                        orb.kernel.identity.Domain.RECEIPT_BATCH,
                                                        other.encoded()))))
                .contains("step 3 (host)");
        assertThat(what(new ReceiptProof(good.receipt(), 5, good.path(), signed)))
                .contains("step 4 (index)");
        assertThat(what(new ReceiptProof(receipts.get(3), 2, good.path(), signed)))
                .contains("step 5 (path)");
    }

    private static String what(ReceiptProof good, ReceiptBatch.Signed batch) {
        return what(new ReceiptProof(good.receipt(), good.index(), good.path(), batch));
    }

    private static String what(ReceiptProof proof) {
        return proof.verify() instanceof Result.Refused<Receipt>(var refusal)
                ? refusal.what()
                : "good";
    }

    @Test
    void aHostCannotSignForAnotherAndNotForNothing() {
        assertThatThrownBy(() -> ReceiptBatch.seal(key("node-b"), 0, receipts(1)))
                .hasMessageContaining("cannot sign");
        assertThatThrownBy(() -> ReceiptBatch.seal(key("node-a"), 0, List.of()))
                .hasMessageContaining("1..65536");
    }

    @Test
    void receiptsAreAChainAndTheirBytesAreRead() {
        List<Receipt> receipts = receipts(6);
        for (int i = 0; i < receipts.size(); i++) {
            Receipt receipt = receipts.get(i);
            assertThat(Receipt.decode(receipt.encoded()).orThrow()).isEqualTo(receipt);
            assertThat(receipt.previous())
                    .isEqualTo(i == 0 ? Digest.ZERO : receipts.get(i - 1).digest());
        }
        assertThat(receipts.get(3).ending()).isEqualTo(Receipt.Ending.OUT_OF_FUEL);
        assertThat(receipts.get(3).price()).isEqualTo(Credits.ZERO);
    }
}
