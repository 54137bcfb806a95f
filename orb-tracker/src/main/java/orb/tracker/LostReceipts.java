package orb.tracker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.message.Calling;
import orb.kernel.message.Message;

/**
 * Receipts that did not come with their answers, because a link was lost or time ran out.
 *
 * <p>Without one the later receipts of its lane do not add up, so its host is asked for it with its
 * proof, as soon as it is there and until it says yes or no. A missing one keeps its place on its
 * lane, so there are at most sixteen of each.
 */
final class LostReceipts {
    private final Questions questions;
    private final Lanes lanes;
    private final Duration patience;
    private final Map<NodeId, List<Missing>> byHost = new TreeMap<>();

    private record Missing(Lane lane, Digest call) {}

    LostReceipts(Questions questions, Lanes lanes, TrackerConfig config) {
        this.questions = questions;
        this.lanes = lanes;
        patience = config.waits().answer();
    }

    /** It is not known whether the host ran the call. */
    void add(Lane lane, Digest call) {
        lanes.lost(lane, call);
        byHost.computeIfAbsent(lane.host(), _ -> new ArrayList<>()).add(new Missing(lane, call));
    }

    /** A host is there, or again: it is asked. */
    void joined(NodeId host) {
        List<Missing> missing = byHost.remove(host);
        if (missing != null) {
            missing.forEach(this::ask);
        }
    }

    /** Asks those hosts again that are there and could not say. */
    void sweep(Predicate<NodeId> isThere) {
        List.copyOf(byHost.keySet()).stream().filter(isThere).forEach(this::joined);
    }

    private void ask(Missing missing) {
        questions.ask(
                missing.lane.host(),
                new Calling.FindProof(missing.call, missing.lane.host()),
                patience,
                new Questions.Ending() {
                    @Override
                    public void answered(Message message) {
                        if (message instanceof Calling.Proof(var proof)) {
                            lanes.found(missing.lane, missing.call, proof);
                        }
                    }

                    @Override
                    public void refused(Refusal refusal) {
                        if (refusal.code() == ErrorCode.PROOF_REFUSED) { // it did not run it
                            lanes.notStarted(missing.lane, missing.call);
                        } else {
                            add(missing.lane, missing.call);
                        }
                    }

                    @Override
                    public void lost(Refusal refusal) {
                        add(missing.lane, missing.call);
                    }
                });
    }
}
