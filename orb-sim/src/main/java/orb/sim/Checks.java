package orb.sim;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.message.Registry;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.ledger.proof.LogRoster;
import orb.node.NodeConfig;

/**
 * Watches a run and says what must never be: credits made or lost, an acknowledged entry gone, a
 * call charged twice or beyond its receipt, a host that works for nothing, a question without its
 * answer, a wrong answer, a swarm that does not come right again.
 */
public final class Checks {
    /** Why a call ends where a host or hub has lied, and the lanes to all hosts are dead. */
    private static final Set<ErrorCode> OF_LIARS =
            EnumSet.of(
                    ErrorCode.UNPAID,
                    ErrorCode.PROOF_REFUSED,
                    ErrorCode.NO_HOST,
                    ErrorCode.DEADLINE);

    private final SimSwarm swarm;
    private final List<Checker> checkers;

    /** Starts to watch a swarm that has not started. */
    public Checks(SimSwarm swarm) {
        this.swarm = swarm;
        checkers =
                List.of(
                        new LedgerChecker(this::copies),
                        new FinalityChecker(
                                new LogRoster(swarm.genesis().network(), swarm.roster()),
                                this::shown),
                        new ChargeChecker(swarm.scenario().isHonest()),
                        new RiskChecker(() -> swarm.agenda().now()),
                        new AnswerChecker(() -> swarm.agenda().now()));
        swarm.watch(new Exchanges());
    }

    /** Tells the checkers what happens, and puts answers to their questions. */
    private final class Exchanges implements Watcher {
        private final NavigableMap<Long, Event.Asked> asked = new TreeMap<>();

        @Override
        public void stepped(NodeId peer, Event event, List<Effect> effects) {
            checkers.forEach(checker -> checker.stepped(peer, event, effects));
            if (event instanceof Event.Asked question) {
                asked.put(question.inbound(), question);
            }
            for (Effect effect : effects) {
                if (effect instanceof Effect.Answer(long inbound, var answer)) {
                    Event.Asked question = asked.remove(inbound);
                    if (question != null) {
                        Checker.Said said =
                                new Checker.Said(question.peer(), peer, question.message(), answer);
                        checkers.forEach(checker -> checker.said(said));
                    }
                }
            }
        }

        @Override
        public void crashed(NodeId peer) {
            checkers.forEach(checker -> checker.crashed(peer));
        }
    }

    /** Everything that went wrong; empty is the only good answer. */
    public List<String> violations() {
        List<String> found = new ArrayList<>();
        Replay replay = Replay.of(swarm.genesis(), swarm.log());
        checkers.forEach(checker -> found.addAll(checker.violations(replay)));
        for (Person person : swarm.people()) {
            person.wrong().forEach(wrong -> found.add(person.name() + " " + wrong));
            failures(person).forEach(failure -> found.add(person.name() + " " + failure));
        }
        swarm.visitor().wrong().forEach(wrong -> found.add("the visitor " + wrong));
        if (swarm.scenario().isHonest() && !swarm.scenario().faults().loseWrites()) {
            seeders(found); // a crash can lose what a node had just agreed to
        }
        return found;
    }

    private List<FinalityChecker.Shown> shown() {
        return swarm.trackers().stream()
                .map(tracker ->
                        new FinalityChecker.Shown(tracker.name, swarm.visitor().finalNote(tracker)))
                .toList();
    }

    private List<LedgerChecker.Copy> copies() {
        return swarm.trackers().stream()
                .map(tracker ->
                        new LedgerChecker.Copy(
                                tracker.name,
                                tracker.disk.log(),
                                swarm.visitor().stateRoot(tracker)))
                .toList();
    }

    /**
     * Every node takes whatever it is offered, so in the end all of them serve all, and every
     * tracker that they link to knows it.
     */
    private void seeders(List<String> found) {
        if (swarm.trackers().size() <= NodeConfig.Bounds.STANDARD.trackersMax()) {
            swarm.trackers().forEach(tracker -> seeders(tracker, found));
        }
    }

    private void seeders(SimPeer tracker, List<String> found) {
        int nodes = swarm.nodes().size();
        for (Registry.Listed listed : swarm.visitor().functions(tracker)) {
            if (listed.seeders() != nodes) {
                found.add(
                        String.format(
                                "%s knows %d of %d nodes that serve %s after all was mended",
                                tracker.name, listed.seeders(), nodes, listed.facts().name()));
            }
        }
    }

    /** What did not work in the end, without what cannot be helped. */
    private List<Person.Failure> failures(Person person) {
        return person.failures().stream().filter(failure -> !isExcused(failure)).toList();
    }

    /** A host that lied may be left out for good; a sponsor with little may have paid it all. */
    private boolean isExcused(Person.Failure failure) {
        Scenario scenario = swarm.scenario();
        boolean isOfLiars = !scenario.isHonest() && OF_LIARS.contains(failure.code());
        boolean isUsedUp =
                scenario.isScarce()
                        && failure.code() == ErrorCode.CHANNEL_EXHAUSTED
                        && failure.function().equals(Optional.of(Person.SPONSORED));
        return isOfLiars || isUsedUp;
    }

    /** Calls that were run and answered, for knowing that something happened. */
    public long completed() {
        long people = swarm.people().stream().mapToLong(person -> person.calls().size()).sum();
        return people + swarm.visitor().calls().size();
    }
}
