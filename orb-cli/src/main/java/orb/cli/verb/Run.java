package orb.cli.verb;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.api.Outcomes;
import orb.cli.client.Output;
import orb.cli.workshop.Trial;
import orb.kernel.Bytes;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orb run}: a function alone, with no swarm. */
@Command(
        name = "run",
        description = {
            "Runs a function here, in the sandbox, with no node and no network.",
            "A native program (entry: process) runs behind the walls of this machine instead."
        },
        mixinStandardHelpOptions = true)
public final class Run implements Callable<Integer> {
    @Mixin private Options options = new Options();

    @Parameters(
            paramLabel = "FILE|DIR",
            description =
                    "A .orb file, a .wasm module, a .js script, a program, or a folder with"
                            + " orb.yaml.")
    private Path file = Path.of(".");

    @Option(
            names = {"-d", "--data"},
            paramLabel = "TEXT|@FILE",
            description = "The body; without it the sample input.")
    private Optional<String> data = Optional.empty();

    @Option(names = "--path", description = "Path below the function.")
    private Optional<String> path = Optional.empty();

    @Option(names = "--query", description = "Query, such as w=128.")
    private Optional<String> query = Optional.empty();

    @Option(names = "--save", paramLabel = "FILE", description = "Writes the answer's body there.")
    private Optional<Path> save = Optional.empty();

    @Override
    public Integer call() throws IOException {
        Optional<Bytes> body =
                data.isPresent()
                        ? Optional.of(Bytes.wrap(Call.content(data.get())))
                        : Optional.empty();
        Trial.Ran ran = Trial.run(file, new Trial.Input(body, path, query));
        String logs = ran.explain().apply(ran.run().logs().utf8());
        if (!logs.isEmpty()) {
            options.out().say(logs.stripTrailing());
        }
        if (!(ran.run().outcome() instanceof Outcome.Completed(var response, var used))) {
            Refusal refusal = Outcomes.refusal(ran.run().outcome());
            throw new RefusedException(
                    new Refusal(
                            refusal.code(), ran.explain().apply(refusal.what()), refusal.next()));
        }
        if (save.isPresent()) {
            Files.write(save.get(), response.body().array());
        } else if (options.out().format() == Output.Format.TABLE) {
            System.out.write(response.body().array());
            System.out.println();
        }
        ObjectNode facts = JsonNodeFactory.instance.objectNode();
        facts.put("status", response.status());
        facts.put("fuel", used.units());
        facts.put("peakMemory", (long) ran.run().peakPages() << 16);
        facts.put("prepareMillis", ran.prepareNanos() / 1_000_000.0);
        facts.put("runMillis", ran.run().timings().runNanos() / 1_000_000.0);
        if (options.out().format() == Output.Format.TABLE) {
            options.out().say(facts.toString());
        } else {
            options.out().object(facts.put("body", response.body().utf8()));
        }
        return ExitCode.OK;
    }
}
