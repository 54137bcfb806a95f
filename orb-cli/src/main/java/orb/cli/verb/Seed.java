package orb.cli.verb;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.kernel.FunctionName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orb seed}: hosts somebody's function for pay. */
@Command(
        name = "seed",
        description = "Hosts a function on this node; its calls earn credits.",
        mixinStandardHelpOptions = true)
public final class Seed implements Callable<Integer> {
    @Mixin private Options options = new Options();

    @Parameters(paramLabel = "OWNER/NAME")
    private String function = "";

    @Option(names = "--stop", description = "Hosts it no longer.")
    private boolean stop;

    @Override
    public Integer call() throws IOException {
        FunctionName name = FunctionName.parse(function);
        if (stop) {
            options.api().delete("/v1/seeds/" + name.owner() + "/" + name.name());
            options.out().line("no longer seeding " + name);
        } else {
            options.api()
                    .post(
                            "/v1/seeds",
                            JsonNodeFactory.instance.objectNode().put("function", name.toString()));
            options.out().line("seeding " + name);
        }
        return ExitCode.OK;
    }
}
