package orb.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.EntryBundle;
import orb.ledger.proof.LogReplay;
import orb.ledger.proof.TilePath;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole ledger follows from its static files, and what does not is named. */
final class LogReplayTest {
    private static final int GIFTS = 600;

    private final Archive archive = Archive.of(GIFTS);
    private final long size = archive.checkpoint().size();

    private String verdict(Bytes note) {
        return switch (archive.replay().run(note, _ -> {})) {
            case Result.Ok<LogReplay.Report> _ -> "good";
            case Result.Refused<LogReplay.Report>(var refusal) ->
                    refusal.code().code() + " " + refusal.what();
        };
    }

    private String verdict() {
        return verdict(archive.note());
    }

    private void change(String path, int at) {
        byte[] bytes = archive.files.get(path).toArray();
        bytes[at] ^= 1;
        archive.files.put(path, Bytes.wrap(bytes));
    }

    @Test
    @Tag("E10")
    void anyoneCanReplayTheWholeLedgerFromItsFilesAlone() {
        List<Long> progress = new ArrayList<>();
        LogReplay.Report report = archive.replay().run(archive.note(), progress::add).orThrow();

        assertThat(report.ledger().stateRoot()).isEqualTo(archive.town.ledger.stateRoot());
        assertThat(report.ledger().next()).isEqualTo(size);
        assertThat(report.applied()).as("one was refused").isEqualTo(size - 1);
        assertThat(progress).containsExactly(256L, 512L, size);
        report.ledger().check();
    }

    @Test
    @Tag("E10")
    void aStateThatDoesNotFollowIsFoundThoughAllTrackersSignedIt() {
        Checkpoint good = archive.checkpoint();
        Checkpoint forged = new Checkpoint(good.network(), good.size(), good.root(), Digest.ZERO);
        assertThat(verdict(archive.cosigned(forged, 4)))
                .startsWith("ORB-0703 the state after entry " + (size - 1));
    }

    @Test
    @Tag("F8")
    void aChangedByteNamesItsEntry() {
        change("tile/entries/001", 4_000);
        String said = verdict();
        assertThat(said)
                .matches(
                        "ORB-0703 entry [0-9]+ (is not the one that was signed"
                                + "|cannot be read: tile/entries/001 is no bundle)");
    }

    @Test
    @Tag("F8")
    void aDroppedEntryIsNamed() {
        List<Bytes> leaves =
                new ArrayList<>(EntryBundle.read(archive.files.get("tile/entries/000")).orThrow());
        leaves.remove(41);
        archive.files.put("tile/entries/000", EntryBundle.of(leaves));
        assertThat(verdict()).isEqualTo("ORB-0703 entry 41 is not the one that was signed");

        leaves.subList(41, leaves.size()).clear();
        archive.files.put("tile/entries/000", EntryBundle.of(leaves));
        assertThat(verdict()).isEqualTo("ORB-0703 entry 41 is missing in tile/entries/000");

        archive.files.remove("tile/entries/000");
        assertThat(verdict()).isEqualTo("ORB-0703 entry 0 is missing: no tile/entries/000");
    }

    @Test
    @Tag("F8")
    void aChangedTileIsNamed() {
        change("tile/0/001", 77);
        assertThat(verdict())
                .isEqualTo("ORB-0703 tile/0/001 does not have the hash that tile/1/000.p/2 has");
        archive.files.remove("tile/0/001");
        assertThat(verdict()).isEqualTo("ORB-0703 tile/0/001 is not there");
    }

    @Test
    void aChangedTileAtTheRightEdgeDoesNotLeadToTheRoot() {
        change(TilePath.holding(0, size - 1, size).toString(), 3);
        assertThat(verdict()).startsWith("ORB-0703 the tiles at the right edge lead to root");
    }

    @Test
    void aCheckpointThatIsNotFinalIsNotReplayed() {
        assertThat(verdict(archive.cosigned(archive.checkpoint(), 2)))
                .startsWith(ErrorCode.NOT_FINAL.code());
    }
}
