package orb.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Api;
import orb.cli.client.Output;
import orb.kernel.Credits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code orb earnings}: what hosting brought in, by the hour and by the function.
 *
 * <p>Hours are what the ledger has paid, from the account's movements; functions are this host's
 * share of its own receipts, which may not be settled yet. Once all is settled both sums agree.
 */
@Command(
        name = "earnings",
        description = {
            "What hosting brought in, by the hour and by the function.",
            "Hours are as the ledger has paid them; functions as this node's receipts say, whether",
            "settled yet or not."
        },
        mixinStandardHelpOptions = true)
public final class Earnings implements Callable<Integer> {
    private static final int PAGE = 400; // below the most rows that a peer gives

    @Mixin private Options options = new Options();

    @Override
    public Integer call() throws IOException {
        Api api = options.api();
        ObjectNode earnings = JsonNodeFactory.instance.objectNode();
        ArrayNode hours = earnings.putArray("hours");
        long paid = 0;
        for (Map.Entry<String, Long> hour : hours(api).descendingMap().entrySet()) {
            credits(hours.addObject().put("hour", hour.getKey()), "income", hour.getValue());
            paid += hour.getValue();
        }
        ArrayNode functions = earnings.putArray("functions");
        long earned = 0;
        for (JsonNode each : api.get("/v1/stats")) {
            long micro = each.path("earnedMicro").asLong();
            if (micro > 0) {
                ObjectNode row = functions.addObject();
                row.put("function", each.path("function").asText());
                row.put("calls", each.path("calls").asLong());
                credits(row, "earned", micro);
                earned += micro;
            }
        }
        credits(earnings, "paid", paid);
        credits(earnings, "earned", earned);
        show(earnings);
        return ExitCode.OK;
    }

    /** Host's shares by the hour in which the ledger paid them. */
    private static NavigableMap<String, Long> hours(Api api) throws IOException {
        NavigableMap<String, Long> hours = new TreeMap<>();
        long before = Long.MAX_VALUE;
        for (; ; ) {
            JsonNode page = api.get("/v1/wallet/history?limit=" + PAGE + "&before=" + before);
            for (JsonNode row : page) {
                before = Math.min(before, row.path("index").asLong());
                if (row.path("kind").asText().equals("seed")) {
                    String hour = row.path("at").asText().substring(0, 13) + ":00Z";
                    hours.merge(hour, row.path("amountMicro").asLong(), Long::sum);
                }
            }
            if (page.size() < PAGE) {
                return hours;
            }
        }
    }

    private static void credits(ObjectNode node, String name, long micro) {
        node.put(name, new Credits(micro).toString()).put(name + "Micro", micro);
    }

    private void show(ObjectNode earnings) {
        Output out = options.out();
        if (out.format() != Output.Format.TABLE) {
            out.object(earnings);
            return;
        }
        out.rows(earnings.path("hours"), "hour", "income");
        out.line("");
        out.rows(earnings.path("functions"), "function", "calls", "earned");
        out.line("");
        out.line("paid " + earnings.path("paid").asText());
        out.line("earned " + earnings.path("earned").asText());
    }
}
