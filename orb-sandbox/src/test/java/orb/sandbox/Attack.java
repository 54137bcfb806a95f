package orb.sandbox;

import java.time.Duration;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Request;

/** Runs hostile modules with small limits. */
final class Attack {
    static final Limits LIMITS =
            new Limits(ByteSize.mib(4), new Fuel(200_000), Duration.ofSeconds(5));

    private Attack() {}

    static Run run(Sandbox sandbox, Module module) {
        return sandbox.invoke(module, Request.post(Bytes.utf8("in")), LIMITS, RunInputs.FIXED);
    }
}
