package orb.host.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Registry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BuilderTest {
    @TempDir Path folder;

    private Manifest manifest(String build) throws IOException {
        String text = "name: f\nversion: 1\nbuild: \"" + build + "\"\nartefact: f.wasm\n";
        Files.writeString(folder.resolve("orb.yaml"), text);
        return Manifest.read(folder).orThrow();
    }

    private Result<Built> build(String line) throws IOException {
        return new Builder(Duration.ofSeconds(20)).build(folder, manifest(line));
    }

    private Refusal refusal(String line) throws IOException {
        Result<Built> result = build(line);
        assertThat(result).isInstanceOf(Result.Refused.class);
        return ((Result.Refused<Built>) result).refusal();
    }

    @Test
    void theBuildLineRunsInTheFolderAndItsArtefactIsRead() throws IOException {
        Built built = build("printf abc > f.wasm").orThrow();
        assertThat(built).isInstanceOf(Built.Wasm.class);
        assertThat(((Built.Wasm) built).module()).isEqualTo(Bytes.utf8("abc"));
        assertThat(built.source())
                .isEqualTo(SourceHash.of(folder, Manifest.read(folder).orThrow()).orThrow());
    }

    @Test
    void aFailedBuildShowsTheEndOfItsOutput() throws IOException {
        Refusal refusal =
                refusal("for i in 1 2 3 4 5; do echo line $i; done; echo oops 1>&2; exit 3");
        assertThat(refusal.code()).isEqualTo(ErrorCode.BUILD_FAILED);
        assertThat(refusal.what()).contains("ended with 3", "line 5", "oops");
    }

    @Test
    void muchOutputIsReadAndItsEndKept() throws IOException {
        Refusal refusal =
                refusal("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; exit 1");
        assertThat(refusal.what()).contains("line 19999").doesNotContain("line 100\n");
        assertThat(refusal.what().length()).isLessThan(4_000);
    }

    @Test
    void aMissingCompilerIsNamedWithItsPackage() throws IOException {
        Refusal refusal = refusal("surely-no-such-compiler -o f.wasm f.c");
        assertThat(refusal.code()).isEqualTo(ErrorCode.TOOL_MISSING);
        assertThat(refusal.what()).contains("surely-no-such-compiler is not installed");

        Refusal later = refusal("true && surely-no-such-compiler x");
        assertThat(later.code()).isEqualTo(ErrorCode.TOOL_MISSING);
    }

    @Test
    void knownCompilersAndTheirPartsComeWithTheirPackages() {
        assertThat(
                        Toolchain.missingProgram("CFLAGS=-O2 clang -c x", "/nowhere")
                                .orElseThrow()
                                .next())
                .isEqualTo("apt install clang lld");
        assertThat(Toolchain.missingProgram("cargo build", "").orElseThrow().next())
                .contains("libstd-rust-dev-wasm32");
        assertThat(Toolchain.missingProgram("cd src && make", "/nowhere")).isEmpty();
        assertThat(
                        Toolchain.missingPart("f.c:1:10: fatal error: 'stdio.h' file not found")
                                .orElseThrow()
                                .next())
                .isEqualTo("apt install wasi-libc");
        assertThat(
                        Toolchain.missingPart(
                                        "clang: error: unable to execute command: "
                                                + "Executable \"wasm-ld\" doesn't exist!")
                                .orElseThrow()
                                .next())
                .isEqualTo("apt install lld");
        assertThat(
                        Toolchain.missingPart("f.cpp:1:10: fatal error: 'string' file not found")
                                .orElseThrow()
                                .next())
                .contains("libc++-14-dev-wasm32", "libc++abi-14-dev-wasm32");
        assertThat(
                        Toolchain.missingPart("error[E0463]: can't find crate for `std`")
                                .orElseThrow()
                                .next())
                .contains("libstd-rust-dev-wasm32", "rustup target add");
        assertThat(Toolchain.missingPart("f.c:1:10: fatal error: 'mine.h' file not found"))
                .isEmpty();
    }

    @Test
    void aBuildThatDoesNotEndIsEndedWithAllThatItStarted() throws IOException {
        Result<Built> result =
                new Builder(Duration.ofMillis(300))
                        .build(folder, manifest("echo started; sleep 300 & echo $! > pid; wait"));
        Refusal refusal = ((Result.Refused<Built>) result).refusal();
        assertThat(refusal.code()).isEqualTo(ErrorCode.BUILD_FAILED);
        assertThat(refusal.what()).contains("did not end", "started");
        long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
        await().atMost(Duration.ofSeconds(20))
                .until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void aBuildThatMakesNothingIsRefusedByTheNameOfTheFile() throws IOException {
        Refusal refusal = refusal("true");
        assertThat(refusal.code()).isEqualTo(ErrorCode.MANIFEST_INVALID);
        assertThat(refusal.what()).contains("there is no", "f.wasm");
    }

    @Test
    void anArtefactBeyondTheLimitIsRefused() throws IOException {
        Refusal refusal = refusal("head -c " + (Registry.ARTEFACT_MAX + 1) + " /dev/zero > f.wasm");
        assertThat(refusal.what()).contains("at most " + Registry.ARTEFACT_MAX);
    }

    @Test
    void anArtefactThatIsALinkOutOfTheFolderIsRefused() throws IOException {
        assertThat(refusal("ln -s /etc/hostname f.wasm").code())
                .isEqualTo(ErrorCode.MANIFEST_INVALID);
    }

    @Test
    void secretsInTheEnvironmentAreKeptFromTheBuild() {
        Map<String, String> environment =
                new TreeMap<>(Map.of("PATH", "/bin", "ORB_PASSPHRASE", "x", "ORB_TOKEN", "y"));
        Builder.removeSecrets(environment);
        assertThat(environment).containsOnlyKeys("PATH");
    }

    @Test
    void anEarlierBuildIsTakenWithoutACompiler() throws IOException {
        Manifest manifest = manifest("surely-no-such-compiler");
        Files.writeString(folder.resolve("f.wasm"), "old");
        Built built = new Builder(Duration.ofSeconds(1)).asBuilt(folder, manifest).orThrow();
        assertThat(((Built.Wasm) built).module()).isEqualTo(Bytes.utf8("old"));
    }

    @Test
    void aScriptIsShortened() throws IOException {
        Files.writeString(
                folder.resolve("f.js"),
                "const long = 1; export default { fetch() { return long } }");
        Files.writeString(folder.resolve("orb.yaml"), "name: f\nversion: 1\nsource: f.js\n");
        Built built =
                new Builder(Duration.ofSeconds(1))
                        .build(folder, Manifest.read(folder).orThrow())
                        .orThrow();
        assertThat(((Built.Script) built).script().text())
                .contains("fetch()")
                .doesNotContain("long");
    }

    @Test
    void theExampleInCBuildsToTheModuleThatShips() throws IOException {
        assumeTrue(
                Toolchain.missingProgram("clang", System.getenv("PATH")).isEmpty()
                        && Toolchain.missingProgram("wasm-ld", System.getenv("PATH")).isEmpty(),
                "needs clang and lld: apt install clang lld");
        Path example = Path.of(System.getProperty("orb.root", "..")).resolve("examples/add");
        for (String name : new String[] {"orb.yaml", "add.c"}) {
            Files.copy(example.resolve(name), folder.resolve(name));
        }
        Built built =
                new Builder(Duration.ofSeconds(60))
                        .build(folder, Manifest.read(folder).orThrow())
                        .orThrow();
        byte[] module = ((Built.Wasm) built).module().toArray();
        assertThat(module).startsWith(0, 'a', 's', 'm').hasSizeGreaterThan(500);
    }
}
