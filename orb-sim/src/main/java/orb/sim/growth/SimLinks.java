package orb.sim.growth;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Transport;
import orb.sim.Agenda;

/**
 * Links between the peers of a swarm in which nothing goes wrong. Messages travel as bytes, through
 * the same codec as the real ones, and are counted where they leave.
 */
final class SimLinks {
    private final Agenda agenda;
    private final Regions regions;
    private final Map<Address, SwarmPeer> byAddress = new LinkedHashMap<>();
    private final Map<Long, Exchange> inbounds = new LinkedHashMap<>();
    private long numbers;

    /** A question that waits for its answer. */
    private static final class Exchange {
        final SwarmPeer from;
        final SwarmPeer to;
        final long number;
        boolean isOver;

        Exchange(SwarmPeer from, SwarmPeer to, long number) {
            this.from = from;
            this.to = to;
            this.number = number;
        }
    }

    SimLinks(Agenda agenda, Regions regions) {
        this.agenda = agenda;
        this.regions = regions;
    }

    void add(SwarmPeer peer) {
        byAddress.put(peer.contact().address(), peer);
    }

    /** One peer's way to the others. */
    Transport of(SwarmPeer peer) {
        return new Transport() {
            @Override
            public void dial(Effect.Dial effect) {
                SimLinks.this.dial(peer, effect.contact());
            }

            @Override
            public void hangUp(Effect.HangUp effect) {
                agenda.after(
                        Duration.ofMillis(1), () -> unlink(peer, effect.peer(), effect.reason()));
            }

            @Override
            public void ask(Effect.Ask effect) {
                SimLinks.this.ask(peer, effect);
            }

            @Override
            public void answer(Effect.Answer effect) {
                SimLinks.this.answer(effect);
            }
        };
    }

    /** A link stands after two round trips: one for TCP, one for TLS 1.3. */
    private void dial(SwarmPeer from, Contact contact) {
        SwarmPeer to = byAddress.get(contact.address());
        if (to == null || !to.isStarted() || !to.id().equals(contact.id()) || to == from) {
            Refusal refusal = new Refusal(ErrorCode.PEER_LOST, "nothing answers there");
            from.later(Duration.ofMillis(1), new Event.DialFailed(contact, refusal));
            return;
        }
        Duration time = Regions.roundTrip(from.region(), to.region()).multipliedBy(2);
        agenda.after(
                time,
                () -> {
                    unlink(from, to.id(), "replaced by a newer link");
                    from.links().put(to.id(), to);
                    to.links().put(from.id(), from);
                    to.step(new Event.Linked(from.id(), from.contact().address(), false));
                    from.step(new Event.Linked(to.id(), to.contact().address(), true));
                });
    }

    private void unlink(SwarmPeer from, NodeId peer, String reason) {
        SwarmPeer to = from.links().remove(peer);
        if (to != null) {
            to.links().remove(from.id());
            from.step(new Event.Unlinked(to.id(), reason));
            to.step(new Event.Unlinked(from.id(), reason));
        }
    }

    private void ask(SwarmPeer from, Effect.Ask ask) {
        SwarmPeer to = from.links().get(ask.peer());
        if (to == null) {
            from.later(Duration.ofMillis(1), unanswered(ask, ErrorCode.NOT_CONNECTED));
            return;
        }
        Exchange exchange = new Exchange(from, to, ask.exchange());
        agenda.after(
                ask.timeout(),
                () -> {
                    if (!exchange.isOver) {
                        exchange.isOver = true;
                        from.step(unanswered(ask, ErrorCode.TIMED_OUT));
                    }
                });
        Bytes bytes = ask.message().encoded();
        from.traffic().overLink(bytes.length());
        agenda.after(
                regions.way(from.region(), to.region()),
                () -> {
                    if (to.links().containsKey(from.id())) {
                        long inbound = ++numbers;
                        inbounds.put(inbound, exchange);
                        Message question = Message.decode(bytes).orThrow();
                        to.step(new Event.Asked(inbound, from.id(), question));
                    }
                });
    }

    private static Event unanswered(Effect.Ask ask, ErrorCode code) {
        return new Event.Unanswered(ask.exchange(), ask.peer(), new Refusal(code, "no answer"));
    }

    private void answer(Effect.Answer answer) {
        Exchange exchange =
                Optional.ofNullable(inbounds.remove(answer.inbound()))
                        .orElseThrow(() -> new IllegalStateException("answered twice: " + answer));
        SwarmPeer from = exchange.to;
        SwarmPeer to = exchange.from;
        Bytes bytes = answer.message().encoded();
        from.traffic().overLink(bytes.length());
        agenda.after(
                regions.way(from.region(), to.region()),
                () -> {
                    if (!exchange.isOver && to.links().containsKey(from.id())) {
                        exchange.isOver = true;
                        Message said = Message.decode(bytes).orThrow();
                        to.step(new Event.Answered(exchange.number, from.id(), said));
                    }
                });
    }

    /** How many links each of these peers has. */
    static List<Integer> counts(List<SwarmPeer> peers) {
        return peers.stream().map(peer -> peer.links().size()).toList();
    }
}
