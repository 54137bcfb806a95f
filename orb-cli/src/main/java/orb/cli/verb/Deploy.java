package orb.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Form;
import orb.cli.client.Output;
import orb.cli.workshop.DeployForm;
import orb.cli.workshop.Workshop;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orb deploy}: from a folder to a URL. */
@Command(
        name = "deploy",
        description = "Builds a function and gives it to the swarm; prints its URL.",
        mixinStandardHelpOptions = true)
public final class Deploy implements Callable<Integer> {
    @Mixin private Options options = new Options();

    @Parameters(paramLabel = "DIR", defaultValue = ".", description = "Folder with an orb.yaml.")
    private Path folder = Path.of(".");

    @Option(
            names = "--plan",
            description = "Who pays: metered, sponsored or both. Default: what orb.yaml says.")
    private Optional<String> plan = Optional.empty();

    @Option(names = "--name", description = "Default: what orb.yaml says.")
    private Optional<String> name = Optional.empty();

    @Option(names = "--replicas", description = "Default: what orb.yaml says.")
    private Optional<Integer> replicas = Optional.empty();

    @Option(
            names = "--allocation",
            paramLabel = "CREDITS",
            description =
                    "Set aside for calls that the plan lets you pay. Default: 5, metered: none.")
    private Optional<Long> allocation = Optional.empty();

    @Override
    public Integer call() throws IOException {
        Workshop.Product product = Workshop.make(folder).orThrow();
        String chosen = plan.or(() -> product.manifest().plan()).orElseGet(this::askForPlan);
        if (!product.manifest().grants().isNone()) {
            options.out().say("  grants    " + product.manifest().grants());
        }
        Form form = DeployForm.of(product);
        form.text("name", name.orElse(product.manifest().name()));
        form.text("plan", chosen);
        form.text("replicas", "" + replicas.orElse(product.manifest().replicas()));
        form.text("allocation", "" + allocation.orElse(chosen.equals("metered") ? 0L : 5L));
        try {
            JsonNode deployed =
                    options.api()
                            .follow(
                                    "/v1/functions",
                                    form.type(),
                                    form.content(),
                                    stage -> options.out().say(line(stage)));
            options.out().object(deployed);
        } catch (RefusedException e) {
            throw explained(product, e);
        }
        return ExitCode.OK;
    }

    /** A failing trial says where in the source, which the node does not have. */
    private static RefusedException explained(Workshop.Product product, RefusedException refused) {
        Refusal refusal = refused.refusal();
        return new RefusedException(
                new Refusal(refusal.code(), product.explain(refusal.what()), refusal.next()));
    }

    private static String line(JsonNode stage) {
        String kind = stage.path("kind").asText();
        return String.format(
                "  %-9s %s",
                kind.substring(kind.lastIndexOf('.') + 1),
                Output.printable(stage.path("detail").asText()));
    }

    private String askForPlan() {
        Console console =
                Options.terminal()
                        .orElseThrow(() ->
                                new RefusedException(
                                        new Refusal(
                                                ErrorCode.NO_PLAN,
                                                "orb.yaml names no plan and there is no"
                                                        + " terminal to ask",
                                                "add --plan metered, --plan sponsored or"
                                                        + " --plan both")));
        options.out().say("metered    whoever calls pays each call");
        options.out().say("sponsored  you pay each call from your allocation");
        options.out().say("both       callers pay the first 1,000 calls, you the rest");
        String typed = console.readLine("Plan: ");
        return typed == null ? "" : typed.strip();
    }

    /** {@code orb quote}. */
    @Command(
            name = "quote",
            description = "What deploying would cost: runs the sample here, sends nothing.",
            mixinStandardHelpOptions = true)
    public static final class Quote implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "DIR", defaultValue = ".")
        private Path folder = Path.of(".");

        @Override
        public Integer call() throws IOException {
            options.out().object(quote(options, folder));
            return ExitCode.OK;
        }
    }

    /** {@code orb fn profile}. */
    @Command(
            name = "profile",
            description = "How complex a function is: fuel and memory on its sample input.",
            mixinStandardHelpOptions = true)
    static final class Profile implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "DIR", defaultValue = ".")
        private Path folder = Path.of(".");

        @Override
        public Integer call() throws IOException {
            JsonNode quote = quote(options, folder);
            ObjectNode profile = JsonNodeFactory.instance.objectNode();
            profile.set("complexity", quote.path("complexity"));
            profile.set("peakMemory", quote.path("peakMemory"));
            profile.set("gasSchedule", quote.path("gasSchedule"));
            if (options.out().format() == Output.Format.TABLE) {
                options.out().say("fuel is counted, not timed: the same on every machine");
            }
            options.out().object(profile);
            return ExitCode.OK;
        }
    }

    private static JsonNode quote(Options options, Path folder) throws IOException {
        Workshop.Product product = Workshop.make(folder).orThrow();
        Form form = DeployForm.of(product);
        try {
            return options.api().post("/v1/quote", form.type(), form.content());
        } catch (RefusedException e) {
            throw explained(product, e);
        }
    }
}
