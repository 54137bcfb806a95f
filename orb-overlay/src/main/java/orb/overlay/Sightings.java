package orb.overlay;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;

/**
 * Who is here at second hand: whom linked trackers named when they were last asked.
 *
 * <p>A tracker names those that are linked to it and nobody whom it knows from others, so that no
 * rumour goes round. What it said counts for {@link #LIFE}, and no longer than the link to it. A
 * word of somebody else says nothing for sure; it is shown, and nothing is decided by it. Not
 * thread-safe.
 */
public final class Sightings {
    /** Between two questions to one tracker. */
    public static final Duration ASK_EVERY = Duration.ofSeconds(10);

    /** So long counts what one said, unless it says it again: two questions may be lost. */
    public static final Duration LIFE = Duration.ofSeconds(25);

    private final Map<NodeId, Told> told = new TreeMap<>();

    private record Told(long revision, Set<NodeId> who, Instant at) {
        boolean counts(Instant now) {
            return now.isBefore(at.plus(LIFE));
        }
    }

    /**
     * A tracker's answer to who is there: it counts instead of all that it named before.
     *
     * @return the records in it that hold, for those that keep them; none where nothing has changed
     *     or it has no answer
     */
    public List<SignedRecord> told(NodeId tracker, Message answer, Instant now) {
        return switch (answer) {
            case Message.Done() -> {
                told.computeIfPresent(tracker, (_, last) -> new Told(last.revision, last.who, now));
                yield List.of();
            }
            case Membership.Peers(var records, var revision) -> {
                List<SignedRecord> named =
                        records.stream()
                                .map(record -> SignedRecord.open(record, now))
                                .filter(Result::isOk)
                                .map(Result::orThrow)
                                .toList();
                Set<NodeId> who = new TreeSet<>();
                named.forEach(record -> who.add(record.id()));
                told.put(tracker, new Told(revision, who, now));
                yield named;
            }
            default -> List.of();
        };
    }

    /** The revision that a tracker told last, 0 if it told none. */
    public long revision(NodeId tracker) {
        Told last = told.get(tracker);
        return last == null ? 0 : last.revision;
    }

    /** The link to a tracker is gone: its word counts no longer. */
    public void lost(NodeId tracker) {
        told.remove(tracker);
    }

    /** Whether a tracker named this peer a short while ago. */
    public boolean isNamed(NodeId peer, Instant now) {
        return told.values().stream().anyMatch(last -> last.counts(now) && last.who.contains(peer));
    }
}
