package orb.cli.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import orb.cli.client.Api;
import orb.cli.client.Form;
import orb.cli.workshop.DeployForm;
import orb.cli.workshop.Workshop;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/** The sample functions that come with the program. */
public final class Samples {
    /** In the order in which they are deployed. */
    public static final List<String> NAMES = List.of("add", "wordcount", "thumbnail", "hello-js");

    private Samples() {}

    /** The folder of a sample. */
    public static Path folder(String name) {
        Path script = Peer.launcher().toAbsolutePath().resolveSibling(".").normalize();
        for (Path root : List.of(script, script.resolve("../.."))) {
            Path folder = root.resolve("examples").resolve(name).normalize();
            if (Files.exists(folder.resolve("orb.yaml"))) {
                return folder;
            }
        }
        throw new RefusedException(
                new Refusal(
                        ErrorCode.TOOL_MISSING,
                        "the samples are not beside " + script,
                        "run ./orb from the source tree"));
    }

    /** Deploys a sample and returns the node's answer. */
    public static JsonNode deploy(Api api, Plan plan, Consumer<String> stages) throws IOException {
        return deploy(api, Workshop.prebuilt(folder(plan.sample())).orThrow(), plan, stages);
    }

    /** Deploys any product; the plan's sample is not looked at. */
    public static JsonNode deploy(
            Api api, Workshop.Product product, Plan plan, Consumer<String> stages)
            throws IOException {
        Form form = DeployForm.of(product);
        form.text("name", plan.name());
        form.text("plan", plan.plan());
        form.text("replicas", "2");
        form.text("allocation", "" + plan.allocation());
        return api.follow(
                "/v1/functions",
                form.type(),
                form.content(),
                stage -> stages.accept(stage.path("kind").asText()));
    }

    /**
     * How a sample is deployed.
     *
     * @param sample its folder
     * @param name under which it is deployed
     * @param plan who pays
     * @param allocation credits set aside by the owner
     */
    public record Plan(String sample, String name, String plan, int allocation) {}
}
