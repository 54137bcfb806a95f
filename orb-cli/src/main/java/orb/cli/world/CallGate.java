package orb.cli.world;

import java.util.ArrayList;
import java.util.List;
import orb.cli.api.Outcomes;
import orb.host.gateway.CallReply;
import orb.kernel.Digest;
import orb.kernel.Header;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Timing;

/** Turns what became of a call into an HTTP answer; the same on nodes and trackers. */
final class CallGate {
    private CallGate() {}

    /**
     * Answers a call, with headers that say who served it and how to get its receipt.
     *
     * @param api base URL of a control plane that the caller can reach, where the receipt's proof
     *     is; empty if there is none
     */
    static void answer(CallReply reply, Ended ended, String api) {
        List<Header> own = new ArrayList<>(5);
        String call = ended.call().hex();
        own.add(new Header("x-orb-call", call));
        if (!(ended.outcome() instanceof Outcome.Refused)) {
            own.add(new Header("x-orb-served-by", ended.host().toString()));
            own.add(new Header("x-orb-fuel", Long.toString(ended.outcome().used().units())));
            own.add(new Header("x-orb-micros", Long.toString(ended.timing().runNanos() / 1000)));
            if (!api.isEmpty()) {
                own.add(new Header("x-orb-receipt", api + "/v1/calls/" + call + "/proof"));
            }
        }
        if (ended.outcome() instanceof Outcome.Completed(var response, _)) {
            reply.send(response, own);
        } else {
            reply.refuse(Outcomes.refusal(ended.outcome()), own);
        }
    }

    /** A call that has its outcome. */
    record Ended(Digest call, Outcome outcome, NodeId host, Timing timing) {}
}
