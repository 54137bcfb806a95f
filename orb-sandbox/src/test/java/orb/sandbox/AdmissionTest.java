package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is let in, and the reason that is given for what is not. */
final class AdmissionTest {
    private final Sandbox sandbox = new Sandbox(() -> 0);

    private static Bytes valid() {
        return TestModule.handler(1).handling(new Asm().output(0, 5));
    }

    private Refusal refusal(Bytes artefact) {
        Result<Module> result = sandbox.prepare(artefact);
        assertThat(result).isInstanceOf(Result.Refused.class);
        return ((Result.Refused<Module>) result).refusal();
    }

    private void refused(ErrorCode code, Bytes artefact) {
        assertThat(refusal(artefact).code()).as("%s", refusal(artefact)).isEqualTo(code);
    }

    private static Bytes handlerWith(Asm code) {
        return TestModule.handler(1).handling(code.output(0, 0));
    }

    @Test
    void bytesThatAreNotWebAssemblyAreRefusedAsSuch() {
        refused(ErrorCode.NOT_WASM, Bytes.EMPTY);
        refused(ErrorCode.NOT_WASM, Bytes.utf8("#!/bin/sh\nexit 0\n"));
        refused(ErrorCode.NOT_WASM, Bytes.hex("0061736d0d000100"));
        refused(ErrorCode.TRUNCATED_WASM, Bytes.hex("006173"));
    }

    @Test
    void aModuleCutOffAnywhereIsRefused() {
        Bytes valid = valid();
        for (int length = 0; length < valid.length(); length++) {
            Result<Module> result = sandbox.prepare(valid.slice(0, length));
            assertThat(result.isOk()).as("cut at %d of %d", length, valid.length()).isFalse();
        }
        refused(ErrorCode.TRUNCATED_WASM, valid.slice(0, valid.length() - 3));
        assertThat(sandbox.prepare(valid).isOk()).isTrue();
    }

    @Test
    void aModuleLargerThanTheLimitIsRefused() {
        byte[] large = new byte[(16 << 20) + 1];
        System.arraycopy(valid().array(), 0, large, 0, valid().length());
        refused(ErrorCode.MODULE_TOO_LARGE, Bytes.wrap(large));
    }

    @Test
    void featuresThatNoSandboxHasAreNamed() {
        refused(ErrorCode.SIMD_REFUSED, handlerWith(new Asm().op(0xfd, 0x0c)));
        refused(ErrorCode.THREADS_REFUSED, handlerWith(new Asm().op(0xfe, 0x03, 0)));
        refused(
                ErrorCode.THREADS_REFUSED,
                new TestModule().rawMemory(3, 1, 2).handling(new Asm().output(0, 0)));
        refused(
                ErrorCode.MEMORY64_REFUSED,
                new TestModule().rawMemory(4, 1).handling(new Asm().output(0, 0)));
        assertThat(refusal(handlerWith(new Asm().op(0x12, 0))).toString())
                .startsWith("ORB-0115")
                .contains("tail calls");
        assertThat(refusal(handlerWith(new Asm().op(0x06, 0x40, 0x0b))).toString())
                .startsWith("ORB-0115")
                .contains("exception handling");
        assertThat(refusal(handlerWith(new Asm().op(0xfb, 0))).what())
                .contains("garbage collection");
        refused(ErrorCode.PROPOSAL_REFUSED, TestModule.handler(1).memory(1, 1).build());
        TestModule simd = TestModule.handler(1);
        simd.type(TestModule.params(0x7b));
        refused(ErrorCode.SIMD_REFUSED, simd.handling(new Asm().output(0, 0)));
    }

    @Test
    void aModuleWithoutAnEntryIsRefusedAndItsExportsAreListed() {
        TestModule module = TestModule.handler(1);
        module.export(
                "run",
                0,
                module.function(TestModule.none(), TestModule.none(), new int[] {}, new Asm()));
        Refusal refusal = refusal(module.build());
        assertThat(refusal.code()).isEqualTo(ErrorCode.NO_ENTRY);
        assertThat(refusal.what()).contains("run");
        refused(ErrorCode.NO_ENTRY, new TestModule().build());
    }

