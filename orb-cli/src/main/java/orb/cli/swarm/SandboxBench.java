package orb.cli.swarm;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import orb.cli.workshop.Engine;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.sandbox.Module;
import orb.sandbox.Run;
import orb.sandbox.RunInputs;
import orb.sandbox.Sandbox;

/**
 * Measures the sandbox: five kernels against V8 on the same module, metered and not, and how soon a
 * fresh instance and a script answer.
 *
 * <p>For each kernel V8 and the sandbox are measured one right after the other, by the time of the
 * processor, and the fastest run counts: that is what the code can do, whatever else the machine is
 * doing.
 */
public final class SandboxBench {
    private static final List<String> KERNELS =
            List.of("sha256", "gravity", "pancakes", "mandelbrot", "sorting");
    private static final long BUDGET_MILLIS = 4_000;

    /** At least so many runs: on a busy machine the JVM's compiler takes its time. */
    private static final int RUNS_MIN = 30;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int INSTANCES = 30_000;
    private static final int SCRIPTS = 4_000;
    private static final Limits LIMITS =
            new Limits(ByteSize.mib(16), new Fuel(1_000_000_000_000L), Duration.ofMinutes(1));
    private static final String HELLO =
            "export default { fetch(request) { return `hello ${request.method}`; } };";

    private final Sandbox metered = Engine.sandbox();
    private final Sandbox unmetered = Sandbox.withoutCounting(System::nanoTime);

    /** Measures everything; figures come as they are known. */
    public void run(Consumer<SwarmBench.Figure> each) throws IOException {
        Path folder = Files.createTempDirectory("orb-bench");
        try {
            Path wasm = compiled(folder);
            onDeepStack(() -> {
                kernels(folder, wasm, each);
                starts(wasm, each);
            });
        } finally {
            for (String name : List.of("kernels.c", "kernels.wasm", "v8.mjs")) {
                Files.deleteIfExists(folder.resolve(name));
            }
            Files.deleteIfExists(folder);
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void onDeepStack(Work work) throws IOException {
        IOException[] failed = new IOException[1];
        RuntimeException[] broken = new RuntimeException[1];
        Runnable all =
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        failed[0] = e;
                    } catch (RuntimeException e) {
                        broken[0] = e;
                    }
                };
        Thread thread = new Thread(null, all, "bench", Sandbox.STACK_BYTES.bytes());
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
        if (failed[0] != null) {
            throw failed[0];
        }
        if (broken[0] != null) {
            throw broken[0];
        }
    }

    private static Path compiled(Path folder) throws IOException {
        Path source = resource(folder, "kernels.c");
        Path wasm = folder.resolve("kernels.wasm");
        tool(
                "clang",
                "apt-get install -y clang lld",
                List.of(
                        "clang",
                        "--target=wasm32",
                        "-O2",
                        "-nostdlib",
                        "-fno-builtin-memset",
                        "-Wl,--no-entry",
                        source.toString(),
                        "-o",
                        wasm.toString()));
        return wasm;
    }

    private static Path resource(Path folder, String name) throws IOException {
        Path path = folder.resolve(name);
        try (InputStream in = SandboxBench.class.getResourceAsStream("/orb/cli/bench/" + name)) {
            if (in == null) {
                throw new IllegalStateException("this build lacks " + name);
            }
            Files.write(path, in.readAllBytes());
        }
        return path;
    }

