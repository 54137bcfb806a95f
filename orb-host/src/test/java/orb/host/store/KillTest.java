package orb.host.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Refusal;
import orb.kernel.port.Event;
import orb.kernel.port.Table;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged before a kill -9 is there after it, over several kills of one folder. */
@Timeout(180)
class KillTest {
    private static final int KILLS = 5;

    @TempDir Path home;

    @Test
    @Tag("B4")
    void whatWasAcknowledgedSurvivesAKillAtAnyMoment() throws Exception {
        Random chance = new Random(20260101);
        long entries = 0;
        long records = 0;
        List<Digest> blobs = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
            Process writer = WriterProcess.start(home, "write");
            int lines = 200 + chance.nextInt(3_000);
            try (BufferedReader said = writer.inputReader(StandardCharsets.UTF_8)) {
                String line = WriterProcess.line(said);
                for (int i = 0; line != null; i++) {
                    if (i == lines) {
                        writer.toHandle().destroyForcibly(); // SIGKILL; what it said still reads
                    }
                    String[] words = line.split(" ", -1);
                    switch (words[0]) {
                        case "entry" -> entries = Math.max(entries, Long.parseLong(words[1]) + 1);
                        case "record" -> records = Math.max(records, Long.parseLong(words[1]) + 1);
                        case "blob" -> whole(words[1]).ifPresent(blobs::add);
                        default -> assertThat(line).isEqualTo("ready");
                    }
                    line = WriterProcess.line(said);
                }
            } finally {
                writer.destroyForcibly();
                assertThat(writer.waitFor(20, TimeUnit.SECONDS)).isTrue();
            }
            check(entries, records, blobs);
        }
        assertThat(entries).isGreaterThan(500);
        assertThat(blobs).isNotEmpty();
    }

    /** A line that the kill cut off says nothing. */
    private static Optional<Digest> whole(String hex) {
        return hex.length() == 64 ? Optional.of(Digest.parse(hex)) : Optional.empty();
    }

    private void check(long entries, long records, List<Digest> blobs) {
        List<Refusal> troubles = new ArrayList<>();
        try (DataFolder folder = DataFolder.open(home).orThrow();
                SqliteDisk disk = SqliteDisk.open(folder, event -> {}, troubles::add).orThrow();
                LocalOrdering log =
                        LocalOrdering.open(folder, InstantSource.system(), event -> {}).orThrow()) {
            List<Event.Ordered> read = new ArrayList<>();
            log.replay(read::add);
            assertThat(read.size()).isGreaterThanOrEqualTo((int) entries);
            for (int i = 0; i < read.size(); i++) {
                assertThat(read.get(i).entry()).isEqualTo(WriterProcess.entry(i));
            }
            for (int i = 0; i < records; i++) {
                assertThat(disk.kept().get(Table.TRAIL))
                        .containsKey(Bytes.utf8(String.format("%08d", i)));
            }
            for (Digest blob : blobs) {
                assertThat(disk.blobs().load(blob)).isPresent();
            }
        }
        assertThat(troubles).isEmpty();
    }
}
