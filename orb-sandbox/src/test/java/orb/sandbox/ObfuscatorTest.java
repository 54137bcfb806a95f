package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import orb.kernel.Bytes;
import orb.kernel.Request;
import org.junit.jupiter.api.Test;

/** Names go, behaviour stays. */
final class ObfuscatorTest {
    private final Sandbox sandbox = new Sandbox(() -> 0);

    private static Bytes named() {
        TestModule module = TestModule.handler(1).data(0, "text");
        int secret =
                module.function(
                        TestModule.none(),
                        new int[] {TestModule.I32},
                        new int[] {},
                        new Asm().i32(4));
        module.export("computeSecretPrice", 0, secret);
        module.custom("name", "marker-function-name");
        module.custom(".debug_info", "marker-source-line");
        module.custom("producers", "marker-compiler");
        module.custom("sourceMappingURL", "marker-url");
        Asm code = new Asm().with(0xd2, secret).op(0x1a).call(secret).op(0xad);
        return module.handling(code);
    }

    @Test
    void namesDebugInformationAndForeignExportsAreGone() {
        Bytes stripped = Obfuscator.obfuscate(named()).orThrow();
        assertThat(stripped.utf8()).doesNotContain("marker", "computeSecretPrice", "name");
        assertThat(named().utf8()).contains("marker", "computeSecretPrice");
        assertThat(stripped.utf8()).contains("memory", "alloc", "handle");
        assertThat(stripped.length()).isLessThan(named().length());
    }

    @Test
    void theObfuscatedModuleRunsIdentically() {
        Bytes stripped = Obfuscator.obfuscate(named()).orThrow();
        Request request = Request.post(Bytes.EMPTY);
        Run before =
                sandbox.invoke(
                        sandbox.prepare(named()).orThrow(),
                        request,
                        Attack.LIMITS,
                        RunInputs.FIXED);
        Run after =
                sandbox.invoke(
                        sandbox.prepare(stripped).orThrow(),
                        request,
                        Attack.LIMITS,
                        RunInputs.FIXED);
        assertThat(after).isEqualTo(before);
    }

    @Test
    void aSecondTimeChangesNothing() {
        Bytes once = Obfuscator.obfuscate(named()).orThrow();
        assertThat(Obfuscator.obfuscate(once).orThrow()).isEqualTo(once);
    }

    @Test
    void whatIsNoModuleIsRefused() {
        assertThat(Obfuscator.obfuscate(Bytes.utf8("text")).isOk()).isFalse();
    }
}
