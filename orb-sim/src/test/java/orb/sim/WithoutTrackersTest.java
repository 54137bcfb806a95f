package orb.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.message.Calling;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.ledger.HostLane;
import orb.ledger.Registered;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls while no tracker is there: they go on within what hosts bear, and are paid afterwards. */
final class WithoutTrackersTest {
    private static final Duration OUTAGE = Duration.ofSeconds(12);

    /** Receipts of calls that hosts answered to their callers themselves, as lanes count them. */
    private static final class Directs implements Watcher {
        final NavigableMap<Lane, Long> counted = new TreeMap<>();
        int ran;
        private final Set<Asked> asked = new LinkedHashSet<>();

        private record Asked(NodeId by, long exchange) {}

        @Override
        public void stepped(NodeId peer, Event event, List<Effect> effects) {
            for (Effect effect : effects) {
                if (effect instanceof Effect.Ask(var exchange, _, Calling.Direct _, _)) {
                    asked.add(new Asked(peer, exchange));
                }
            }
            if (event instanceof Event.Answered(var exchange, _, Calling.Invoked invoked)
                    && !(invoked.outcome() instanceof Outcome.Refused)
                    && asked.contains(new Asked(peer, exchange))) {
                Receipt receipt = Receipt.decode(invoked.receipt()).orThrow();
                counted.merge(receipt.lane(), receipt.sequence(), Math::max);
                ran++;
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 3", "3, 4"})
    @Tag("G2")
    @Tag("B12")
    void callsGoOnToTheBoundOfWhatHostsBearAndAllArePaidWhenATrackerIsBack(
            long seed, int trackers) {
        Duration busy = Duration.ofSeconds(30);
        Scenario scenario = new Scenario(seed, trackers, 4, busy, Faults.NONE, false);
        SimSwarm swarm = SimSwarm.of(scenario, Optional.empty());
        Checks checks = new Checks(swarm);
        Directs directs = new Directs();
        swarm.watch(directs);
        swarm.start();
        swarm.pass(Duration.ofSeconds(8));
        assertThat(directs.ran).isZero();

        swarm.trackers().forEach(SimPeer::crash);
        swarm.pass(OUTAGE);
        int lanes = 4 * 3; // each person's own function runs free; the other one has three hosts
        assertThat(directs.ran).isBetween(20, lanes * HostLane.UNPAID_MAX);

        swarm.trackers().forEach(SimPeer::start);
        swarm.pass(Duration.ofSeconds(10)); // people are busy until the end of it
        swarm.pass(Settings.EPOCH.multipliedBy(4));
        swarm.people().forEach(person -> person.tryAgain(swarm.functions()));
        swarm.pass(Settings.EPOCH.multipliedBy(4));
        assertThat(checks.violations()).isEmpty();
        Replay replay = Replay.of(swarm.genesis(), swarm.log());
        directs.counted.forEach((lane, calls) -> {
            Optional<Registered.Payout> paid = replay.ledger().payout(lane);
            assertThat(paid.map(Registered.Payout::calls))
                    .as("%s", lane)
                    .hasValueSatisfying(count -> assertThat(count).isGreaterThanOrEqualTo(calls));
        });
    }
}
