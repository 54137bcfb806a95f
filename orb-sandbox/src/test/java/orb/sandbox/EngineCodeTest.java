package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import orb.kernel.Bytes;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineCodeTest {
    private static final String SCRIPT =
            """
            export default {
                async fetch(request) {
                    const words = (await request.text()).split(" ").map((w) => w.toUpperCase());
                    return Response.json({ words, sorted: [...words].sort() });
                }
            };
            """;
    private static final Bytes ENGINE = ScriptsTest.engine();
    private static final Bytes CODE = EngineCode.of(ENGINE);

    private static Outcome run(Sandbox sandbox) {
        Bytes script = sandbox.scripts().orElseThrow().compile(SCRIPT).orThrow();
        return sandbox.invoke(
                        sandbox.prepare(script).orThrow(),
                        Request.post(Bytes.utf8("b c a")),
                        Limits.DEFAULT,
                        RunInputs.FIXED)
                .outcome();
    }

    @Test
    void aScriptAnswersAndCostsTheSameAsWithAnEngineThatIsCompiledHere() {
        Outcome compiled = run(new Sandbox(() -> 0, ENGINE));
        assertThat(compiled).isInstanceOf(Outcome.Completed.class);
        assertThat(run(new Sandbox(() -> 0, ENGINE, CODE))).isEqualTo(compiled);
    }

    private static boolean isUsed(Bytes engine, byte... code) {
        return EngineCode.read(engine, Bytes.wrap(code)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 32, 63, 64, 100_000})
    void damagedCodeIsNotUsed(int place) {
        assertThat(isUsed(ENGINE, CODE.array())).isTrue();
        byte[] damaged = CODE.array().clone();
        damaged[place] ^= 1;
        assertThat(isUsed(ENGINE, damaged)).isFalse();
        assertThat(isUsed(ENGINE, CODE.slice(0, place).array())).isFalse();
    }

    @Test
    void codeOfAnotherEngineIsNotUsed() {
        Bytes another = TestModule.handler(1).handling(new Asm().output(0, 0));
        assertThat(isUsed(another, CODE.array())).isFalse();
    }
}
