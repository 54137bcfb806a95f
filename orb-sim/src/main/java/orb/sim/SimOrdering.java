package orb.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import orb.kernel.Bytes;

/**
 * One order of entries for several trackers, as an asynchronous agreement gives it: no leader, no
 * progress without more than two thirds, and every tracker hears of it in its own time.
 *
 * <p>What a crashed tracker had proposed and nobody had heard of is lost; what was agreed is never
 * lost, for it is on more than a third of the disks. A tracker that was away is given what it
 * missed. The protocol itself is the ordering engine's own business and is not simulated.
 */
final class SimOrdering {
    private static final Duration RETRY = Duration.ofMillis(200);
    private static final Duration CATCH_UP = Duration.ofMillis(100);
    private static final int HEARD_MILLIS_MOST = 80;
    private static final int AGREED_MILLIS_LEAST = 50;
    private static final int AGREED_MILLIS_MOST = 500;
    private static final int TOLD_MILLIS_MOST = 200;

    private final SimSwarm swarm;
    private final RandomGenerator chance;
    private final List<SimDisk.LoggedEntry> agreed = new ArrayList<>();

    SimOrdering(SimSwarm swarm, RandomGenerator chance) {
        this.swarm = swarm;
        this.chance = chance;
    }

    /**
     * A tracker proposes an entry; after a while it has its place, or is lost with its proposer.
     */
    void propose(SimPeer tracker, Bytes entry) {
        int process = tracker.process();
        swarm.agenda()
                .after(
                        Duration.ofMillis(1 + chance.nextInt(HEARD_MILLIS_MOST)),
                        () -> heard(tracker, process, entry));
    }

    private void heard(SimPeer tracker, int process, Bytes entry) {
        if (tracker.process() != process) {
            return;
        }
        if (!swarm.network().isReachable(tracker)) {
            swarm.agenda().after(RETRY, () -> heard(tracker, process, entry));
            return;
        }
        int millis = chance.nextInt(AGREED_MILLIS_LEAST, AGREED_MILLIS_MOST);
        swarm.agenda().after(Duration.ofMillis(millis), () -> agree(entry));
    }

    private void agree(Bytes entry) {
        List<SimPeer> all = swarm.trackers();
        long there = all.stream().filter(this::isThere).count();
        if (3 * there <= 2L * all.size()) {
            swarm.agenda().after(RETRY, () -> agree(entry));
            return;
        }
        Instant now = swarm.agenda().now();
        agreed.add(new SimDisk.LoggedEntry(now, entry));
        for (SimPeer each : all) {
            int millis = 1 + chance.nextInt(TOLD_MILLIS_MOST);
            swarm.agenda().after(Duration.ofMillis(millis), () -> tell(each));
        }
    }

    private boolean isThere(SimPeer tracker) {
        return tracker.isUp() && swarm.network().isReachable(tracker);
    }

    /** A process has started: it is given what it missed, as soon as it can be reached. */
    void started(SimPeer tracker) {
        int process = tracker.process();
        swarm.agenda().after(CATCH_UP, () -> catchUp(tracker, process));
    }

    private void catchUp(SimPeer tracker, int process) {
        if (tracker.process() == process) {
            tell(tracker);
            swarm.agenda().after(RETRY, () -> catchUp(tracker, process));
        }
    }

    private void tell(SimPeer tracker) {
        if (isThere(tracker)) {
            int known = tracker.disk.logged();
            agreed.subList(known, agreed.size()).forEach(tracker::place);
        }
    }

    /** All that was agreed, in order. */
    List<SimDisk.LoggedEntry> agreed() {
        return List.copyOf(agreed);
    }
}
