package orb.tracker;

import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.kernel.Request;
import orb.kernel.message.Message;
import orb.kernel.port.Command;
import orb.tracker.analytics.Analytics;

/** What HTTP callers and the operator may ask of a tracker. */
public sealed interface TrackerCommand extends Command {
    /**
     * Calls a function by its URL; {@link TrackerReply.Called}.
     *
     * @param token the access token that the caller showed
     */
    record Call(FunctionName function, Request request, Optional<Bytes> token)
            implements TrackerCommand {}

    /** A question of the registry that anyone may ask, in a peer's words; the answer likewise. */
    record Ask(Message question) implements TrackerCommand {}

    /** What its nodes use; {@link TrackerReply.Use}. */
    record FindUse() implements TrackerCommand {}

    /** Threats that it and its nodes noticed; {@link TrackerReply.Incidents}. */
    record FindIncidents() implements TrackerCommand {}

    /**
     * Calls, latency and rewards by function, node and hour; {@link TrackerReply.Sums}.
     *
     * @param function all if it is empty; refused if there is none of that name
     */
    record FindUsage(Optional<FunctionName> function, Analytics.Where where)
            implements TrackerCommand {}

    /** This tracker's state; {@link TrackerReply.Status}. */
    record FindStatus() implements TrackerCommand {}

    /** The swarm's genesis, trackers and newest final checkpoint; {@link TrackerReply.Log}. */
    record FindLog() implements TrackerCommand {}

    /**
     * A tile of the log's tree; {@link TrackerReply.Tile}.
     *
     * @param level 0..7
     * @param index from 0
     * @param width hashes in it, 1..256
     */
    record FindTile(int level, long index, int width) implements TrackerCommand {}

    /** The receipt of a call with its proof, fetched from its host; {@link TrackerReply.Told}. */
    record FindProof(Digest call) implements TrackerCommand {}
}
