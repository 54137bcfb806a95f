package orb.sim.growth;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import orb.kernel.Bytes;
import orb.kernel.port.Event;
import orb.sim.Agenda;

/**
 * Gives the trackers' entries one order, as an agreement does among trackers that all stay: after a
 * while each entry has its place, and every tracker hears of it in its own time, in that order.
 *
 * <p>Which messages the ordering engine needs for it is its own business and is not simulated.
 */
final class SimOrder {
    private static final int AGREED_MILLIS_LEAST = 200;
    private static final int AGREED_MILLIS_MOST = 500;
    private static final int TOLD_MILLIS_MOST = 200;

    private final Agenda agenda;
    private final RandomGenerator chance;
    private final List<SwarmPeer> trackers = new ArrayList<>();
    private final List<Event.Ordered> agreed = new ArrayList<>();

    SimOrder(Agenda agenda, RandomGenerator chance) {
        this.agenda = agenda;
        this.chance = chance;
    }

    void add(SwarmPeer tracker) {
        trackers.add(tracker);
    }

    void propose(Bytes entry) {
        int millis = chance.nextInt(AGREED_MILLIS_LEAST, AGREED_MILLIS_MOST);
        agenda.after(Duration.ofMillis(millis), () -> agree(entry));
    }

    private void agree(Bytes entry) {
        Instant now = agenda.now();
        agreed.add(new Event.Ordered(agreed.size(), now, entry));
        for (SwarmPeer tracker : trackers) {
            int millis = 1 + chance.nextInt(TOLD_MILLIS_MOST);
            agenda.after(Duration.ofMillis(millis), () -> tell(tracker));
        }
    }

    private void tell(SwarmPeer tracker) {
        while (tracker.ordered() < agreed.size()) {
            tracker.order(agreed.get(tracker.ordered()));
        }
    }
}
