package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Header;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.TrapCode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Scripts run as any function does: metered, bounded, alone. */
final class ScriptsTest {
    private static final Limits LIMITS =
            new Limits(ByteSize.mib(4), new Fuel(100_000_000), Duration.ofMinutes(1));
    private static final Request REQUEST =
            new Request(
                    "POST",
                    "/path",
                    "a=1",
                    List.of(new Header("x-key", "value \"quoted\" \\")),
                    Bytes.utf8("{\"a\":2,\"b\":40,\"ä\":\"€😀\"}"));

    private static Sandbox sandbox;
    private static Scripts scripts;

    @BeforeAll
    static void startTheEngine() {
        sandbox = new Sandbox(() -> 0, engine());
        scripts = sandbox.scripts().orElseThrow();
    }

    static Bytes engine() {
        try (InputStream in = ScriptsTest.class.getResourceAsStream("/orb/console/quickjs.wasm")) {
            assertThat(in).as("the script engine is on the class path of tests").isNotNull();
            return Bytes.wrap(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Run run(String fetch) {
        return run(fetch, REQUEST, RunInputs.FIXED);
    }

    private static Run run(String fetch, Request request, RunInputs inputs) {
        Bytes artefact = scripts.compile("export default { " + fetch + " };").orThrow();
        Module module = sandbox.prepare(artefact).orThrow();
        assertThat(module.shape()).isEqualTo(EntryShape.SCRIPT);
        AtomicReference<Run> run = new AtomicReference<>();
        Runnable invoking = () -> run.set(sandbox.invoke(module, request, LIMITS, inputs));
        Thread thread = new Thread(null, invoking, "script", Sandbox.STACK_BYTES.bytes());
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return run.get();
    }

    private static Response response(Run run) {
        assertThat(run.outcome()).isInstanceOf(Outcome.Completed.class);
        return ((Outcome.Completed) run.outcome()).response();
    }

    private static String text(String fetch) {
        return response(run(fetch)).body().utf8();
    }

    private static Outcome.Trapped trap(String fetch) {
        Outcome outcome = run(fetch).outcome();
        assertThat(outcome).isInstanceOf(Outcome.Trapped.class);
        return (Outcome.Trapped) outcome;
    }

    @Test
    void aStringIsTheBodyOfA200() {
        Response response = response(run("fetch(r) { return `${r.method} ${r.path} ${r.url}`; }"));
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(Bytes.utf8("POST /path http://localhost/path?a=1"));
        assertThat(response.headers())
                .containsExactly(new Header("content-type", "text/plain;charset=utf-8"));
    }

    @Test
    void anObjectBecomesJson() {
        Response response =
                response(
                        run("async fetch(r) { const j = await r.json(); return {s: j.a + j.b}; }"));
        assertThat(response.body()).isEqualTo(Bytes.utf8("{\"s\":42}"));
        assertThat(response.headers())
                .containsExactly(new Header("content-type", "application/json"));
    }

    @Test
    void aResponseSetsStatusHeadersAndBytes() {
        Response response =
                response(
                        run(
                                "fetch() { return new Response(new Uint8Array([0, 255, 7]),"
                                        + " {status: 418, headers: {'X-A': 'b'}}); }"));
        assertThat(response.status()).isEqualTo(418);
        assertThat(response.headers()).containsExactly(new Header("x-a", "b"));
        assertThat(response.body()).isEqualTo(Bytes.of((byte) 0, (byte) -1, (byte) 7));
    }

    @Test
    void headersAndBodyOfTheRequestArriveAsTheyAre() {
        assertThat(text("fetch(r) { return r.headers.get('X-Key') + r.headers.get('no'); }"))
                .isEqualTo("value \"quoted\" \\null");
        assertThat(text("async fetch(r) { return r.text(); }")).isEqualTo(REQUEST.body().utf8());
        assertThat(text("async fetch(r) { return new TextDecoder().decode(await r.bytes()); }"))
                .isEqualTo(REQUEST.body().utf8());
        Request bytes = Request.post(Bytes.of((byte) 0x61, (byte) 0xe2, (byte) 0x82, (byte) 0x62));
        assertThat(response(run("fetch(r) { return r.text(); }", bytes, RunInputs.FIXED)).body())
                .isEqualTo(Bytes.utf8("a\ufffdb"));
        assertThat(response(run("fetch(r) { return r.bytes(); }", bytes, RunInputs.FIXED)).body())
                .isEqualTo(bytes.body());
    }

    @Test
    void whatIsLoggedComesBackBesideTheOutcome() {
        Run run = run("fetch() { console.log('a', 1, {b: [2]}); console.error('ü'); throw 7; }");
        assertThat(run.logs()).isEqualTo(Bytes.utf8("a 1 {\"b\":[2]}\nerror: ü\n"));
        assertThat(run.outcome()).isInstanceOf(Outcome.Trapped.class);
    }

    @Test
    void anErrorThatIsNotCaughtIsAScriptErrorWithItsMessage() {
        assertThat(trap("fetch() { throw new TypeError('no luck'); }").code())
                .isEqualTo(TrapCode.SCRIPT_ERROR);
        assertThat(trap("fetch() { throw new TypeError('no luck'); }").detail())
                .startsWith("TypeError: no luck");
        assertThat(trap("async fetch() { await null; undefinedName(); }").detail())
                .contains("undefinedName");
        assertThat(trap("run() {}").detail()).contains("fetch(request)");
        assertThat(trap("fetch() { return new Promise(() => {}); }").detail())
                .contains("never settled");
        assertThat(trap("fetch() { return new Response('', {status: 99}); }").code())
                .isEqualTo(TrapCode.BAD_OUTPUT);
    }

    @Test
    void aScriptThatDoesNotCompileIsRefusedWithItsLine() {
        Result<Bytes> result = scripts.compile("const a = 1;\n\nconst b = ;\n");
        assertThat(result)
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> {
                            assertThat(refused.refusal().code())
                                    .isEqualTo(ErrorCode.SCRIPT_REFUSED);
                            assertThat(refused.refusal().what()).contains("function.js:3");
                        });
        assertThat(scripts.compile("import fs from 'fs'; export default fs;").isOk()).isFalse();
        assertThat(scripts.compile(" ".repeat(Scripts.SOURCE_MAX + 1)).isOk()).isFalse();
        assertThat(scripts.compile("(".repeat(200_000)).isOk()).isFalse();
    }

    @Test
    void anArtefactHoldsNoSource() {
        String source = "export default { fetch() { /* marker-comment */ return 1 + 1; } };";
        Bytes artefact = scripts.compile(source).orThrow();
        assertThat(artefact.utf8()).doesNotContain("marker-comment", "return 1");
        assertThat(scripts.compile(source)).isEqualTo(Result.ok(artefact));
    }

    @Test
    @Tag("H2")
    void loopsRecursionAndGreedAreStopped() {
        assertThat(run("fetch() { for (;;) {} }").outcome()).isInstanceOf(Outcome.OutOfFuel.class);
        assertThat(
                        text(
                                "fetch() { const f = () => f() + 1; try { f(); } catch (e) { return"
                                        + " `${e}`; } }"))
                .contains("RangeError");
        assertThat(
                        trap("fetch() { const a = []; for (;;) a.push(new Array(1e5).fill(1)); }")
                                .code())
                .isEqualTo(TrapCode.OUT_OF_MEMORY);
    }

    @Test
    @Tag("H4")
    void aScriptFindsNoHostAroundIt() {
        String names = "['process','require','WebSocket','XMLHttpRequest','std','os','Deno']";
        assertThat(text("fetch() { return " + names + ".filter(n => n in globalThis).join(); }"))
                .isEmpty();
        assertThat(trap("async fetch() { return await import('fs'); }").detail())
                .contains("could not load module");
    }

    @Test
    @Tag("H4")
    @Tag("I5")
    void nothingStaysFromOneCallToTheNext() {
        String counting = "fetch() { globalThis.n = (globalThis.n ?? 0) + 1; return n; }";
        Bytes artefact = scripts.compile("export default { " + counting + " };").orThrow();
        Module module = sandbox.prepare(artefact).orThrow();
        for (int i = 0; i < 3; i++) {
            Run run = sandbox.invoke(module, REQUEST, LIMITS, RunInputs.FIXED);
            assertThat(response(run).body()).isEqualTo(Bytes.utf8("1"));
        }
    }

    @Test
    void timeAndChanceComeFromTheInputs() {
        String fetch = "fetch() { return [Date.now(), Math.random(), Math.random()]; }";
        RunInputs inputs = new RunInputs(Instant.ofEpochMilli(1_700_000_000_123L), 5);
        Run run = run(fetch, REQUEST, inputs);
        assertThat(response(run).body().utf8()).startsWith("[1700000000123,0.");
        assertThat(run(fetch, REQUEST, inputs).outcome()).isEqualTo(run.outcome());
        RunInputs other = new RunInputs(inputs.now(), 6);
        assertThat(run(fetch, REQUEST, other).outcome()).isNotEqualTo(run.outcome());
    }

    @Test
    void fuelOfAScriptIsTheSameInCompilerAndInterpreter() {
        Sandbox interpreting = new Sandbox(() -> 0, engine(), Program.Mode.INTERPRETED);
        String source = "export default { async fetch(r) { return (await r.json()).b; } };";
        Bytes artefact = scripts.compile(source).orThrow();
        Outcome one =
                sandbox.invoke(
                                sandbox.prepare(artefact).orThrow(),
                                REQUEST,
                                LIMITS,
                                RunInputs.FIXED)
                        .outcome();
        Module module = interpreting.prepare(artefact).orThrow();
        assertThat(interpreting.invoke(module, REQUEST, LIMITS, RunInputs.FIXED).outcome())
                .isEqualTo(one);
    }

    @Test
    @Tag("H2")
    void damagedByteCodeNeverGetsOutOfTheSandbox() {
        Bytes artefact =
                scripts.compile("export default { fetch(r) { return r.method + 1; } };").orThrow();
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 100; round++) {
            byte[] bytes = artefact.toArray();
            bytes[46 + random.nextInt(bytes.length - 46)] = (byte) random.nextInt();
            if (sandbox.prepare(Bytes.wrap(bytes)) instanceof Result.Ok<Module>(var module)) {
                assertThat(sandbox.invoke(module, REQUEST, LIMITS, RunInputs.FIXED)).isNotNull();
            }
        }
        byte[] other = artefact.toArray();
        other[20] ^= 1;
        assertThat(sandbox.prepare(Bytes.wrap(other)).isOk()).isFalse();
        for (int length = 0; length < artefact.length(); length++) {
            assertThat(sandbox.prepare(artefact.slice(0, length)).isOk()).isFalse();
        }
    }

    @Test
    void withoutAnEngineScriptsAreRefused() {
        Bytes artefact = scripts.compile("export default {};").orThrow();
        assertThat(new Sandbox(() -> 0).scripts()).isEmpty();
        assertThat(new Sandbox(() -> 0).prepare(artefact).isOk()).isFalse();
    }
}
