package orb.cli.verb;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.bench.Figure;
import orb.cli.bench.OrderingBench;
import orb.cli.bench.ProofBench;
import orb.cli.bench.Report;
import orb.cli.bench.SandboxBench;
import orb.cli.bench.StartBench;
import orb.cli.bench.SwarmBench;
import orb.cli.client.Output;
import orb.cli.swarm.Samples;
import orb.kernel.Bytes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orb bench}: the published figures, measured again on this machine. */
@Command(
        name = "bench",
        description = {
            "Measures this machine.",
            "swarm: memory and processor time of idle peers; calls a second, latency and processor",
            "  time per call on a node's own port and through the tracker, beside a bare Node.js",
            "  server under the same load; time from deploy to first answer.",
            "sandbox: computing against V8 (Node.js) and GraalWasm on the same WebAssembly, what",
            "  metering costs, a fresh instance, a first answer of JavaScript, and `orb serve`",
            "  beside workerd; many functions on one node, and a polite one beside 500 endless"
                    + " ones.",
            "  Needs clang, lld, wrk and Node.js; fetches GraalWasm with Maven and",
            "  workerd with npm into ~/.cache/orb/bench, and says what it could not fetch.",
            "start: how soon one work unit begins, p50 and p99, and its memory: a fresh instance in"
                    + " a",
            "  warm worker, as a node runs each call, and a fresh process for one call; a module",
            "  and JavaScript each.",
            "ledger: four trackers that agree on an order of entries; size of a proof, time to",
            "  verify it and to replay a million entries.",
            "Under -o json one object a line: bench, metric, value, unit, n."
        },
        mixinStandardHelpOptions = true)
public final class Bench implements Callable<Integer> {
    @Mixin private Options options = new Options();

    @Parameters(
            arity = "0..1",
            paramLabel = "SUITE",
            defaultValue = "swarm",
            description = "What to measure: ${COMPLETION-CANDIDATES}.")
    private Suite suite = Suite.swarm;

    /** What can be measured, by the word that asks for it. */
    enum Suite {
        swarm,
        sandbox,
        start,
        ledger
    }

    @Option(
            names = "--seconds",
            defaultValue = "10",
            description = "Length of each load on a swarm.")
    private int seconds;

    @Option(
            names = "--entries",
            defaultValue = "20000",
            description = "What each tracker proposes to the ledger.")
    private int entries;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description = "Parts of the sandbox's figures: ${COMPLETION-CANDIDATES}.")
    private Set<SandboxBench.Part> parts = EnumSet.allOf(SandboxBench.Part.class);

    @Option(
            names = "--functions",
            defaultValue = "10000",
            description = "How many different functions a node gets.")
    private int functions;

    @Option(
            names = "--deploy-seconds",
            defaultValue = "60",
            description = "How long it may take to deploy those functions.")
    private int deploySeconds;

    @Override
    public Integer call() throws IOException {
        switch (suite) {
            case swarm -> new SwarmBench(Math.clamp(seconds, 1, 300)).run(this::show);
            case sandbox ->
                    new SandboxBench(
                                    parts,
                                    Math.clamp(functions, 1, 10_000),
                                    Duration.ofSeconds(Math.clamp(deploySeconds, 1, 36_000)))
                            .run(new Shown());
            case start -> {
                Path sample = Samples.folder("add").resolve("add.wasm");
                Bytes module = Bytes.wrap(Files.readAllBytes(sample));
                new StartBench(module, StartBench.Counts.STANDARD, new Shown()).run();
            }
            case ledger -> {
                new OrderingBench(Math.clamp(entries, 1_000, 1_000_000)).run(this::show);
                new ProofBench().run(this::show);
            }
        }
        return ExitCode.OK;
    }

    private final class Shown implements Report {
        @Override
        public void figure(Figure figure) {
            show(figure);
        }

        @Override
        public void beside(String bench, String program, String version) {
            tell(bench, "beside", program, "version", version);
        }

        @Override
        public void lacks(String bench, String what, String why) {
            tell(bench, "lacks", what, "why", why);
        }
    }

    private void tell(String bench, String what, String name, String how, String text) {
        Output out = options.out();
        if (out.format() == Output.Format.TABLE) {
            out.line(String.format("%-8s %s %s: %s", bench, what, name, text));
            return;
        }
        out.event(
                JsonNodeFactory.instance
                        .objectNode()
                        .put("bench", bench)
                        .put(what, name)
                        .put(how, text));
    }

    private void show(Figure figure) {
        Output out = options.out();
        if (out.format() == Output.Format.TABLE) {
            out.line(
                    String.format(
                            "%-8s %-28s %12.2f %-6s n=%d",
                            figure.bench(),
                            figure.metric(),
                            figure.value(),
                            figure.unit(),
                            figure.n()));
            return;
        }
        out.event(
                JsonNodeFactory.instance
                        .objectNode()
                        .put("bench", figure.bench())
                        .put("metric", figure.metric())
                        .put("value", figure.value())
                        .put("unit", figure.unit())
                        .put("n", figure.n()));
    }
}
