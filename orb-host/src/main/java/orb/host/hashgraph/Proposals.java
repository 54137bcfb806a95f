package orb.host.hashgraph;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;

/**
 * The entries that this tracker has proposed and that have no place in the order yet.
 *
 * <p>An entry <em>waits</em> until the platform takes it into an event; from then on it is
 * <em>under way</em> and nobody can tell whether it will be ordered, until it is, or until its
 * event grew too old for that (then it waits again). So only an entry that waits is ever reported
 * as failed. Bounded; thread-safe.
 */
final class Proposals {
    /** At most this many entries wait or are under way; more are refused as BUSY. */
    static final int ENTRIES_MAX = 65_536;

    private static final long BYTES_MAX = 64L << 20;

    private final ArrayDeque<Proposal> waiting = new ArrayDeque<>();

    /** How often each entry is under way; the same bytes may be proposed twice. */
    private final Map<Digest, Integer> underWay = new HashMap<>();

    private final Duration patience;
    private final BiConsumer<Bytes, Refusal> failed;
    private long waitingBytes;
    private long underWayCount;
    private Optional<Refusal> stopped = Optional.empty();

    private record Proposal(Bytes entry, long nanos) {}

    /**
     * @param patience how long an entry waits for the platform before it is given up
     * @param failed is told of every entry that surely will not be ordered, and why
     */
    Proposals(Duration patience, BiConsumer<Bytes, Refusal> failed) {
        this.patience = patience;
        this.failed = failed;
    }

    /** Queues an entry, or reports why not. */
    void offer(Bytes entry, long nanos) {
        refusal(entry, nanos).ifPresent(refusal -> failed.accept(entry, refusal));
    }

    private synchronized Optional<Refusal> refusal(Bytes entry, long nanos) {
        if (stopped.isPresent()) {
            return stopped;
        }
        if (entry.length() > Roster.ENTRY_MAX) {
            return Optional.of(
                    new Refusal(
                            ErrorCode.BODY_TOO_LARGE,
                            "an entry of "
                                    + entry.length()
                                    + " bytes; trackers order at most "
                                    + Roster.ENTRY_MAX));
        }
        if (waiting.size() + underWayCount >= ENTRIES_MAX || waitingBytes >= BYTES_MAX) {
            return Optional.of(
                    new Refusal(
                            ErrorCode.BUSY,
                            ENTRIES_MAX + " proposed entries wait for their order",
                            "propose the entry again in a moment"));
        }
        waiting.add(new Proposal(entry, nanos));
        waitingBytes += entry.length();
        return Optional.empty();
    }

    /** Takes what fits into one event; it is under way from then on. */
    synchronized List<Bytes> take(int bytesMax) {
        List<Bytes> taken = new ArrayList<>();
        int room = bytesMax;
        while (!waiting.isEmpty() && waiting.element().entry().length() < room) {
            Bytes entry = waiting.remove().entry();
            waitingBytes -= entry.length();
            room -= entry.length() + 1;
            underWay.merge(Digest.of(entry), 1, Integer::sum);
            underWayCount++;
            taken.add(entry);
        }
        return taken;
    }

    /** An entry got its place, proposed by whomever. */
    synchronized void ordered(Bytes entry) {
        arrived(entry);
    }

    /** An event of this tracker can no longer be ordered: its entries wait again, first. */
    synchronized void stale(List<Bytes> entries, long nanos) {
        for (Bytes entry : entries.reversed()) {
            if (arrived(entry)) {
                waiting.addFirst(new Proposal(entry, nanos));
                waitingBytes += entry.length();
            }
        }
    }

    private boolean arrived(Bytes entry) {
        Digest digest = Digest.of(entry);
        Integer count = underWay.get(digest);
        if (count == null) {
            return false;
        }
        underWayCount--;
        if (count == 1) {
            underWay.remove(digest);
        } else {
            underWay.put(digest, count - 1);
        }
        return true;
    }

    /** Gives up what has waited for longer than the patience. */
    void expire(long nanos) {
        Refusal late =
                new Refusal(
                        ErrorCode.TIMED_OUT,
                        "the trackers took no entry for " + patience.toMillis() + " ms",
                        "more than two thirds of them must run and reach each other");
        old(nanos).forEach(entry -> failed.accept(entry, late));
    }

    private synchronized List<Bytes> old(long nanos) {
        List<Bytes> old = new ArrayList<>();
        while (!waiting.isEmpty() && nanos - waiting.element().nanos() > patience.toNanos()) {
            Bytes entry = waiting.remove().entry();
            waitingBytes -= entry.length();
            old.add(entry);
        }
        return old;
    }

    /** Refuses what waits and everything that comes. */
    void stop(Refusal refusal) {
        drained(refusal).forEach(entry -> failed.accept(entry, refusal));
    }

    private synchronized List<Bytes> drained(Refusal refusal) {
        if (stopped.isEmpty()) {
            stopped = Optional.of(refusal);
        }
        List<Bytes> entries = new ArrayList<>();
        waiting.forEach(proposal -> entries.add(proposal.entry()));
        waiting.clear();
        waitingBytes = 0;
        return entries;
    }
}
