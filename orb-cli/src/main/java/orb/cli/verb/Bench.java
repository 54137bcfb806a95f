package orb.cli.verb;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Output;
import orb.cli.swarm.SandboxBench;
import orb.cli.swarm.SwarmBench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orb bench}: the published figures, measured again on this machine. */
@Command(
        name = "bench",
        description = {
            "Measures this machine.",
            "In a swarm of its own: calls a second on a node's own port and through the tracker,",
            "time from deploy to first answer, memory of an idle node.",
            "With sandbox: computing against V8 (Node.js) on the same WebAssembly, what metering"
                    + " costs,",
            "a fresh instance, and a first answer of JavaScript. Needs clang, lld and Node.js.",
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
        sandbox
    }

    @Option(names = "--seconds", defaultValue = "10", description = "Length of each load.")
    private int seconds;

    @Override
    public Integer call() throws IOException {
        Output out = options.out();
        switch (suite) {
            case swarm ->
                    new SwarmBench(Math.clamp(seconds, 1, 300)).run(figure -> show(out, figure));
            case sandbox -> new SandboxBench().run(figure -> show(out, figure));
        }
        return ExitCode.OK;
    }

    private static void show(Output out, SwarmBench.Figure figure) {
        if (out.format() == Output.Format.TABLE) {
            out.line(
                    String.format(
                            "%-8s %-28s %12.2f %-6s n=%d",
                            figure.bench(),
                            figure.metric(),
                            figure.value(),
                            figure.unit(),
                            figure.n()));
        } else {
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
}
