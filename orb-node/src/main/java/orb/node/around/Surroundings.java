package orb.node.around;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.overlay.Bandwidth;
import orb.overlay.Sightings;

/**
 * Asks linked trackers who is here, every {@link Sightings#ASK_EVERY}, and measures the way to the
 * first of them, every {@link #GAUGE_EVERY}. Not thread-safe.
 */
public final class Surroundings {
    /** Between two measurements of the way to a tracker. */
    static final Duration GAUGE_EVERY = Duration.ofHours(6);

    /** A measurement that was refused or cut short is tried again after this. */
    static final Duration GAUGE_AGAIN = Duration.ofMinutes(5);

    private final Means means;
    private final Sightings sightings = new Sightings();
    private final Map<NodeId, Instant> asked = new TreeMap<>();
    private final Gauging gauging;
    private Instant gaugeAt = Instant.MIN;

    /** What surroundings need of the node that they are a part of. */
    public interface Means {
        /** Time of the step. */
        Instant now();

        /** Trackers that welcomed this node. */
        List<NodeId> trackers();

        /** Asks one of them; {@code then} gets a refusal where it refuses or does not answer. */
        void ask(NodeId tracker, Membership question, Consumer<Message> then);

        /** Takes up the record of a peer that a tracker named. */
        void meet(Bytes record);

        /** The way to a tracker was measured. */
        void measured(Bandwidth bandwidth);
    }

    public Surroundings(Means means) {
        this.means = means;
        gauging = new Gauging(means::ask, means::now, this::measured);
    }

    /** Asks what is due; called with each heartbeat. */
    public void beat() {
        Instant now = means.now();
        for (NodeId tracker : means.trackers()) {
            Instant last = asked.getOrDefault(tracker, Instant.MIN);
            if (last.isBefore(now.minus(Sightings.ASK_EVERY))) {
                asked.put(tracker, now);
                Membership.FindPeers question =
                        new Membership.FindPeers(sightings.revision(tracker));
                means.ask(tracker, question, answer -> told(tracker, answer));
            }
        }
        if (!means.trackers().isEmpty() && !now.isBefore(gaugeAt)) {
            gaugeAt = now.plus(GAUGE_AGAIN);
            gauging.begin(means.trackers().getFirst());
        }
    }

    private void told(NodeId tracker, Message answer) {
        sightings.told(tracker, answer, means.now()).forEach(record -> means.meet(record.bytes()));
    }

    private void measured(Bandwidth bandwidth) {
        gaugeAt = means.now().plus(GAUGE_EVERY);
        means.measured(bandwidth);
    }

    /** The link to a peer is gone. */
    public void unlinked(NodeId peer) {
        asked.remove(peer);
        sightings.lost(peer);
    }

    /** Whether a tracker named this peer a short while ago. */
    public boolean isNamed(NodeId peer) {
        return sightings.isNamed(peer, means.now());
    }
}
