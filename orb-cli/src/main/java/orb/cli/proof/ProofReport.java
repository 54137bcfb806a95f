package orb.cli.proof;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import orb.kernel.Bytes;
import orb.kernel.Receipt;
import orb.kernel.RefusedException;
import orb.ledger.ReceiptProof;

/** What a receipt's proof says, once every step of it was verified; no network is used. */
public final class ProofReport {
    private ProofReport() {}

    /**
     * Reads and verifies a receipt's proof.
     *
     * @throws RefusedException with {@code ORB-0701} naming the step that fails, or {@code
     *     ORB-0001} if the bytes are not a proof
     */
    public static ObjectNode of(Bytes content) {
        ReceiptProof proof = ReceiptProof.decode(content).orThrow();
        Receipt receipt = proof.verify().orThrow();
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("verified", true);
        report.put("call", receipt.call().hex());
        report.put("function", receipt.lane().function().toString());
        report.put("artefact", receipt.artefact().hex());
        report.put("version", receipt.version());
        report.put("host", receipt.lane().host().toString());
        report.put("ending", receipt.ending().name());
        report.put("fuel", receipt.fuel().units());
        report.put("gasSchedule", receipt.gasSchedule());
        report.put("price", receipt.price().toString());
        report.put("amount", receipt.amount().toString());
        report.put("sequence", receipt.sequence());
        report.put("input", receipt.input().hex());
        report.put("output", receipt.output().hex());
        report.put("plan", receipt.plan().hex());
        report.put("at", Instant.ofEpochMilli(receipt.atMillis()).toString());
        report.put("batchRoot", proof.batch().batch().root().hex());
        report.put("signedBy", proof.batch().key().toString());
        report.put(
                "meaning",
                "this host signed that it ran this artefact on this input with this outcome;"
                        + " it does not prove that the outcome is right");
        return report;
    }
}