    @Test
    @Tag("H4")
    void anImportThatIsNotOfferedIsNamed() {
        TestModule module = TestModule.handler(1);
        module.imported("env", "system", TestModule.params(TestModule.I32), TestModule.I32);
        Refusal refusal = refusal(module.handling(new Asm().output(0, 0)));
        assertThat(refusal.code()).isEqualTo(ErrorCode.IMPORT_NOT_OFFERED);
        assertThat(refusal.what()).contains("env.system");

        TestModule socket = TestModule.handler(1);
        int[] threeInts = TestModule.params(TestModule.I32, TestModule.I32, TestModule.I32);
        socket.wasi("sock_accept", threeInts, TestModule.I32);
        assertThat(refusal(socket.handling(new Asm().output(0, 0))).what()).contains("sock_accept");

        TestModule mistyped = TestModule.handler(1);
        mistyped.wasi("proc_exit", TestModule.params(TestModule.I64));
        refused(ErrorCode.IMPORT_NOT_OFFERED, mistyped.handling(new Asm().output(0, 0)));
    }

    @Test
    void whatDoesNotValidateIsRefused() {
        refused(ErrorCode.INVALID_MODULE, handlerWith(new Asm().op(0x6a)));
        refused(ErrorCode.INVALID_MODULE, handlerWith(new Asm().get(77).op(0x1a)));
        refused(ErrorCode.INVALID_MODULE, handlerWith(new Asm().with(0x24, 0)));
        refused(
                ErrorCode.INVALID_MODULE,
                TestModule.handler(1).data(65_530, "too far").handling(new Asm().output(0, 0)));
    }

    @Test
    @Tag("H2")
    void bombsInEverySectionAreRefused() {
        Asm nothing = new Asm().output(0, 0);
        refused(ErrorCode.MODULE_BOMB, TestModule.handler(70_000).handling(nothing));
        refused(
                ErrorCode.MODULE_BOMB,
                TestModule.handler(1).table(100_000_000, -1).handling(new Asm().output(0, 0)));
        TestModule locals = TestModule.handler(1);
        locals.functionWithLocals(50_000, TestModule.I64, new Asm());
        refused(ErrorCode.MODULE_BOMB, locals.handling(new Asm().output(0, 0)));
        TestModule wrapping = TestModule.handler(1);
        wrapping.functionWithLocals(-1, TestModule.I64, new Asm());
        refused(ErrorCode.MODULE_BOMB, wrapping.handling(new Asm().output(0, 0)));
        TestModule sum = TestModule.handler(1);
        for (int i = 0; i < 60; i++) {
            sum.functionWithLocals(9_999, TestModule.I64, new Asm());
        }
        refused(ErrorCode.MODULE_BOMB, sum.handling(new Asm().output(0, 0)));
        TestModule pairs = TestModule.handler(1);
        for (int i = 0; i < 100; i++) {
            pairs.type(TestModule.none());
        }
        for (int i = 0; i < 1_000; i++) {
            pairs.function(i % 100, new int[] {}, new Asm());
        }
        refused(ErrorCode.MODULE_BOMB, pairs.handling(new Asm().output(0, 0)));
        Asm nested = new Asm();
        for (int i = 0; i < 20_000; i++) {
            nested.block();
        }
        refused(ErrorCode.MODULE_BOMB, handlerWith(nested));
        Asm jumps = new Asm().i32(0).op(0x0e, 0xc0, 0x84, 0x3d);
        for (int i = 0; i <= 1_000_000; i++) {
            jumps.op(0);
        }
        refused(ErrorCode.MODULE_BOMB, handlerWith(jumps));
    }

    @Test
    @Tag("H2")
    void countsThatLieAllocateNothing() {
        for (int section = 1; section <= 12; section++) {
            Bytes lie =
                    Bytes.hex("0061736d01000000")
                            .concat(Bytes.of((byte) section, (byte) 5))
                            .concat(Bytes.hex("ffffffff0f"));
            assertThat(sandbox.prepare(lie).isOk()).as("section %d", section).isFalse();
        }
    }

    @Test
    @Tag("H2")
    void mutatedModulesAreRefusedOrRunButNeverThrow() {
        SplittableRandom random = new SplittableRandom(20260101);
        int ran = 0;
        for (int round = 0; round < 1_500; round++) {
            byte[] bytes = RandomModule.of(round % 20).toArray();
            int changes = 1 + random.nextInt(4);
            for (int i = 0; i < changes; i++) {
                bytes[8 + random.nextInt(bytes.length - 8)] = (byte) random.nextInt();
            }
            Result<Module> result = sandbox.prepare(Bytes.wrap(bytes));
            if (result instanceof Result.Ok<Module>(var module)) {
                ran++;
                assertThat(Attack.run(sandbox, module).outcome()).isNotNull();
            }
        }
        assertThat(ran).isPositive();
    }
}
