package orb.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.ledger.proof.AuditFile;
import orb.ledger.proof.Checkpoint;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of an audit holds by itself, and names what is broken in it. */
final class AuditFileTest {
    private static final Archive ARCHIVE = Archive.of(300);

    private static String verdict(AuditFile file) {
        return switch (file.verify()) {
            case Result.Ok<?> _ -> "good";
            case Result.Refused<?>(var refusal) -> {
                assertThat(refusal.code()).isEqualTo(ErrorCode.PROOF_REFUSED);
                yield refusal.what();
            }
        };
    }

    private static AuditFile with(AuditFile file, List<AuditFile.Evidence> evidence) {
        return new AuditFile(
                file.genesis(),
                file.keys(),
                file.note(),
                file.subject(),
                file.indexes(),
                evidence,
                file.receipt());
    }

    private static AuditFile with(AuditFile file, Bytes note) {
        return new AuditFile(
                file.genesis(),
                file.keys(),
                note,
                file.subject(),
                file.indexes(),
                file.evidence(),
                file.receipt());
    }

    @Test
    @Tag("F8")
    void aCallsFileHoldsAndIsSmall() {
        AuditFile file = ARCHIVE.audit();
        assertThat(verdict(file)).isEqualTo("good");
        assertThat(AuditFile.decode(file.encoded()).orThrow()).isEqualTo(file);
        assertThat(AuditFile.isOne(file.encoded())).isTrue();
        assertThat(AuditFile.isOne(file.receipt().orElseThrow().encoded())).isFalse();
        assertThat(file.encoded().length()).isLessThan(10 << 10);
    }

    @Test
    @Tag("F8")
    void everyFlippedBitIsRefusedOrMakesAnotherRoster() {
        Bytes good = ARCHIVE.audit().encoded();
        for (int bit = 0; bit < 8 * good.length(); bit += 3) {
            byte[] bytes = good.toArray();
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            Result<AuditFile> read = AuditFile.decode(Bytes.wrap(bytes));
            if (read instanceof Result.Ok<AuditFile>(var changed)) {
                // the key of a tracker that did not sign: the roster that the reader knows is
                // another
                boolean isOtherRoster = !changed.keys().equals(ARCHIVE.audit().keys());
                assertThat(isOtherRoster || !changed.verify().isOk())
                        .as("bit %d of byte %d", bit % 8, bit / 8)
                        .isTrue();
            }
        }
    }

    @Test
    @Tag("F8")
    void aDroppedOrChangedEntryIsNamed() {
        AuditFile file = ARCHIVE.audit(Optional.empty(), 2, 40, 200);
        assertThat(verdict(file)).isEqualTo("good");

        List<AuditFile.Evidence> dropped = new ArrayList<>(file.evidence());
        dropped.remove(1);
        assertThat(verdict(with(file, dropped))).isEqualTo("entry 40 is broken: it is missing");

        List<AuditFile.Evidence> changed = new ArrayList<>(file.evidence());
        byte[] leaf = changed.get(2).leaf().toArray();
        leaf[20] ^= 1;
        changed.set(
                2, new AuditFile.Evidence(200, Bytes.wrap(leaf), file.evidence().get(2).path()));
        assertThat(verdict(with(file, changed)))
                .isEqualTo("entry 200 is broken: it and its path do not lead to the signed root");

        List<AuditFile.Evidence> more = new ArrayList<>(file.evidence());
        more.add(more.getFirst());
        assertThat(verdict(with(file, more))).contains("the list does not name it");
    }

    @Test
    @Tag("E10")
    void aCheckpointWithoutAQuorumOrOfAnotherStateIsNamed() {
        AuditFile file = ARCHIVE.audit();
        Checkpoint good = ARCHIVE.checkpoint();
        assertThat(verdict(with(file, ARCHIVE.cosigned(good, 2))))
                .startsWith("checkpoint is broken: 2 trackers have cosigned");
        Checkpoint forged =
                new Checkpoint(good.network(), good.size(), Digest.ZERO, good.stateRoot());
        assertThat(verdict(with(file, ARCHIVE.cosigned(forged, 4)))).startsWith("entry ");
        assertThat(verdict(with(file, Bytes.utf8("x")))).startsWith("checkpoint is broken");
    }

    @Test
    void aReceiptThatNoEntryOfTheFileSettlesIsNamed() {
        AuditFile file = ARCHIVE.audit(ARCHIVE.receipt, 0);
        assertThat(verdict(file))
                .isEqualTo("settlement is broken: no entry of the file pays for this receipt");
    }

    @Test
    @Tag("F8")
    void theIndependentVerifierAgreesOnGoodAndOnTamperedFiles(@TempDir Path folder)
            throws Exception {
        assumeTrue(hasNode(), "needs node: apt-get install nodejs");
        AuditFile file = ARCHIVE.audit();
        assertThat(script(folder, file.encoded())).contains("\"verified\": true");
        assertThat(script(folder, file.encoded(), file.roster().digest().hex()))
                .contains("\"verified\": true");
        assertThat(script(folder, file.encoded(), Digest.ZERO.hex()))
                .startsWith("roster is broken");
        assertThat(script(folder, ARCHIVE.audit(Optional.empty(), 2, 40, 200).encoded()))
                .contains("\"verified\": true");

        AuditFile three = ARCHIVE.audit(Optional.empty(), 2, 40, 200);
        List<AuditFile.Evidence> dropped = new ArrayList<>(three.evidence());
        dropped.remove(1);
        assertThat(script(folder, with(three, dropped).encoded()))
                .isEqualTo("entry 40 is broken: it is missing\n");
        assertThat(script(folder, with(file, ARCHIVE.cosigned(ARCHIVE.checkpoint(), 2)).encoded()))
                .startsWith("checkpoint is broken: 2 trackers");
        assertThat(script(folder, ARCHIVE.audit(ARCHIVE.receipt, 0).encoded()))
                .startsWith("settlement is broken");

        Random random = new Random(4);
        for (int i = 0; i < 12; i++) {
            byte[] bytes = file.encoded().toArray();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            boolean isGood =
                    AuditFile.decode(Bytes.wrap(bytes)) instanceof Result.Ok<AuditFile>(var changed)
                            && changed.verify().isOk();
            assertThat(script(folder, Bytes.wrap(bytes)).contains("\"verified\": true"))
                    .as("flip %d", i)
                    .isEqualTo(isGood);
        }
    }

    private static boolean hasNode() throws InterruptedException {
        try {
            return new ProcessBuilder("node", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** What the script says of a file, on either stream. */
    private static String script(Path folder, Bytes content, String... more) throws Exception {
        Path file = folder.resolve("audit");
        Files.write(file, content.array());
        List<String> command = new ArrayList<>(List.of("node", verifier().toString()));
        command.add(file.toString());
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue() == 0).isEqualTo(said.startsWith("{"));
        return said;
    }

    private static Path verifier() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && Files.notExists(folder.resolve("docs/verify/verify.mjs"))) {
            folder = folder.getParent();
        }
        assertThat(folder).isNotNull();
        return folder.resolve("docs/verify/verify.mjs");
    }
}
