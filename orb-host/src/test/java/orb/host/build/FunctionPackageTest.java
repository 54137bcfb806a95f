package orb.host.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import orb.host.store.Json;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Header;
import orb.kernel.Limits;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.Signature;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FunctionPackageTest {
    private static final KeyPair KEY = KeyPair.ofSeed(new byte[KeyPair.SEED_LENGTH]);
    private static final FunctionPackage ADD = function(FunctionPackage.Kind.WASM, "add");

    @TempDir Path home;

    private static FunctionPackage function(FunctionPackage.Kind kind, String name) {
        return new FunctionPackage(
                name,
                "1.0.0",
                kind,
                Bytes.utf8("\0asm not really"),
                Digest.of(Bytes.utf8("source")),
                new Limits(ByteSize.mib(16), new Fuel(100_000_000), Duration.ofSeconds(2)),
                new Request(
                        "POST",
                        "/",
                        "q=1",
                        List.of(new Header("content-type", "application/json")),
                        Bytes.utf8("{\"a\":2,\"b\":3}")),
                KEY.publicKey());
    }

    private static Refusal refusal(Bytes file) {
        Result<FunctionPackage> result = FunctionPackage.read(file);
        assertThat(result).isInstanceOf(Result.Refused.class);
        Refusal refusal = ((Result.Refused<FunctionPackage>) result).refusal();
        assertThat(refusal.code()).isEqualTo(ErrorCode.PACKAGE_DAMAGED);
        return refusal;
    }

    @Test
    @Tag("K2")
    void aPackageHoldsAllThatIsNeededToRunTheFunction() {
        for (FunctionPackage.Kind kind : FunctionPackage.Kind.values()) {
            FunctionPackage function = function(kind, "f");
            assertThat(FunctionPackage.read(function.pack(KEY)).orThrow()).isEqualTo(function);
        }
    }

    @Test
    void aPackageIsTheSameBytesEachTime() {
        Bytes file = ADD.pack(KEY);
        assertThat(ADD.pack(KEY)).isEqualTo(file);
        // the format is a promise: this digest changes only with its version
        assertThat(Digest.of(file).hex())
                .isEqualTo("44c1a6bd1eca8ab5eb80d28e0c91e732da4f257d9d7cf362c0274671fc1c7179");
    }

    @Test
    void everyChangedByteIsDetected() {
        byte[] file = ADD.pack(KEY).toArray();
        for (int i = 0; i < file.length; i++) {
            byte[] changed = file.clone();
            changed[i] ^= (byte) (1 << (i % 8));
            refusal(Bytes.wrap(changed));
        }
    }

    @Test
    void aFileCutOffOrExtendedIsRefused() {
        Bytes file = ADD.pack(KEY);
        for (int length = 0; length < file.length(); length += 37) {
            refusal(file.slice(0, length));
        }
        refusal(file.concat(Bytes.of((byte) 0)));
        refusal(file.concat(Bytes.wrap(new byte[512])));
        refusal(file.concat(file));
    }

    @Test
    void whatIsWrongIsNamed() {
        Bytes file = ADD.pack(KEY);
        NavigableMap<String, Bytes> files = Tar.read(file, 6);
        String executable = "blobs/sha256/" + Digest.of(ADD.artefact()).hex();

        NavigableMap<String, Bytes> without = new TreeMap<>(files);
        without.remove(executable);
        assertThat(refusal(Tar.write(without)).what()).contains(executable + " is missing");

        NavigableMap<String, Bytes> changed = new TreeMap<>(files);
        changed.put(executable, Bytes.utf8("other"));
        assertThat(refusal(Tar.write(changed)).what()).contains("another content than its name");

        NavigableMap<String, Bytes> more = new TreeMap<>(files);
        more.put("zzz", Bytes.EMPTY);
        assertThat(refusal(Tar.write(more)).what()).contains("one file too many");

        NavigableMap<String, Bytes> forged = new TreeMap<>(files);
        Signature other = KeyPair.generate(seed -> seed[0] = 1).sign(Domain.PACKAGE, Bytes.EMPTY);
        forged.putAll(OciLayout.of(ADD).files(other));
        assertThat(refusal(Tar.write(forged)).what()).contains("signature", "is wrong");
    }

    @Test
    void aSignatureForAnotherPurposeOrAnotherPackageIsRefused() {
        Bytes manifest = Digest.of(OciLayout.of(ADD).manifest()).bytes();
        Signature elsewhere = KEY.sign(Domain.FUNCTION_VERSION, manifest);
        assertThat(refusal(Tar.write(OciLayout.of(ADD).files(elsewhere))).what())
                .contains("signature");
        FunctionPackage other = function(FunctionPackage.Kind.WASM, "sub");
        Signature others =
                KEY.sign(Domain.PACKAGE, Digest.of(OciLayout.of(other).manifest()).bytes());
        assertThat(refusal(Tar.write(OciLayout.of(ADD).files(others))).what())
                .contains("signature");
    }

    @Test
    void onlyTheKeyThatAPackageNamesCanSignIt() {
        KeyPair other = KeyPair.generate(seed -> seed[0] = 1);
        assertThatThrownBy(() -> ADD.pack(other)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theSameThingSaidInAnotherFormIsRefused() {
        NavigableMap<String, Bytes> files = Tar.read(ADD.pack(KEY), 6);
        JsonNode index = Json.parse(files.get(OciLayout.INDEX)).orThrow();
        files.put(OciLayout.INDEX, Json.pretty(index));
        assertThat(refusal(Tar.write(files)).what()).contains("not in the form");
    }

    @Test
    void theLayoutIsWhatRegistryToolsExpect() {
        NavigableMap<String, Bytes> files = Tar.read(ADD.pack(KEY), 6);
        assertThat(files).hasSize(6).containsKeys("oci-layout", "index.json");
        JsonNode index = Json.parse(files.get("index.json")).orThrow();
        String digest = index.path("manifests").path(0).path("digest").asText();
        JsonNode manifest = Json.parse(files.get("blobs/" + digest.replace(':', '/'))).orThrow();
        assertThat(manifest.path("config").path("mediaType").asText())
                .isEqualTo("application/vnd.wasm.config.v0+json");
        assertThat(manifest.path("layers").path(0).path("mediaType").asText())
                .isEqualTo("application/wasm");
        JsonNode config =
                Json.parse(
                                files.get(
                                        "blobs/"
                                                + manifest.path("config")
                                                        .path("digest")
                                                        .asText()
                                                        .replace(':', '/')))
                        .orThrow();
        assertThat(config.path("architecture").asText()).isEqualTo("wasm");
        assertThat(config.path("layerDigests")).hasSize(2);
    }

    @Test
    void stockTarReadsAPackage() throws Exception {
        assumeTrue(Toolchain.missingProgram("tar", System.getenv("PATH")).isEmpty(), "needs tar");
        Path file = home.resolve("add.orb");
        Files.write(file, ADD.pack(KEY).array());
        Process tar =
                new ProcessBuilder("tar", "-tvf", file.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(tar.waitFor()).as(said).isZero();
        assertThat(said.lines()).hasSize(6).allMatch(line -> line.startsWith("-rw-r--r-- 0/0"));
    }

    @Test
    void aPackageBeyondTheLimitIsNotEvenRead() {
        assertThat(refusal(Bytes.wrap(new byte[FunctionPackage.PACKAGE_MAX + 1])).what())
                .contains("more than");
    }

    @FuzzTest
    void anyBytesAreReadOrRefused(byte[] bytes) {
        Bytes file = Bytes.of(bytes);
        if (FunctionPackage.read(file) instanceof Result.Ok<FunctionPackage>(var read)) {
            assertThat(read.key()).isNotNull();
        }
    }

    @Test
    void mutatedPackagesWithGoodHeadersAreRefused() throws IOException {
        NavigableMap<String, Bytes> files = Tar.read(ADD.pack(KEY), 6);
        List<String> names = List.copyOf(files.keySet());
        Random chance = new Random(13);
        for (int i = 0; i < 3_000; i++) {
            NavigableMap<String, Bytes> mutated = new TreeMap<>(files);
            String name = names.get(chance.nextInt(names.size()));
            byte[] content = files.get(name).toArray();
            content[chance.nextInt(content.length)] = (byte) chance.nextInt(256);
            Bytes changed = Bytes.wrap(content);
            if (!changed.equals(files.get(name))) {
                mutated.put(name, changed);
                if (name.startsWith("blobs/") && chance.nextBoolean()) {
                    mutated.remove(name);
                    mutated.put("blobs/sha256/" + Digest.of(changed).hex(), changed);
                }
                refusal(Tar.write(mutated));
            }
        }
    }
}
