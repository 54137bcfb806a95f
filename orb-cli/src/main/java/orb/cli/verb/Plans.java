package orb.cli.verb;

import java.io.IOException;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code orb plan ls}: reward plans. */
@Command(
        name = "plan",
        description = "Reward plans: who pays, how much, to whom.",
        mixinStandardHelpOptions = true,
        subcommands = Plans.Ls.class)
public final class Plans {
    private Plans() {}

    /** All plans. */
    @Command(name = "ls", description = "Every plan.", mixinStandardHelpOptions = true)
    static final class Ls implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Override
        public Integer call() throws IOException {
            options.out()
                    .rows(
                            options.api().get("/v1/plans"),
                            "name",
                            "payer",
                            "base",
                            "perMillionFuel",
                            "host",
                            "owner",
                            "tracker",
                            "hash");
            return ExitCode.OK;
        }
    }
}
