package orb.cli.verb;

import java.io.IOException;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code orb events}: what happens, as it happens. */
@Command(
        name = "events",
        description = "What happens on this node, a line each; --follow goes on until Ctrl-C.",
        mixinStandardHelpOptions = true)
public final class Events implements Callable<Integer> {
    @Mixin private Options options = new Options();

    @Option(
            names = {"-f", "--follow"},
            description = "Goes on with what comes.")
    private boolean follow;

    @Override
    public Integer call() throws IOException {
        options.api()
                .events(
                        "/v1/events" + (follow ? "" : "?follow=false"),
                        event -> options.out().event(event, "at", "kind", "subject", "detail"));
        return ExitCode.OK;
    }
}
