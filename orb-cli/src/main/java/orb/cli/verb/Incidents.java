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
            "Threats that this node noticed, and how often.",
            "",
            "  capability_denied   a run asked for a space or secret that orb.yaml does not",
            "  egress_denied       grant, or for an address",
            "  artefact_changed    an executable, or its compiled code, is not what it was;",
            "  code_changed        PEER sent it, if it came from another",
            "  fuel_limit          runs were stopped at the function's own limits, three",
            "  memory_limit        times or more with less than an hour between",
            "  time_limit",
            "  worker_lost         runs ended their worker, three times in a row",
            "  worker_violation    a worker that ran it was taken over, and was ended",
            "  false_answer        a host's answer or receipt could not be right",
            "  ledger_forked       a tracker signed another history of the ledger",
            "",
            "The same again only raises COUNT. Trackers are told within some seconds.",
            "--node with the folder of a tracker shows what its nodes said in a day, the",
            "reputation of each node (below 50 calls go elsewhere where they can) and the",
            "standing of each function, both of 100.",
            "",
            "Then: `orb fn describe OWNER/NAME` shows what a function is granted, and",
            "`orb seed OWNER/NAME --stop` ends hosting it."
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
