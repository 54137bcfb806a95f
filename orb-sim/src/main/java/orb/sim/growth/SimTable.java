package orb.sim.growth;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.overlay.dht.DhtEffect;
import orb.overlay.dht.DhtEvent;
import orb.overlay.dht.RoutedPeer;
import orb.sim.Agenda;

/**
 * The datagrams of the hash table: questions and answers of {@code docs/protocol/dht.md} as bytes,
 * counted where they leave. What discv5 itself says to keep its network is not simulated.
 */
final class SimTable {
    /** A question that gets no answer is given up after this, as over discv5. */
    private static final Duration SILENCE = Duration.ofSeconds(2);

    private final Agenda agenda;
    private final Regions regions;
    private final Map<NodeId, SwarmPeer> byId = new LinkedHashMap<>();

    SimTable(Agenda agenda, Regions regions) {
        this.agenda = agenda;
        this.regions = regions;
    }

    void add(SwarmPeer peer) {
        byId.put(peer.id(), peer);
    }

    /** Whom a route leads to, if it is that peer's own. */
    Optional<RoutedPeer> open(Bytes route) {
        if (route.length() != SimRoute.LENGTH) {
            return Optional.empty();
        }
        return Optional.ofNullable(byId.get(SimRoute.named(route)))
                .filter(peer -> peer.routed().route().equals(route))
                .map(peer -> new RoutedPeer(peer.id(), route, ""));
    }

    void ask(SwarmPeer from, DhtEffect.Ask ask) {
        SwarmPeer to = Optional.ofNullable(byId.get(ask.peer().id())).orElseThrow();
        Bytes question = ask.question();
        from.traffic().inTable(question.length());
        agenda.after(
                regions.way(from.region(), to.region()),
                () -> {
                    Bytes answer = to.table().asked(from.routed(), question);
                    if (answer.isEmpty()) {
                        agenda.after(SILENCE, () -> unanswered(from, ask.exchange()));
                        return;
                    }
                    to.traffic().inTable(answer.length());
                    agenda.after(
                            regions.way(to.region(), from.region()),
                            () -> from.table().step(new DhtEvent.Answered(ask.exchange(), answer)));
                });
    }

    private static void unanswered(SwarmPeer asker, long exchange) {
        asker.table().step(new DhtEvent.Unanswered(exchange));
    }
}
