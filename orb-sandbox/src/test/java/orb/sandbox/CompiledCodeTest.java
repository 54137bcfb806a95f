package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Limits;
import orb.kernel.Request;
import orb.kernel.Result;
import org.junit.jupiter.api.Test;

class CompiledCodeTest {
    private final Sandbox sandbox = new Sandbox(() -> 0);

    private static Bytes example(String name) throws IOException {
        return Bytes.wrap(Files.readAllBytes(Path.of("../examples").resolve(name, name + ".wasm")));
    }

    private Run run(Result<Module> module, String input) {
        return sandbox.invoke(
                module.orThrow(), Request.post(Bytes.utf8(input)), Limits.DEFAULT, RunInputs.FIXED);
    }

    @Test
    void codeMadeElsewhereGivesTheSameOutcomeAndFuel() throws IOException {
        for (String name : List.of("add", "wordcount", "mandelbrot")) {
            Bytes artefact = example(name);
            Bytes code = Sandbox.compile(artefact).orThrow();
            String input = name.equals("add") ? "{\"a\":2,\"b\":3}" : "one two two";
            Run direct = run(sandbox.prepare(artefact), input);
            Run loaded = run(sandbox.prepare(artefact, code), input);
            Run interpreted = run(sandbox.prepareInterpreted(artefact), input);
            assertThat(loaded.outcome()).describedAs(name).isEqualTo(direct.outcome());
            assertThat(interpreted.outcome()).describedAs(name).isEqualTo(direct.outcome());
        }
    }

    @Test
    void aModuleSaysWhetherItIsInterpreted() throws IOException {
        Bytes add = example("add");
        assertThat(sandbox.prepareInterpreted(add).orThrow().isInterpreted()).isTrue();
        Bytes code = Sandbox.compile(add).orThrow();
        assertThat(sandbox.prepare(add, code).orThrow().isInterpreted()).isFalse();
    }

    @Test
    void bodiesThatOutgrowAMethodAreStillInterpretedWhenTheCodeIsLoaded() {
        Asm body = new Asm().i64(1);
        for (int i = 0; i < 20_000; i++) { // some ten bytes of JVM code each
            body.i64(i * 1_000_003L).op(0x85);
        }
        Bytes large =
                TestModule.handler(1)
                        .handling(body.i64(1).op(0x83, 0x1a).output(0, 5)); // xor, and, drop
        Bytes code = Sandbox.compile(large).orThrow();
        Run direct = run(sandbox.prepare(large), "x");
        assertThat(run(sandbox.prepare(large, code), "x").outcome()).isEqualTo(direct.outcome());
    }

    @Test
    void damagedCodeIsRefusedAndNothingElseHappens() throws IOException {
        Bytes add = example("add");
        Bytes code = Sandbox.compile(add).orThrow();
        for (Bytes damaged : List.of(Bytes.EMPTY, code.slice(0, 3), code.slice(0, 4))) {
            Result<Module> made = sandbox.prepare(add, damaged);
            assertThat(made).isInstanceOf(Result.Refused.class);
            assertThat(((Result.Refused<Module>) made).refusal().code())
                    .isEqualTo(ErrorCode.INVALID_MODULE);
        }
    }

    @Test
    void whatIsRefusedWhenItIsPreparedIsRefusedWhenItIsCompiled() {
        assertThat(Sandbox.compile(Bytes.utf8("no module")).isOk()).isFalse();
    }
}
