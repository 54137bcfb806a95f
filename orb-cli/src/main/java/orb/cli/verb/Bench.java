package orb.cli.verb;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Output;
import orb.cli.swarm.SwarmBench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code orb bench}: the published figures, measured again on this machine. */
@Command(
        name = "bench",
        description = {
            "Measures this machine.",
            "In a swarm of its own: memory and processor time of idle peers; calls a second,"
                    + " latency",
            "and processor time per call on a node's own port and through the tracker, beside a"
                    + " bare",
            "Node.js server under the same load; time from deploy to first answer.",
            "Under -o json one object a line: bench, metric, value, unit, n."
        },
        mixinStandardHelpOptions = true)
public final class Bench implements Callable<Integer> {
    @Mixin private Options options = new Options();

    @Option(names = "--seconds", defaultValue = "10", description = "Length of each load.")
    private int seconds;

    @Override
    public Integer call() throws IOException {
        Output out = options.out();
        new SwarmBench(Math.clamp(seconds, 1, 300))
                .run(figure -> {
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
                });
        return ExitCode.OK;
    }
}
