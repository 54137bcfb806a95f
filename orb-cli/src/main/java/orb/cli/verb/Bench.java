package orb.cli.verb;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Output;
import orb.cli.swarm.OrderingBench;
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
            "`bench ledger`: four trackers that agree on an order of entries.",
            "Under -o json one object a line: bench, metric, value, unit, n."
        },
        mixinStandardHelpOptions = true)
public final class Bench implements Callable<Integer> {
    @Mixin private Options options = new Options();

    @Option(names = "--seconds", defaultValue = "10", description = "Length of each load.")
    private int seconds;

    @Option(
            names = "--entries",
            defaultValue = "20000",
            description = "What each tracker proposes in `bench ledger`.")
    private int entries;

    @Parameters(arity = "0..1", paramLabel = "ledger", description = "That bench alone.")
    private Optional<Subject> subject = Optional.empty();

    /** What can be measured by itself. */
    enum Subject {
        LEDGER
    }

    @Override
    public Integer call() throws IOException {
        if (subject.isPresent()) {
            new OrderingBench(Math.clamp(entries, 1_000, 1_000_000)).run(this::show);
        } else {
            new SwarmBench(Math.clamp(seconds, 1, 300)).run(this::show);
        }
        return ExitCode.OK;
    }

    private void show(SwarmBench.Figure figure) {
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
