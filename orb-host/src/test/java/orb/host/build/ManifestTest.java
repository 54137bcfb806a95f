package orb.host.build;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Header;
import orb.kernel.Limits;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.message.Grants;
import orb.kernel.message.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ManifestTest {
    private static final String FULL =
            """
            # all keys
            name: add
            version: 1.0.0
            build: clang -o add.wasm add.c
            artefact: add.wasm
            entry: handler
            limits:
              memory: 16MiB
              fuel: 100_000_000
              wall: 2s
            plan: sponsored
            replicas: 2
            policy: { assurance: L1 }
            capabilities:
              kv: { quota: 1MiB }
              http: [ "https://api.example.org", "http://127.0.0.1:8080/v1/" ]
              secrets: [ API_KEY ]
            idempotent: true
            triggers: [http]
            sample:
              method: PUT
              path: /x
              query: a=1
              headers: { Content-Type: application/json }
              body: '{"a":2,"b":3}'
            """;

    @TempDir Path folder;

    private static Manifest parse(String text) {
        return Manifest.parse("orb.yaml", Bytes.utf8(text)).orThrow();
    }

    private static Refusal refusal(String text) {
        Result<Manifest> result = Manifest.parse("orb.yaml", Bytes.utf8(text));
        assertThat(result).isInstanceOf(Result.Refused.class);
        Refusal refusal = ((Result.Refused<Manifest>) result).refusal();
        assertThat(refusal.code()).isEqualTo(ErrorCode.MANIFEST_INVALID);
        return refusal;
    }

    @Test
    void everyKeyIsRead() {
        Manifest manifest = parse(FULL);
        assertThat(manifest.name()).isEqualTo("add");
        assertThat(manifest.version()).isEqualTo("1.0.0");
        assertThat(manifest.build()).contains("clang -o add.wasm add.c");
        assertThat(manifest.artefact()).contains("add.wasm");
        assertThat(manifest.source()).isEmpty();
        assertThat(manifest.entry()).contains("handler");
        assertThat(manifest.limits())
                .isEqualTo(
                        new Limits(ByteSize.mib(16), new Fuel(100_000_000), Duration.ofSeconds(2)));
        assertThat(manifest.plan()).contains("sponsored");
        assertThat(manifest.replicas()).isEqualTo(2);
        assertThat(manifest.policy().assurance()).isEqualTo("L1");
        assertThat(manifest.grants())
                .isEqualTo(
                        new Grants(
                                ByteSize.mib(1),
                                List.of(
                                        Origin.parse("https://api.example.org"),
                                        Origin.parse("http://127.0.0.1:8080/v1")),
                                List.of("API_KEY"),
                                true));
        assertThat(manifest.request(folder).orThrow())
                .isEqualTo(
                        new Request(
                                "PUT",
                                "/x",
                                "a=1",
                                List.of(new Header("content-type", "application/json")),
                                Bytes.utf8("{\"a\":2,\"b\":3}")));
    }

    @Test
    void whatIsLeftOutHasADefault() {
        Manifest manifest = parse("name: f\nversion: 1\nsource: f.js\n");
        assertThat(manifest.limits()).isEqualTo(Limits.DEFAULT);
        assertThat(manifest.replicas()).isEqualTo(1);
        assertThat(manifest.plan()).isEmpty();
        assertThat(manifest.triggers()).containsExactly("http");
        assertThat(manifest.request(folder).orThrow())
                .isEqualTo(new Request("GET", "/", "", List.of(), Bytes.EMPTY));
    }

    @Test
    void aSampleWithABodyIsPosted() {
        Manifest manifest = parse("name: f\nversion: 1\nsource: f.js\nsample: { body: x }\n");
        assertThat(manifest.request(folder).orThrow()).isEqualTo(Request.post(Bytes.utf8("x")));
    }

    @Test
    void versionsStayAsTheyAreWritten() {
        for (String version : List.of("1.0", "1.10", "0x10", "1_0", "2026-01-01", "1e3", "true")) {
            if (version.matches("[0-9A-Za-z.+-]+")) {
                assertThat(parse("name: f\nversion: " + version + "\nsource: f.js\n").version())
                        .isEqualTo(version);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name: f|1: the key \"version\" is missing",
                "name: F_f|1: \"F_f\" is not",
                "name: f~version: 1~sorce: a.js|3: unknown key \"sorce\"",
                "name: f~version: 1~source: a.js~limits:~  mem: 1MiB|5: unknown key \"mem\" in"
                        + " limits",
                "name: f~version: 1~source: a.js~policy:~  new:~    x: 1|5: unknown key \"new\"",
                "name: f~name: g~version: 1~source: a.js|2: ",
                "name: f~version: 1~source: a.js~artefact: a.wasm|1: give either source",
                "name: f~version: 1|1: give either source",
                "name: f~version: 1~source: ../a.js|3: \"../a.js\" is not a path inside",
                "name: f~version: 1~source: /etc/passwd|3: \"/etc/passwd\" is not a path inside",
                "name: f~version: 1~source: a.js~entry: wasi|entry: script goes with source",
                "name: f~version: 1~source: a.js~limits: { memory: 16MB }|4: \"16MB\" is not a"
                        + " size",
                "name: f~version: 1~source: a.js~limits: { memory: 16 }|4: \"16\" is not a size",
                "name: f~version: 1~source: a.js~limits: { memory: 1KiB }|4: the memory limit is",
                "name: f~version: 1~source: a.js~limits: { memory: 999999999999GiB }|4: ",
                "name: f~version: 1~source: a.js~limits: { fuel: -1 }|4: \"-1\" is not a whole",
                "name: f~version: 1~source: a.js~limits: { fuel: 0 }|4: the fuel limit is",
                "name: f~version: 1~source: a.js~limits: { wall: 2h }|4: \"2h\" is not a duration",
                "name: f~version: 1~source: a.js~limits: { wall: 6m }|4: the wall limit is",
                "name: f~version: 1~source: a.js~replicas: 0|4: replicas are 1..100, not 0",
                "name: f~version: 1~source: a.js~replicas: two|4: \"two\" is not a whole number",
                "name: f~version: 1~source: a.js~policy: { egress: any }|4: egress: there is none"
                        + " but",
                "name: f~version: 1~source: a.js~capabilities: { kv: 1MiB }|4: kv is not a mapping",
                "name: f~version: 1~source: a.js~capabilities: { kv: {} }|4: the key \"quota\"",
                "name: f~version: 1~source: a.js~capabilities: { kv: { quota: 1GiB } }|4: a"
                        + " key-value",
                "name: f~version: 1~source: a.js~capabilities: { http: [\"*\"] }|4: an origin is",
                "name: f~version: 1~source: a.js~capabilities: { http: [\"https://a@b\"] }|4: an",
                "name: f~version: 1~source: a.js~capabilities: { secrets: [key] }|4: a secret's"
                        + " name",
                "name: f~version: 1~source: a.js~capabilities: { files: all }|4: unknown key",
                "name: f~version: 1~source: a.js~idempotent: yes|4: \"yes\" is not offered",
                "name: f~version: 1~source: a.js~policy: { assurance: L3 }|4: \"L3\" is not"
                        + " offered",
                "name: f~version: 1~source: a.js~policy: { regions: [eu] }|regions: no host",
                "name: f~version: 1~source: a.js~triggers: [cron]|4: triggers: only [http]",
                "name: f~version: 1~source: a.js~sample: { body: a, bodyFile: b }|body or bodyFile",
                "name: f~version: 1~source: a.js~sample: { method: get }|4: \"get\" is not a"
                        + " method",
                "name: f~version: 1~source: a.js~sample: { path: x }|4: \"x\" is not a path",
                "name: f~version: 1~source: a.js~sample: { headers: { \"a b\": c } }|4: a header"
                        + " name",
                "name: f~version: 1~source: [a.js]|3: a single value is expected",
                "name: f~version: 1~source: a.js~sample: text|4: sample is not a mapping",
                "name: f~version: 1~source:|3: a value is missing",
                "name: &a f~version: *a~source: a.js|anchors and aliases are not read",
                "name: f~version: 1~source: a.js~---~name: g|a manifest is one document",
                "[a, b]|1: the manifest is not a mapping",
                "text|1: the manifest is not a mapping",
                "name: f~ version: 1|2: not YAML",
                "name: 'f|not YAML",
                "~|1: the manifest is empty",
                "# only a comment|1: the manifest is empty"
            })
    void whatIsWrongIsNamedWithItsLine(String text, String expected) {
        assertThat(refusal(text.replace('~', '\n')).what())
                .startsWith("orb.yaml:")
                .contains(expected);
    }

    @Test
    void depthAndSizeAreBounded() {
        assertThat(refusal("a: " + "[".repeat(100) + "]".repeat(100)).what()).contains("nested");
        assertThat(refusal("a: [" + "b, ".repeat(2_000) + "]").what()).contains("more than");
        assertThat(refusal("#".repeat(Manifest.FILE_MAX + 1)).what()).contains("at most");
    }

    @Test
    void aBodyFileIsReadFromTheFolderAndFromNowhereElse() throws IOException {
        Manifest manifest =
                parse("name: f\nversion: 1\nsource: f.js\nsample: { bodyFile: in.txt }\n");
        assertThat(manifest.request(folder).isOk()).isFalse();
        Files.writeString(folder.resolve("in.txt"), "hello");
        assertThat(manifest.request(folder).orThrow().body()).isEqualTo(Bytes.utf8("hello"));
        Files.delete(folder.resolve("in.txt"));
        Files.createSymbolicLink(folder.resolve("in.txt"), Path.of("/etc/hostname"));
        assertThat(manifest.request(folder).isOk()).isFalse();
    }

    @Test
    void aFolderWithoutAManifestSaysHowToMakeOne() {
        Result<Manifest> result = Manifest.read(folder);
        assertThat(((Result.Refused<Manifest>) result).refusal().next()).contains("orb new");
    }

    @ParameterizedTest
    @ValueSource(strings = {"add", "wordcount", "thumbnail", "hello-js"})
    void theExamplesAreValid(String example) {
        Path root = Path.of(System.getProperty("orb.root", ".."));
        Path at = root.resolve("examples").resolve(example);
        Manifest manifest = Manifest.read(at).orThrow();
        assertThat(manifest.name()).isEqualTo(example);
        assertThat(manifest.request(at).isOk()).isTrue();
        assertThat(manifest.build().isPresent()).isEqualTo(manifest.artefact().isPresent());
    }

    @FuzzTest
    void anyBytesAreReadOrRefused(byte[] bytes) {
        Manifest.parse("orb.yaml", Bytes.of(bytes));
    }

    @Test
    void mutatedManifestsAreReadOrRefused() {
        byte[] text = FULL.getBytes(StandardCharsets.UTF_8);
        Random chance = new Random(5);
        for (int i = 0; i < 5_000; i++) {
            byte[] mutated = text.clone();
            for (int j = chance.nextInt(5); j >= 0; j--) {
                mutated[chance.nextInt(mutated.length)] = (byte) chance.nextInt(256);
            }
            anyBytesAreReadOrRefused(mutated);
        }
    }
}
