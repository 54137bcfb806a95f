package orb.host.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever deploys programs does not fill the disks of others. */
class ProgramFolderTest {
    @TempDir private Path folder;

    private long files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.count();
        }
    }

    private static Digest keep(ProgramFolder programs, String content) {
        Bytes bytes = Bytes.utf8(content);
        programs.keep(Digest.of(bytes), ProgramKind.SCRIPT, bytes);
        return Digest.of(bytes);
    }

    @Test
    void theLeastUsedGoesWhenTheyTakeMoreThanTheirBudget() throws IOException {
        Files.writeString(folder.resolve("left-by-a-killed-node"), "x");
        ProgramFolder programs = new ProgramFolder(folder, new ByteSize(25));
        assertThat(files()).isZero();

        Digest first = keep(programs, "#!/one____");
        Digest second = keep(programs, "#!/two____");
        assertThat(programs.find(first)).isPresent();
        Digest third = keep(programs, "#!/three__");

        assertThat(programs.find(second)).isEmpty();
        assertThat(programs.find(first)).isPresent();
        Path file = programs.find(third).orElseThrow().file();
        assertThat(Files.isExecutable(file)).isTrue();
        assertThat(files()).isEqualTo(2);

        keep(programs, "#!/more-than-all-of-the-budget");
        assertThat(files()).isEqualTo(1);
        programs.clear();
        assertThat(files()).isZero();
    }
}
