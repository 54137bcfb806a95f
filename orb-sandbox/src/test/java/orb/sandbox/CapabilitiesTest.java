package orb.sandbox;

import static orb.sandbox.TestModule.I32;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Header;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.TrapCode;
import orb.kernel.port.HostCall;
import orb.kernel.port.HostCalls;
import orb.kernel.port.HostReply;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What guests ask of their node, by pointers and from scripts. */
class CapabilitiesTest {
    private static Sandbox sandbox;

    private final List<HostCall> asked = new ArrayList<>();
    private HostCalls node = this::keep;
    private final Map<Bytes, Bytes> space = new TreeMap<>();

    @BeforeAll
    static void startTheEngine() {
        sandbox = new Sandbox(() -> 0, ScriptsTest.engine());
    }

    private HostReply keep(HostCall call) {
        asked.add(call);
        return switch (call) {
            case HostCall.KvGet(var key) ->
                    space.containsKey(key)
                            ? new HostReply.Found(space.get(key))
                            : new HostReply.Missing();
            case HostCall.KvSet(var key, var value) -> {
                space.put(key, value);
                yield new HostReply.Done();
            }
            case HostCall.KvDelete(var key) ->
                    space.remove(key) == null ? new HostReply.Missing() : new HostReply.Done();
            case HostCall.Fetch _ ->
                    new HostReply.Answered(
                            new Response(
                                    201,
                                    List.of(new Header("a", "b")),
                                    Bytes.utf8("answer\n\nof two")));
            case HostCall.Secret(var name) -> new HostReply.Found(Bytes.utf8("secret " + name));
        };
    }

    private Run run(Bytes artefact) {
        Module module = sandbox.prepare(artefact).orThrow();
        return sandbox.invoke(
                module, Request.post(Bytes.EMPTY), Limits.DEFAULT, RunInputs.FIXED, node);
    }

    private String script(String body) {
        String source = "export default { async fetch(request) { " + body + " } };";
        Run run = run(sandbox.scripts().orElseThrow().compile(source).orThrow());
        assertThat(run.outcome())
                .as(run.outcome().toString())
                .isInstanceOf(Outcome.Completed.class);
        return ((Outcome.Completed) run.outcome()).response().body().utf8();
    }

    private int number(Bytes module) {
        Run run = run(module);
        assertThat(run.outcome())
                .as(run.outcome().toString())
                .isInstanceOf(Outcome.Completed.class);
        Bytes body = ((Outcome.Completed) run.outcome()).response().body();
        return ByteBuffer.wrap(body.array()).order(ByteOrder.LITTLE_ENDIAN).getInt();
    }

    private static int imported(TestModule module, String name, int parameters) {
        int[] types = new int[parameters];
        java.util.Arrays.fill(types, I32);
        return module.imported("orb", name, types, I32);
    }

    /** Stores what the last call gave at address 0 and answers with it. */
    private static Bytes answering(TestModule module, Asm code) {
        return module.handling(code.op(0x36, 2, 0).output(0, 4));
    }

    @ParameterizedTest
    @CsvSource({
        "kv_get, 2, 0",
        "kv_set, 4, 0",
        "kv_set, 4, 2",
        "kv_delete, 2, 0",
        "http_request, 2, 0",
        "secret_get, 2, 0",
        "result_read, 3, 1"
    })
    @Tag("H4")
    void aPointerThatLeavesTheMemoryTrapsInEveryHostFunction(String name, int count, int at) {
        for (int pointer : new int[] {65_536, 65_530, -8, Integer.MIN_VALUE}) {
            TestModule module = TestModule.handler(1);
            int get = imported(module, "kv_get", 2);
            int call = imported(module, name, count);
            Asm code = new Asm().i32(16).i32(3).call(get).op(0x1a); // result_read has a result then
            for (int i = 0; i < count; i++) {
                boolean isLength = name.equals("result_read") ? i == 2 : i % 2 == 1;
                int fill = isLength ? 16 : name.equals("result_read") ? 0 : 16;
                code.i32(i == at ? pointer : fill);
            }
            code.i32(0).op(0x1a).call(call).op(0x1a).output(0, 0);
            space.put(Bytes.wrap(new byte[3]), Bytes.wrap(new byte[16]));

            Run run = run(module.handling(code));

            assertThat(run.outcome())
                    .isInstanceOfSatisfying(
                            Outcome.Trapped.class,
                            t -> assertThat(t.code()).isEqualTo(TrapCode.OUT_OF_BOUNDS));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "kv_get, 257",
        "kv_get, 0",
        "kv_get, -1",
        "kv_delete, 2147483647",
        "secret_get, 65",
        "http_request, 1200000",
        "http_request, -1"
    })
    @Tag("H4")
    void aLengthBeyondItsBoundIsRefusedUnread(String name, int length) {
        TestModule module = TestModule.handler(1);
        int call = imported(module, name, 2);

        assertThat(number(answering(module, new Asm().i32(0).i32(16).i32(length).call(call))))
                .isEqualTo(-ErrorCode.BAD_HOST_CALL.number());
        assertThat(asked).isEmpty();
    }

