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

    /**
     * A handler of 199 bytes whose {@code _initialize} sieves the primes below 2^20 into a mebibyte
     * of its memory, some milliseconds of work, and whose answer is their count, 82,025.
     */
    private static final String SIEVE =
            "0061736d01000000010f0360000060017f017f60027f7f017e03040300010205030100120606017f0141"
                    + "000b072904066d656d6f727902000b5f696e697469616c697a65000005616c6c6f6300010668"
                    + "616e646c6500020a6e035501027f41022100034020002d00808004450440230041016a240020"
                    + "004101742101024003402001418080c0004f0d01200141013a00808004200120006a21010c00"
                    + "0b0b0b200041016a2200418080c000490d000b0b040041100b11004108230036020042084220"
                    + "864204840b";

    private static final int INITIALISED = 4_000;
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
        initialised(sandbox, report);
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

    /** A program that starts from what its initialisation left, in the first of its calls. */
    private static void initialised(Sandbox sandbox, Report report) {
        Module sieve = sandbox.prepare(Bytes.hex(SIEVE)).orThrow();
        Bytes primes = Bytes.of((byte) 0x69, (byte) 0x40, (byte) 1, (byte) 0);
        long[] whole = new long[INITIALISED];
        for (int i = 0; i < INITIALISED; i++) {
            long begun = System.nanoTime();
            Outcome outcome =
                    sandbox.invoke(
                                    sieve,
                                    Request.post(Bytes.EMPTY),
                                    Limits.DEFAULT,
                                    RunInputs.FIXED)
                            .outcome();
            whole[i] = System.nanoTime() - begun;
            if (!(outcome instanceof Outcome.Completed(var response, _))
                    || !response.body().equals(primes)) {
                throw new RefusedException(ErrorCode.INTERNAL, "the sieve: " + outcome);
            }
        }
        String name = "initialised_program_";
        report.figure(new Figure("sandbox", name + "first_us", whole[0] / 1e3, "us", 1));
        report.figure(new Figure("sandbox", name + "p50_us", median(whole), "us", INITIALISED));
    }

    /** Microseconds of the middle one of the second half, when all is compiled. */
    private static double median(long[] nanos) {
        long[] settled = Arrays.copyOfRange(nanos, nanos.length / 2, nanos.length);
        Arrays.sort(settled);
        return settled[settled.length / 2] / 1e3;
    }
}
