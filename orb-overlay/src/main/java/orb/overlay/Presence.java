package orb.overlay;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import orb.kernel.NodeId;

/**
 * Who is alive, suspect, dead or left, by links and beats.
 *
 * <p>The states are SWIM's (Das, Gupta, Motivala, 2002). A peer joins under an incarnation, the
 * sequence number of its record; one that is lower than the known one is an old claim and changes
 * nothing. A beat keeps a peer alive only while it is linked, so that nothing but joining again
 * brings a dead peer back. Live peers are kept in the order of their last beat: a sweep looks only
 * at those that are overdue. Not thread-safe.
 */
public final class Presence {
    /** Why a link ends that a peer hangs up for good; it has left then, and is not dead. */
    public static final String GOODBYE = "left";

    private final Timeouts timeouts;
    private final Map<NodeId, Sight> live = new LinkedHashMap<>(); // oldest beat first
    private final Map<NodeId, Sight> gone = new LinkedHashMap<>();

    /** What is believed of a peer. */
    public enum State {
        /** It beats. */
        ALIVE,
        /** It did not beat for a while. */
        SUSPECT,
        /** Its link was lost, or it did not beat for long. */
        DEAD,
        /** It said goodbye. */
        LEFT;

        /** What people read. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        public boolean isLive() {
            return this == ALIVE || this == SUSPECT;
        }
    }

    /**
     * When silence means what.
     *
     * @param suspectAfter without a beat
     * @param deadAfter without a beat
     * @param goneMax peers that are remembered after they are gone; the oldest are forgotten
     */
    public record Timeouts(Duration suspectAfter, Duration deadAfter, int goneMax) {
        public static final Timeouts DEFAULT =
                new Timeouts(Duration.ofSeconds(3), Duration.ofSeconds(5), 10_000);

        public Timeouts {
            require(
                    suspectAfter.isPositive() && suspectAfter.compareTo(deadAfter) < 0,
                    "suspect after %s comes before dead after %s",
                    suspectAfter,
                    deadAfter);
            require(goneMax >= 0, "goneMax is not negative: %d", goneMax);
        }
    }

    /** A peer's state became another. */
    public record Change(NodeId peer, State before, State after) {}

    /** What is believed of a peer, and since which beat. */
    public record Sight(State state, long incarnation, Instant lastSeen) {}

    public Presence(Timeouts timeouts) {
        this.timeouts = timeouts;
    }

    /**
     * A linked peer said who it is.
     *
     * @return whether it counts; false for an incarnation below the one that is known
     */
    public boolean join(NodeId peer, long incarnation, Instant now) {
        Optional<Sight> known = sight(peer);
        if (known.isPresent() && incarnation < known.get().incarnation()) {
            return false;
        }
        gone.remove(peer);
        live.remove(peer);
        live.put(peer, new Sight(State.ALIVE, incarnation, now));
        return true;
    }

    /** A linked peer beat or asked something; the change if it was suspect. */
    public Optional<Change> beat(NodeId peer, Instant now) {
        Sight sight = live.remove(peer); // and back in at the end of the order
        if (sight == null) {
            return Optional.empty();
        }
        live.put(peer, new Sight(State.ALIVE, sight.incarnation(), now));
        return sight.state() == State.ALIVE
                ? Optional.empty()
                : Optional.of(new Change(peer, sight.state(), State.ALIVE));
    }

    /** A peer's link is gone; {@code clean} if it said goodbye before. */
    public Optional<Change> unlinked(NodeId peer, boolean clean) {
        Sight sight = live.get(peer);
        if (sight == null) {
            return Optional.empty();
        }
        State after = clean ? State.LEFT : State.DEAD;
        bury(peer, sight, after);
        return Optional.of(new Change(peer, sight.state(), after));
    }

    /** Those whose silence has become too long; call it at least once a second. */
    public List<Change> sweep(Instant now) {
        List<Map.Entry<NodeId, Sight>> overdue = new ArrayList<>();
        for (Map.Entry<NodeId, Sight> entry : live.entrySet()) {
            if (entry.getValue().lastSeen().plus(timeouts.suspectAfter()).isAfter(now)) {
                break; // all later ones beat later
            }
            overdue.add(Map.entry(entry.getKey(), entry.getValue()));
        }
        List<Change> changes = new ArrayList<>();
        for (Map.Entry<NodeId, Sight> entry : overdue) {
            NodeId peer = entry.getKey();
            Sight sight = entry.getValue();
            boolean dead = !sight.lastSeen().plus(timeouts.deadAfter()).isAfter(now);
            if (dead) {
                bury(peer, sight, State.DEAD);
                changes.add(new Change(peer, sight.state(), State.DEAD));
            } else if (sight.state() == State.ALIVE) {
                // in its old place: the order is that of beats
                live.put(peer, new Sight(State.SUSPECT, sight.incarnation(), sight.lastSeen()));
                changes.add(new Change(peer, State.ALIVE, State.SUSPECT));
            }
        }
        return List.copyOf(changes);
    }

    /** What is believed of a peer; empty if it never joined or was forgotten. */
    public Optional<Sight> sight(NodeId peer) {
        Sight sight = live.get(peer);
        return Optional.ofNullable(sight != null ? sight : gone.get(peer));
    }

    /** Peers that are alive or suspect, the longest silent first. */
    public List<NodeId> live() {
        return List.copyOf(live.keySet());
    }

    public int liveCount() {
        return live.size();
    }

    private void bury(NodeId peer, Sight sight, State after) {
        live.remove(peer);
        gone.remove(peer);
        gone.put(peer, new Sight(after, sight.incarnation(), sight.lastSeen()));
        if (gone.size() > timeouts.goneMax()) {
            gone.remove(gone.keySet().iterator().next());
        }
    }
}
