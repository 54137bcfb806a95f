package orb.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import orb.sandbox.Sandbox;

/**
 * Measures the sandbox beside what people would take instead: computing, starting, serving.
 *
 * <p>What other programs are needed for it and cannot be had is named, and the rest is measured.
 */
public final class SandboxBench {
    /** What can be measured alone. */
    public enum Part {
        COMPUTE,
        START,
        HTTP,
        MANY,
        NEIGHBOURS
    }

    private final Set<Part> parts;
    private final int functions;
    private final Duration deploying;

    /**
     * @param parts what to measure
     * @param functions that are deployed at most, to measure many
     * @param deploying how long deploying those may take
     */
    public SandboxBench(Set<Part> parts, int functions, Duration deploying) {
        this.parts = parts;
        this.functions = functions;
        this.deploying = deploying;
    }

    /** Measures; figures come as they are known. */
    public void run(Report report) throws IOException {
        Path folder = Files.createTempDirectory("orb-bench");
        try {
            if (parts.contains(Part.COMPUTE)) {
                onDeepStack(new Kernels(folder, report)::run);
            }
            if (parts.contains(Part.START)) {
                onDeepStack(() -> Starts.run(report));
            }
            if (parts.contains(Part.HTTP)) {
                new BesideWorkerd(folder, report).run();
            }
            if (parts.contains(Part.MANY)) {
                new ManyFunctions(folder.resolve("code"), functions, deploying, report).run();
            }
            if (parts.contains(Part.NEIGHBOURS)) {
                new Neighbours(folder, report).run();
            }
        } finally {
            Tools.erase(folder);
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
}
