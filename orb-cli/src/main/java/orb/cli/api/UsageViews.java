package orb.cli.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import orb.host.web.Exchange;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.RefusedException;
import orb.tracker.TrackerCommand;
import orb.tracker.analytics.Analytics;
import orb.tracker.analytics.Usage;

/** Calls, latency and rewards by function, node and hour, as they are asked for and shown. */
final class UsageViews {
    /** The end of the year 9999, as everywhere. */
    private static final Instant LATEST = Instant.ofEpochMilli(253_402_300_799_999L);

    private UsageViews() {}

    /**
     * @throws RefusedException with BAD_ARGUMENT if a filter cannot be read
     */
    static TrackerCommand.FindUsage wanted(Exchange exchange) {
        return new TrackerCommand.FindUsage(
                exchange.query("fn").map(FunctionName::parse),
                new Analytics.Where(
                        exchange.query("node").map(NodeId::parse),
                        exchange.query("from").map(UsageViews::time).orElse(Instant.EPOCH),
                        exchange.query("to").map(UsageViews::time).orElse(LATEST)));
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new RefusedException(
                    ErrorCode.BAD_ARGUMENT,
                    "a time is written like 2026-11-28T13:00:00Z, not " + text);
        }
    }

    static ObjectNode of(Usage usage) {
        ObjectNode all = Views.object();
        all.set("rows", Views.list(usage.rows(), row -> row(row, usage.names())));
        all.set("total", sum(Views.object(), usage.total()));
        return all.put("isCut", usage.isCut());
    }

    private static ObjectNode row(Usage.Row row, Map<FunctionId, FunctionName> names) {
        String function =
                Optional.ofNullable(names.get(row.function()))
                        .map(FunctionName::toString)
                        .orElseGet(row.function()::toString);
        return sum(
                Views.object()
                        .put("hour", row.hour().toString())
                        .put("function", function)
                        .put("node", row.node().toString()),
                row.sum());
    }

    private static ObjectNode sum(ObjectNode node, Usage.Sum sum) {
        return node.put("calls", sum.calls())
                .put("paidMicro", sum.rewards().paid().micro())
                .put("hostMicro", sum.rewards().host().micro())
                .put("ownerMicro", sum.rewards().owner().micro())
                .put("trackerMicro", sum.rewards().tracker().micro())
                .put("answers", sum.seen().answers())
                .put("p50Micros", sum.seen().p50Micros())
                .put("p99Micros", sum.seen().p99Micros());
    }
}
