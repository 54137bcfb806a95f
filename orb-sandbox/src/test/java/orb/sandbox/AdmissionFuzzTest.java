package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Result;
import orb.kernel.cgi.Cgi;
import org.junit.jupiter.api.Tag;

/** Whatever bytes come: refused with a reason, or run to an outcome; never an exception. */
final class AdmissionFuzzTest {
    private final Sandbox sandbox = new Sandbox(() -> 0);

    @FuzzTest(maxDuration = "1m")
    @Tag("H2")
    void anyBytesAreRefusedOrRun(byte[] bytes) {
        if (sandbox.prepare(Bytes.of(bytes)) instanceof Result.Ok<Module>(var module)) {
            assertThat(Attack.run(sandbox, module).outcome()).isNotNull();
        }
    }

    @FuzzTest(maxDuration = "1m")
    void anyOutputIsAResponseOrMalformed(byte[] output) {
        Optional<orb.kernel.Response> response = Cgi.response(Bytes.of(output));
        response.ifPresent(r -> assertThat(r.body().length()).isLessThanOrEqualTo(output.length));
    }
}
