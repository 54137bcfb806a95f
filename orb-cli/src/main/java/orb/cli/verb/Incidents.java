package orb.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Output;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code orb incidents}: threats that a node or a tracker noticed, and what followed. */
@Command(
        name = "incidents",
        description = {
            "Threats that this node noticed: what functions tried, what they used up, what"
                    + " changed.",
            "",
            "  capability_denied, egress_denied   a run asked for what orb.yaml does not grant it",
            "  artefact_changed, code_changed     an executable or its compiled code is not what it"
                    + " was;",
            "                                     peer: who sent it, if it came from another",
            "  fuel_limit, memory_limit,          runs were stopped at the function's own limits,",
            "  time_limit                         three times or more within an hour each",
            "  worker_lost, worker_violation      runs ended their worker, or took it over",
            "  false_answer                       a host's answer or receipt could not be right",
            "",
            "The same again only raises COUNT. Trackers are told within five seconds. With --node"
                    + " and the",
            "folder of a tracker: what all nodes of the last day say, the reputation of each node",
            "(calls go elsewhere below 50) and the standing of each function, both of 100.",
            "",
            "Then: orb fn describe OWNER/NAME shows what is granted, orb unseed OWNER/NAME stops"
                    + " hosting."
        },
        mixinStandardHelpOptions = true)
public final class Incidents implements Callable<Integer> {
    @Mixin private Options options = new Options();

    @Override
    public Integer call() throws IOException {
        JsonNode all = options.api().get("/v1/incidents");
        Output out = options.out();
        if (out.format() != Output.Format.TABLE) {
            out.object(all);
        } else if (all.has("nodes")) {
            out.rows(
                    all.path("incidents"),
                    "node",
                    "kind",
                    "function",
                    "peer",
                    "count",
                    "first",
                    "last",
                    "detail");
            out.line("");
            out.rows(all.path("nodes"), "node", "owner", "reputation", "trusted");
            out.line("");
            out.rows(all.path("functions"), "function", "owner", "standing");
        } else {
            out.rows(
                    all.path("incidents"),
                    "kind",
                    "function",
                    "peer",
                    "count",
                    "first",
                    "last",
                    "detail");
        }
        return ExitCode.OK;
    }
}
