package orb.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import orb.host.web.Forms;
import orb.kernel.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a client finds things, and what it sends. */
class FilesTest {
    @TempDir private Path folder;

    @Test
    void foldersFollowTheEnvironmentAndIgnoreRelativePaths() {
        Folders set =
                Folders.of(
                        Map.of(
                                "HOME",
                                "/people/x",
                                "XDG_DATA_HOME",
                                "/d",
                                "XDG_STATE_HOME",
                                "rel",
                                "XDG_CACHE_HOME",
                                ""));

        assertThat(set.data()).isEqualTo(Path.of("/d/orb"));
        assertThat(set.state()).isEqualTo(Path.of("/people/x/.local/state/orb"));
        assertThat(set.cache()).isEqualTo(Path.of("/people/x/.cache/orb"));
    }

    @Test
    void aPeerIsNamedBelowTheDataFolderOrByItsPath() {
        Folders folders = Folders.of(Map.of("HOME", "/people/x"));

        assertThat(folders.peer("swarm/bob"))
                .isEqualTo(Path.of("/people/x/.local/share/orb/swarm/bob"));
        assertThat(folders.peer("/tmp/n")).isEqualTo(Path.of("/tmp/n"));
        assertThat(folders.peer("./n")).isEqualTo(Path.of("n").toAbsolutePath());
    }

    private static ControlFile control(long pid) {
        return new ControlFile("node", pid, "id", "http://a", "http://g", "l", "secret-token");
    }

    @Test
    void aControlFileIsForItsUserAloneAndShowsNoToken() throws IOException {
        ControlFile control = control(ProcessHandle.current().pid());
        control.write(folder);

        assertThat(ControlFile.read(folder)).contains(control);
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(folder.resolve(ControlFile.NAME))))
                .isEqualTo("rw-------");
        assertThat(control.toString()).doesNotContain("secret-token");
        ControlFile.remove(folder);
        assertThat(ControlFile.read(folder)).isEmpty();
    }

    @Test
    void aControlFileOfAProcessThatIsGoneCountsAsNone() throws IOException {
        control(Long.MAX_VALUE).write(folder);

        assertThat(ControlFile.read(folder)).isEmpty();
    }

    @Test
    void aDamagedControlFileIsNamed() throws IOException {
        Files.writeString(folder.resolve(ControlFile.NAME), "{ not json");

        assertThatThrownBy(() -> ControlFile.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(ControlFile.NAME)
                .hasMessageContaining("delete it");
    }

    @Test
    void aFormIsReadBackAsItWasMade() {
        byte[] binary = {0, '\r', '\n', '-', '-', 'o', 'r', 'b', (byte) 0xff};
        Form form = new Form();
        form.text("name", "ä b");
        form.file("artefact", binary);
        form.text("empty", "");

        Map<String, Bytes> read = Forms.read(form.type(), Bytes.wrap(form.content()));

        assertThat(read).containsOnlyKeys("name", "artefact", "empty");
        assertThat(read.get("name").utf8()).isEqualTo("ä b");
        assertThat(read.get("artefact")).isEqualTo(Bytes.wrap(binary));
        assertThat(new String(form.content(), StandardCharsets.ISO_8859_1)).endsWith("--\r\n");
    }
}
