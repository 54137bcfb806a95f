package orb.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import orb.cli.swarm.Samples;
import orb.cli.workshop.Engine;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.sandbox.Module;
import orb.sandbox.Run;
import orb.sandbox.RunInputs;
import orb.sandbox.Sandbox;

/** How soon a fresh instance of a module, and of a script, answers. */
final class Starts {
    /** What a script answers hello with. */
    static final String HELLO =
            "export default { fetch(request) { return `hello ${request.method}`; } };";

    private static final int INSTANCES = 30_000;
    private static final int SCRIPTS = 4_000;

    private Starts() {}

    /** Measures on this thread, which has a deep stack. */
    static void run(Report report) throws IOException {
        Sandbox sandbox = Engine.sandbox();
        Path sample = Samples.folder("add").resolve("add.wasm"); // with its two pages of memory
        Module small = sandbox.prepare(Bytes.wrap(Files.readAllBytes(sample))).orThrow();
        long[] nanos = new long[INSTANCES];
        Request request = Request.post(Bytes.EMPTY);
        for (int i = 0; i < INSTANCES; i++) {
            Run run = sandbox.invoke(small, request, Kernels.LIMITS, RunInputs.FIXED);
            nanos[i] = run.timings().instantiateNanos();
        }
        report.figure(
                new Figure("sandbox", "fresh_instance_p50_us", median(nanos), "us", INSTANCES));
        Module hello =
                sandbox.scripts().orElseThrow().compile(HELLO).then(sandbox::prepare).orThrow();
        long[] whole = new long[SCRIPTS];
        for (int i = 0; i < SCRIPTS; i++) {
            long begun = System.nanoTime();
            Run run = sandbox.invoke(hello, request, Limits.DEFAULT, RunInputs.FIXED);
            whole[i] = System.nanoTime() - begun;
            if (!(run.outcome() instanceof Outcome.Completed)) {
                throw new RefusedException(ErrorCode.INTERNAL, "the script: " + run.outcome());
            }
        }
        report.figure(new Figure("sandbox", "js_hello_cold_p50_us", median(whole), "us", SCRIPTS));
    }

    /** Microseconds of the middle one of the second half, when all is compiled. */
    private static double median(long[] nanos) {
        long[] settled = Arrays.copyOfRange(nanos, nanos.length / 2, nanos.length);
        Arrays.sort(settled);
        return settled[settled.length / 2] / 1e3;
    }
}