    @Test
    @Tag("H4")
    void aModuleKeepsAndReadsByPointers() {
        TestModule module = TestModule.handler(1).data(16, "keyvalue");
        int set = imported(module, "kv_set", 4);
        int get = imported(module, "kv_get", 2);
        int read = imported(module, "result_read", 3);
        Asm code = new Asm().i32(16).i32(3).i32(19).i32(5).call(set).op(0x1a);
        code.i32(16).i32(3).call(get).op(0x1a);
        code.i32(1).i32(100).i32(99).call(read).op(0x1a).output(100, 4);

        Run run = run(module.handling(code));

        assertThat(((Outcome.Completed) run.outcome()).response().body().utf8()).isEqualTo("alue");
        assertThat(asked)
                .containsExactly(
                        new HostCall.KvSet(Bytes.utf8("key"), Bytes.utf8("value")),
                        new HostCall.KvGet(Bytes.utf8("key")));
    }

    @Test
    @Tag("H2")
    void aFloodOfHostCallsReachesTheNodeAHundredTimes() {
        TestModule module = TestModule.handler(1);
        int get = imported(module, "kv_get", 2);
        Asm code = new Asm().loop().i32(16).i32(3).call(get);
        code.i32(-ErrorCode.HOST_CALLS_SPENT.number()).op(0x47).brIf(0).end();
        code.i32(0).i32(16).i32(3).call(get);

        assertThat(number(answering(module, code))).isEqualTo(-ErrorCode.HOST_CALLS_SPENT.number());
        assertThat(asked).hasSize(HostCall.CALLS_MAX);
    }

    @Test
    @Tag("H5")
    void withoutAGrantEachCallAnswersItsCodeAndTheRunGoesOn() {
        node = HostCalls.NONE;
        for (String name : List.of("kv_get", "kv_delete", "secret_get")) {
            TestModule module = TestModule.handler(1).data(16, "KEY");
            int call = imported(module, name, 2);
            assertThat(number(answering(module, new Asm().i32(0).i32(16).i32(3).call(call))))
                    .isEqualTo(-ErrorCode.NOT_GRANTED.number());
        }
    }

    @Test
    @Tag("H4")
    void anImportOfAnotherTypeOrNameIsRefused() {
        for (String name : List.of("kv_get", "files_open")) {
            TestModule module = TestModule.handler(1);
            imported(module, name, 5);
            assertThat(sandbox.prepare(module.handling(new Asm().output(0, 0))).toString())
                    .contains("ORB-0108", "orb." + name);
        }
    }

    @Test
    @Tag("H2")
    void aCallThatIsInterruptedBecauseTimeIsUpEndsTheRun() {
        node =
                call -> {
                    throw new InterruptedException("the watchdog");
                };
        TestModule module = TestModule.handler(1);
        int get = imported(module, "kv_get", 2);

        Run run = run(answering(module, new Asm().i32(0).i32(16).i32(3).call(get)));

        assertThat(run.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Trapped.class,
                        t -> assertThat(t.code()).isEqualTo(TrapCode.DEADLINE));
    }

    @Test
    @Tag("H4")
    void aScriptKeepsReadsAndDeletes() {
        assertThat(
                        script(
                                """
                                await orb.kv.set('a', 'ä');
                                await orb.kv.set('j', JSON.stringify({ n: 2 }));
                                await orb.kv.set(new Uint8Array([1]), new Uint8Array([2, 3]));
                                const seen = [
                                  await orb.kv.get('a'),
                                  (await orb.kv.get('j', { type: 'json' })).n,
                                  [...await orb.kv.get(new Uint8Array([1]), { type: 'bytes' })],
                                  await orb.kv.get('none'),
                                  await orb.kv.delete('a'),
                                  await orb.kv.delete('a'),
                                  await orb.secrets.get('KEY'),
                                ];
                                return seen;
                                """))
                .isEqualTo("[\"ä\",2,[2,3],null,true,false,\"secret KEY\"]");
    }

    @Test
    @Tag("H4")
    void aScriptFetches() {
        assertThat(
                        script(
                                """
                                const answer = await fetch('https://example.org/a?b=c', {
                                  method: 'POST', headers: { 'X-A': 'b' }, body: 'x\\n\\ny' });
                                return [answer.status, answer.ok, answer.headers.get('a'),
                                  await answer.text()];
                                """))
                .isEqualTo("[201,true,\"b\",\"answer\\n\\nof two\"]");
        assertThat(asked)
                .containsExactly(
                        new HostCall.Fetch(
                                "POST",
                                "https://example.org/a?b=c",
                                List.of(
                                        new Header("x-a", "b"),
                                        new Header("content-type", "text/plain;charset=utf-8")),
                                Bytes.utf8("x\n\ny")));
    }

    @Test
    @Tag("H5")
    void aScriptCatchesARefusalWithItsCode() {
        node =
                call ->
                        new HostReply.Refused(
                                new Refusal(ErrorCode.EGRESS_REFUSED, "not there, at all"));
        assertThat(
                        script(
                                """
                                const codes = [];
                                for (const call of [
                                  () => fetch('https://example.org'), () => orb.kv.get('a'),
                                  () => orb.kv.set('x'.repeat(257), ''), () => orb.kv.get(''),
                                  () => orb.kv.set('a'.repeat(70000), '')]) {
                                  try { await call(); } catch (error) { codes.push(error.code); }
                                }
                                return codes;
                                """))
                .isEqualTo("[\"ORB-0222\",\"ORB-0222\",\"ORB-0227\",\"ORB-0227\",\"ORB-0227\"]");
    }
}
