package orb.cli.proof;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.ledger.SignedEntry;
import orb.ledger.proof.AuditFile;
import orb.ledger.proof.Checkpoint;

/** What a file of {@code orb audit export} says, once every part was verified; no network. */
public final class AuditReport {
    private static final int FILE_MAX = 64 << 20;

    private AuditReport() {}

    /**
     * Reads and verifies an audit file, or the proof of a receipt alone.
     *
     * @param roster digest of the trackers that the reader knows; empty to take those of the file
     * @throws RefusedException naming the part that is broken
     */
    public static ObjectNode of(Path file, Optional<Digest> roster) throws IOException {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(FILE_MAX + 1);
        }
        if (content.length > FILE_MAX) {
            throw new RefusedException(
                    ErrorCode.PROOF_REFUSED, file + " is longer than any audit file");
        }
        Bytes bytes = Bytes.wrap(content);
        return AuditFile.isOne(bytes) ? of(bytes, roster) : ProofReport.of(bytes);
    }

    private static ObjectNode of(Bytes bytes, Optional<Digest> roster) {
        AuditFile file = AuditFile.decode(bytes).orThrow();
        AuditFile.Verified good = file.verify().orThrow();
        if (roster.filter(known -> !known.equals(good.roster().digest())).isPresent()) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.PROOF_REFUSED,
                            "roster is broken: the file is of trackers "
                                    + good.roster().digest()
                                    + ", not "
                                    + roster.get(),
                            "export the file from a tracker of your swarm"));
        }
        Checkpoint checkpoint = good.checked().checkpoint();
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("verified", true);
        report.put("subject", file.subject());
        LogCheck.trust(report, good.roster());
        LogCheck.cosigners(report, good.checked());
        report.put("logSize", checkpoint.size());
        report.put("logRoot", checkpoint.root().hex());
        ArrayNode entries = report.putArray("entries");
        for (int i = 0; i < good.entries().size(); i++) {
            ObjectNode entry = entries.addObject();
            entry.put("index", file.indexes().get(i));
            SignedEntry.Checked checked = good.entries().get(i);
            if (checked.result() instanceof Result.Ok<SignedEntry>(var signed)) {
                entry.put("kind", signed.entry().getClass().getSimpleName());
                entry.put("signer", signed.head().signer().toString());
            } else {
                entry.put("kind", "no entry");
            }
        }
        file.receipt().ifPresent(proof -> report.set("receipt", ProofReport.of(proof.encoded())));
        report.put(
                "meaning",
                "these entries stand in the log at these places, and the trackers named have"
                        + " cosigned it; whether an entry was carried out, and that no other"
                        + " belongs here, `orb ledger verify` shows");
        return report;
    }
}
