package orb.node.admission;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import orb.kernel.Digest;
import orb.kernel.NodeId;

/**
 * Calls that were taken, so that each runs once: one that comes again while it is under way waits
 * for the one end of it, and one that comes later is turned away.
 *
 * <p>The newest {@link #CALLS_MAX} are remembered. Not thread-safe.
 */
public final class TakenCalls {
    static final int CALLS_MAX = 8192;

    /** So often may a peer ask again for a call that is under way. */
    static final int DOUBLES_MAX = 4;

    private final Map<Digest, Taken> calls = new LinkedHashMap<>();

    /** What becomes of a question. */
    public enum Place {
        /** Nobody asked for this call before: it is to be run. */
        FIRST,
        /** It is under way, and its end answers this question too. */
        WAITS,
        /** It was here before. */
        REFUSED
    }

    private static final class Taken {
        final NodeId peer;
        final List<Long> doubles = new ArrayList<>();
        boolean isOver;

        Taken(NodeId peer) {
            this.peer = peer;
        }
    }

    /** A peer asks for a call, as question {@code inbound}. */
    public Place take(Digest call, NodeId peer, long inbound) {
        Taken before = calls.get(call);
        if (before == null) {
            calls.put(call, new Taken(peer));
            if (calls.size() > CALLS_MAX) {
                calls.remove(calls.keySet().iterator().next());
            }
            return Place.FIRST;
        }
        if (before.isOver || !before.peer.equals(peer) || before.doubles.size() >= DOUBLES_MAX) {
            return Place.REFUSED;
        }
        before.doubles.add(inbound);
        return Place.WAITS;
    }

    /**
     * A call has ended.
     *
     * @param hasRun whether it was started; else it may be asked for again
     * @return the other questions that its end answers
     */
    public List<Long> ended(Digest call, boolean hasRun) {
        Taken taken = hasRun ? calls.get(call) : calls.remove(call);
        if (taken == null) {
            return List.of(); // forgotten by now
        }
        taken.isOver = true;
        List<Long> doubles = List.copyOf(taken.doubles);
        taken.doubles.clear();
        return doubles;
    }
}
