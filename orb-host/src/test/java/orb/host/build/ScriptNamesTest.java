package orb.host.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class ScriptNamesTest {
    /** Most of the language, with markers everywhere that a name or comment can stand. */
    private static final String SCRIPT =
            """
            // MARKER comment
            /* MARKER comment */
            /** @license MARKER licence */
            /** @param {string} markerDoc MARKER */
            const markerConstant = 42;
            let markerState = { kept: 1 };
            function markerFunction(markerParameter, markerDefault = markerConstant) {
              const markerLocal = markerParameter * 2; // MARKER
              return markerLocal + markerDefault;
            }
            class MarkerClass {
              #secret = 3;
              static count = 4;
              static { this.count += 1; }
              get value() { return this.#secret + MarkerClass.count; }
              has(markerOther) { return #secret in markerOther; }
            }
            class MarkerError extends Error {}
            function* markerGenerator() { for (const markerItem of [1, 2]) yield markerItem; }
            async function* markerStream() { yield* markerGenerator(); }
            const markerUnused = (markerA, ...markerRest) => markerRest.length;
            export const markerExported = (markerX) => markerX ?? 1;
            export function markerAlsoExported() {}
            export { markerUnused as markerRenamed };
            export default {
              async fetch(request) {
                let markerSum = 0;
                markerLabel: for (const markerI of [1, 2, 3]) {
                  for (;;) { markerSum += markerI; if (markerSum > 3) break markerLabel; break; }
                }
                const { a: markerAliased, b, ...markerOthers } = JSON.parse(request);
                markerState.kept ||= 2;
                markerState.extra ??= 5;
                const text = `${markerConstant}:${markerSum}`;
                let caught = '';
                try { throw new MarkerError('boom'); } catch (markerE) { caught = markerE.message; }
                const streamed = [];
                for await (const markerV of markerStream()) streamed.push(markerV);
                const object = new MarkerClass();
                const big = String(10n ** 20n);
                const found = 'caaat'.match(/(?<run>a+)/u)?.groups.run;
                return JSON.stringify({
                  f: markerFunction(1), v: object.value, has: object.has(object), text, caught,
                  streamed, big, found, markerAliased: undefined, b, rest: markerOthers,
                  state: markerState, alias: markerAliased, e: markerExported(null),
                  tagged: String.raw`x\\n${1}`, sum: [3, 1, 2].at(-1),
                  u: '\\u00e9\\u{1F600}',
                });
              },
            };
            """;

    @TempDir Path folder;

    private static Refusal refusal(String source) {
        Result<ShortScript> result = ScriptNames.shorten("f.js", source);
        assertThat(result).isInstanceOf(Result.Refused.class);
        Refusal refusal = ((Result.Refused<ShortScript>) result).refusal();
        assertThat(refusal.code()).isEqualTo(ErrorCode.SCRIPT_REFUSED);
        return refusal;
    }

    @Test
    @Tag("A6")
    void noNameAndNoCommentOfTheSourceSurvives() {
        String shortened = ScriptNames.shorten("f.js", SCRIPT).orThrow().text();
        assertThat(shortened.replace("markerAliased:", ""))
                .doesNotContainIgnoringCase("marker")
                .doesNotContain("/*", "licence")
                .contains("fetch(")
                .endsWith("export{orbDefaultExport as default};");
    }

    @Test
    @Tag("A6")
    void theShortenedScriptGivesTheSameResult() throws Exception {
        assumeTrue(
                Toolchain.missingProgram("node", System.getenv("PATH")).isEmpty(),
                "needs node: apt install nodejs");
        Files.writeString(folder.resolve("before.mjs"), SCRIPT);
        Files.writeString(
                folder.resolve("after.mjs"), ScriptNames.shorten("f.js", SCRIPT).orThrow().text());
        String before = run("before.mjs");
        assertThat(before).contains("\"f\":44", "\"text\":\"42:6\"", "\"streamed\":[1,2]");
        assertThat(run("after.mjs")).isEqualTo(before);
    }

    private String run(String file) throws Exception {
        String driver =
                "import('./"
                        + file
                        + "').then(m => m.default.fetch('{\"a\":1,\"b\":2,\"c\":3}'))"
                        + ".then(r => console.log(r))";
        Process node =
                new ProcessBuilder("node", "-e", driver)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(node.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(node.exitValue()).as(said).isZero();
        return said;
    }

    @Test
    void shorteningIsTheSameEachTime() {
        assertThat(ScriptNames.shorten("a.js", SCRIPT))
                .isEqualTo(ScriptNames.shorten("b.js", SCRIPT));
    }

    @Test
    void globalsOfThePlatformKeepTheirNamesAndAreNotShadowed() {
        String shortened =
                ScriptNames.shorten(
                                "f.js",
                                "const long1 = 1, long2 = 2; export default { fetch() { a = long1; "
                                        + "return new Response(b + long2 + globalThis.a) } }")
                        .orThrow()
                        .text();
        assertThat(shortened).contains("new Response(b+").contains("globalThis.a");
        assertThat(shortened)
                .doesNotContainPattern("(const|var|let) [ab]\\b")
                .doesNotContain("long");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "export default { fetch( }|f.js:1:",
                "const x = 1;|f.js has no default export",
                "|f.js has no default export",
                "export const fetch = 1;|f.js has no default export",
                "import a from './b.js'; export default {}|f.js:1:15: a script imports nothing",
                "import a from 'pkg'; export default {}|a script imports nothing",
                "export * from './b.js'; export default {}|a script imports nothing",
                "const orbDefaultExport = 1; export default {}|the reserved name",
                "const x = await 1; export default {}|await",
                "export default {}; export default {}|f.js:1:"
            })
    void whatCannotBeShortenedIsRefusedWithItsPlace(String source, String expected) {
        assertThat(refusal(source == null ? "" : source).what()).contains(expected);
    }

    @Test
    void depthAndLengthAreBounded() {
        assertThat(refusal("export default " + "(".repeat(50_000)).what()).contains("f.js");
        assertThat(refusal(" ".repeat(ScriptNames.SOURCE_MAX + 1)).what()).contains("at most");
    }

    @Test
    void theExampleIsShortened() throws IOException {
        Path root = Path.of(System.getProperty("orb.root", ".."));
        String source = Files.readString(root.resolve("examples/hello-js/hello.js"));
        assertThat(ScriptNames.shorten("hello.js", source).orThrow().text())
                .contains("fetch(")
                .doesNotContain("GREETINGS", "parameters", "//");
    }

    @FuzzTest
    void anyTextIsShortenedOrRefused(byte[] bytes) {
        ScriptNames.shorten("f.js", new String(bytes, StandardCharsets.UTF_8));
    }

    @Test
    void mutatedScriptsAreShortenedOrRefused() {
        byte[] text = SCRIPT.getBytes(StandardCharsets.UTF_8);
        Random chance = new Random(9);
        for (int i = 0; i < 80; i++) {
            byte[] mutated = text.clone();
            for (int j = chance.nextInt(4); j >= 0; j--) {
                mutated[chance.nextInt(mutated.length)] = (byte) (32 + chance.nextInt(95));
            }
            anyTextIsShortenedOrRefused(mutated);
        }
    }
}
