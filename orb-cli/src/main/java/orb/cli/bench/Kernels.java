package orb.cli.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.cli.workshop.Engine;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.sandbox.Module;
import orb.sandbox.Run;
import orb.sandbox.RunInputs;
import orb.sandbox.Sandbox;

/**
 * Five kernels on one module: in the sandbox, counted and not, in V8, and in GraalWasm.
 *
 * <p>For each kernel they are measured one right after the other, by the time of the processor, and
 * the fastest run counts: that is what the code can do, whatever else the machine is doing.
 */
final class Kernels {
    static final Limits LIMITS =
            new Limits(ByteSize.mib(16), new Fuel(1_000_000_000_000L), Duration.ofMinutes(1));

    private static final List<String> NAMES =
            List.of("sha256", "gravity", "pancakes", "mandelbrot", "sorting");
    private static final long BUDGET_MILLIS = 4_000;

    /** At least so many runs: on a busy machine the JVM's compiler takes its time. */
    private static final int RUNS_MIN = 30;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Sandbox metered = Engine.sandbox();
    private final Sandbox unmetered = Sandbox.withoutCounting(System::nanoTime);
    private final Path folder;
    private final Report report;

    Kernels(Path folder, Report report) {
        this.folder = folder;
        this.report = report;
    }

    /** Logarithms of ratios, summed up over the kernels. */
    private static final class Means {
        double v8;
        double counting;
        double graal;
        int graals;
    }

    /** Measures on this thread, which has a deep stack. */
    void run() throws IOException {
        Path wasm = Tools.compiled(folder, "kernels");
        Path script = Tools.resource(folder, "v8.mjs");
        Optional<GraalWasm> graal = GraalWasm.find(folder, report);
        Bytes artefact = Bytes.wrap(Files.readAllBytes(wasm));
        Module counted = metered.prepare(artefact).orThrow();
        Module plain = unmetered.prepare(artefact).orThrow();
        Means means = new Means();
        for (int kernel = 0; kernel < NAMES.size(); kernel++) {
            int index = kernel;
            String name = NAMES.get(kernel);
            Bytes input = Bytes.of((byte) kernel);
            Answer v8 = v8(script, wasm, kernel);
            double ours = fastest(metered, counted, input, v8.result);
            double bare = fastest(unmetered, plain, input, v8.result);
            figure(name + "_v8", v8.millis, "ms", 1);
            figure(name + "_metered", ours, "ms", 1);
            figure(name + "_unmetered", bare, "ms", 1);
            means.v8 += Math.log(v8.millis / ours);
            means.counting += Math.log(ours / bare);
            Optional<Answer> theirs = graal.flatMap(each -> graal(each, wasm, index));
            if (theirs.isPresent()) {
                check("GraalWasm", theirs.get().result, v8.result);
                figure(name + "_graalwasm", theirs.get().millis, "ms", 1);
                means.graal += Math.log(theirs.get().millis / ours);
                means.graals++;
            }
        }
        int n = NAMES.size();
        figure("compute_vs_v8_geomean", Math.exp(means.v8 / n), "x", n);
        figure("metering_overhead_geomean", Math.exp(means.counting / n), "x", n);
        if (means.graals == n) {
            double ratio = Math.exp(means.graal / means.graals);
            figure("compute_vs_graalwasm_geomean", ratio, "x", means.graals);
        }
    }

    /**
     * What another engine printed.
     *
     * @param millis of its fastest run
     * @param result in hex
     */
    record Answer(double millis, String result) {
        static Answer of(String said) {
            String[] words = said.strip().split("\\s+", -1);
            return new Answer(Double.parseDouble(words[words.length - 2]), words[words.length - 1]);
        }
    }

    private static Answer v8(Path script, Path wasm, int kernel) throws IOException {
        return Answer.of(
                Tools.run(
                        "apt-get install -y nodejs",
                        List.of(
                                "node",
                                script.toString(),
                                wasm.toString(),
                                Integer.toString(kernel),
                                Long.toString(BUDGET_MILLIS))));
    }

    private Optional<Answer> graal(GraalWasm graal, Path wasm, int kernel) {
        try {
            return Optional.of(graal.run(wasm, kernel, BUDGET_MILLIS));
        } catch (RefusedException | IOException e) {
            String said = String.valueOf(e.getMessage());
            report.lacks("sandbox", NAMES.get(kernel) + "_graalwasm", said);
            return Optional.empty();
        }
    }

    private static void check(String who, String result, String expected) {
        if (!result.equals(expected)) {
            throw new RefusedException(
                    ErrorCode.INTERNAL, "V8 gives " + expected + ", " + who + " " + result);
        }
    }

    /** Milliseconds of the fastest run, after the result was found to be that of V8. */
    private static double fastest(Sandbox sandbox, Module module, Bytes input, String result) {
        long begun = System.nanoTime();
        long fastest = Long.MAX_VALUE;
        Request request = Request.post(input);
        for (int n = 0;
                n < RUNS_MIN || System.nanoTime() - begun < BUDGET_MILLIS * 1_000_000;
                n++) {
            long before = THREADS.getCurrentThreadCpuTime();
            Run run = sandbox.invoke(module, request, LIMITS, RunInputs.FIXED);
            fastest = Math.min(fastest, THREADS.getCurrentThreadCpuTime() - before);
            if (!(run.outcome() instanceof Outcome.Completed(var response, _))) {
                throw new RefusedException(ErrorCode.INTERNAL, "the sandbox: " + run.outcome());
            }
            check("the sandbox", response.body().hex(), result);
        }
        return fastest / 1e6;
    }

    private void figure(String metric, double value, String unit, long n) {
        report.figure(new Figure("sandbox", metric, value, unit, n));
    }
}
