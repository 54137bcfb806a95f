package orb.host.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SourceHashTest {
    private static final Manifest BUILT =
            Manifest.parse(
                            "orb.yaml",
                            Bytes.utf8("name: f\nversion: 1\nbuild: cc\nartefact: out/f.wasm\n"))
                    .orThrow();
    private static final Manifest AS_IT_IS =
            Manifest.parse("orb.yaml", Bytes.utf8("name: f\nversion: 1\nartefact: out/f.wasm\n"))
                    .orThrow();

    @TempDir Path home;

    private Path folder;

    @BeforeEach
    void fill() throws IOException {
        folder = fill(home.resolve("f"));
    }

    private static Path fill(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("lib"));
        Files.createDirectories(folder.resolve("out"));
        Files.writeString(folder.resolve("f.c"), "int x;\n");
        Files.writeString(folder.resolve("lib/a.c"), "int a;\n");
        Files.writeString(folder.resolve("lib-b.c"), "int b;\n");
        Files.writeString(folder.resolve("orb.yaml"), "name: f\n");
        Files.write(folder.resolve("out/f.wasm"), new byte[] {1, 2, 3});
        return folder;
    }

    private Digest hash() {
        return SourceHash.of(folder, BUILT).orThrow();
    }

    private List<String> files() {
        return SourceHash.files(folder, BUILT).orThrow();
    }

    @Test
    @Tag("A10")
    void theSameSourceElsewhereHasTheSameHash() throws IOException {
        Path other = fill(home.resolve("deep/elsewhere"));
        Files.setLastModifiedTime(other.resolve("f.c"), FileTime.fromMillis(0));
        assertThat(other.resolve("lib/a.c").toFile().setExecutable(true)).isTrue();
        assertThat(SourceHash.of(other, BUILT).orThrow()).isEqualTo(hash());
        // computed once by hand, so that no machine and no version may differ
        assertThat(hash().hex())
                .isEqualTo("3271c29c0e606d5f3d9d3ed0a410a75bcfdfa07c861be0966bf500cafa230d2c");
    }

    @Test
    @Tag("A10")
    void anyByteAnyNameAndAnyFileChangesTheHash() throws IOException {
        Digest before = hash();
        Files.writeString(folder.resolve("lib/a.c"), "int A;\n");
        Digest changed = hash();
        assertThat(changed).isNotEqualTo(before);

        Files.writeString(folder.resolve("lib/a.c"), "int a;\n");
        assertThat(hash()).isEqualTo(before);

        Files.move(folder.resolve("lib/a.c"), folder.resolve("lib/b.c"));
        assertThat(hash()).isNotEqualTo(before);
        Files.move(folder.resolve("lib/b.c"), folder.resolve("lib/a.c"));

        Files.createFile(folder.resolve("empty"));
        assertThat(hash()).isNotEqualTo(before);
    }

    @Test
    void bytesCannotMoveFromOneFileToTheNextUnnoticed() throws IOException {
        Files.writeString(folder.resolve("x"), "ab");
        Files.writeString(folder.resolve("y"), "c");
        Digest before = hash();
        Files.writeString(folder.resolve("x"), "a");
        Files.writeString(folder.resolve("y"), "bc");
        assertThat(hash()).isNotEqualTo(before);
    }

    @Test
    void filesAreSortedByTheBytesOfTheirNames() {
        assertThat(files()).containsExactly("f.c", "lib-b.c", "lib/a.c", "orb.yaml");
    }

    @Test
    void whatABuildLeavesAndWhatIsHiddenDoesNotCount() throws IOException {
        Digest before = hash();
        for (String name :
                List.of(
                        ".hidden",
                        ".git/config",
                        "node_modules/x/y.js",
                        "target/f",
                        "lib/a.o",
                        "f.orb")) {
            Files.createDirectories(folder.resolve(name).getParent());
            Files.writeString(folder.resolve(name), "x");
        }
        Files.write(folder.resolve("out/f.wasm"), new byte[] {9});
        assertThat(hash()).isEqualTo(before);
    }

    @Test
    void aModuleThatNothingBuildsIsTheSource() throws IOException {
        Digest before = SourceHash.of(folder, AS_IT_IS).orThrow();
        assertThat(SourceHash.files(folder, AS_IT_IS).orThrow()).contains("out/f.wasm");
        Files.write(folder.resolve("out/f.wasm"), new byte[] {1, 2, 4});
        assertThat(SourceHash.of(folder, AS_IT_IS).orThrow()).isNotEqualTo(before);
    }

    @Test
    void theIgnoreListTakesFilesOut() throws IOException {
        Files.writeString(
                folder.resolve(".orbignore"),
                "# notes\n*.md\n/only-here.txt\ndata/**/x?.bin\nscratch/\n\n");
        for (String ignored :
                List.of(
                        "a.md",
                        "lib/b.md",
                        "only-here.txt",
                        "data/x1.bin",
                        "data/p/q/x2.bin",
                        "scratch/f.c",
                        "lib/scratch/g")) {
            Files.createDirectories(folder.resolve(ignored).getParent());
            Files.writeString(folder.resolve(ignored), "x");
        }
        for (String kept : List.of("lib/only-here.txt", "data/xx1.bin", "data/x.bin", "c.mdx")) {
            Files.writeString(folder.resolve(kept), "x");
        }
        assertThat(files())
                .containsExactly(
                        "c.mdx",
                        "data/x.bin",
                        "data/xx1.bin",
                        "f.c",
                        "lib-b.c",
                        "lib/a.c",
                        "lib/only-here.txt",
                        "orb.yaml");
    }

    @Test
    void aPatternThatIsNotUnderstoodIsRefusedWithItsLine() throws IOException {
        Files.writeString(folder.resolve(".orbignore"), "*.md\n!keep.md\n");
        Result<Digest> result = SourceHash.of(folder, BUILT);
        assertThat(((Result.Refused<Digest>) result).refusal().what()).contains(".orbignore:2");
    }

    @Test
    void aLinkIsRefusedSinceItsContentIsElsewhere() throws IOException {
        Files.createSymbolicLink(folder.resolve("link.c"), Path.of("/etc/hostname"));
        Result<Digest> result = SourceHash.of(folder, BUILT);
        assertThat(((Result.Refused<Digest>) result).refusal().code())
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
    }

    @Test
    void aNameIsTheSameInBothWaysOfWritingIt() throws IOException {
        Path composed = fill(home.resolve("composed"));
        Path combining = fill(home.resolve("combining"));
        Files.write(composed.resolve("caf\u00e9.c"), "x".getBytes(StandardCharsets.UTF_8));
        Files.write(combining.resolve("cafe\u0301.c"), "x".getBytes(StandardCharsets.UTF_8));
        assertThat(SourceHash.of(composed, BUILT).orThrow())
                .isEqualTo(SourceHash.of(combining, BUILT).orThrow());
    }
}