    private void kernels(Path folder, Path wasm, Consumer<SwarmBench.Figure> each)
            throws IOException {
        Path script = resource(folder, "v8.mjs");
        Bytes artefact = Bytes.wrap(Files.readAllBytes(wasm));
        Module counted = metered.prepare(artefact).orThrow();
        Module plain = unmetered.prepare(artefact).orThrow();
        double speed = 0;
        double overhead = 0;
        for (int kernel = 0; kernel < KERNELS.size(); kernel++) {
            Bytes input = Bytes.of((byte) kernel);
            String[] v8 = v8(script, wasm, kernel);
            double theirs = Double.parseDouble(v8[0]);
            double ours = fastest(metered, counted, input, v8[1]);
            double bare = fastest(unmetered, plain, input, v8[1]);
            String name = KERNELS.get(kernel);
            each.accept(figure(name + "_v8", theirs, "ms", 1));
            each.accept(figure(name + "_metered", ours, "ms", 1));
            each.accept(figure(name + "_unmetered", bare, "ms", 1));
            speed += Math.log(theirs / ours);
            overhead += Math.log(ours / bare);
        }
        int n = KERNELS.size();
        each.accept(figure("compute_vs_v8_geomean", Math.exp(speed / n), "x", n));
        each.accept(figure("metering_overhead_geomean", Math.exp(overhead / n), "x", n));
    }

    private static String[] v8(Path script, Path wasm, int kernel) throws IOException {
        return tool(
                        "node",
                        "apt-get install -y nodejs",
                        List.of(
                                "node",
                                script.toString(),
                                wasm.toString(),
                                Integer.toString(kernel),
                                Long.toString(BUDGET_MILLIS)))
                .strip()
                .split(" ");
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
            if (!(run.outcome() instanceof Outcome.Completed(var response, _))
                    || !response.body().hex().equals(result)) {
                throw new RefusedException(
                        ErrorCode.INTERNAL,
                        "V8 gives " + result + ", the sandbox " + run.outcome());
            }
        }
        return fastest / 1e6;
    }

    private void starts(Path wasm, Consumer<SwarmBench.Figure> each) throws IOException {
        Module small = metered.prepare(Bytes.wrap(smallModule(wasm))).orThrow();
        long[] nanos = new long[INSTANCES];
        Request request = Request.post(Bytes.EMPTY);
        for (int i = 0; i < INSTANCES; i++) {
            Run run = metered.invoke(small, request, LIMITS, RunInputs.FIXED);
            nanos[i] = run.timings().instantiateNanos();
        }
        each.accept(figure("fresh_instance_p50_us", median(nanos), "us", INSTANCES));
        Module hello =
                metered.scripts().orElseThrow().compile(HELLO).then(metered::prepare).orThrow();
        long[] whole = new long[SCRIPTS];
        for (int i = 0; i < SCRIPTS; i++) {
            long begun = System.nanoTime();
            Run run = metered.invoke(hello, request, Limits.DEFAULT, RunInputs.FIXED);
            whole[i] = System.nanoTime() - begun;
            if (!(run.outcome() instanceof Outcome.Completed)) {
                throw new RefusedException(ErrorCode.INTERNAL, "the script: " + run.outcome());
            }
        }
        each.accept(figure("js_hello_cold_p50_us", median(whole), "us", SCRIPTS));
    }

    /** The sample that adds two numbers, with its two pages of memory. */
    private static byte[] smallModule(Path wasm) throws IOException {
        Path sample = Samples.folder("add").resolve("add.wasm");
        return Files.readAllBytes(Files.exists(sample) ? sample : wasm);
    }

    /** Microseconds of the middle one of the second half, when all is compiled. */
    private static double median(long[] nanos) {
        long[] settled = Arrays.copyOfRange(nanos, nanos.length / 2, nanos.length);
        Arrays.sort(settled);
        return settled[settled.length / 2] / 1e3;
    }

    private static SwarmBench.Figure figure(String metric, double value, String unit, long n) {
        return new SwarmBench.Figure("sandbox", metric, value, unit, n);
    }

    private static String tool(String name, String install, List<String> words) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(words).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new RefusedException(
                    new Refusal(ErrorCode.TOOL_MISSING, name + " is not installed", install));
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new RefusedException(
                        ErrorCode.INTERNAL, String.format(Locale.ROOT, "%s said: %s", name, said));
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
        return said;
    }
}
