package orb.sim;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Transport;

/**
 * Links between simulated peers. Messages travel as bytes, through the same codec as the real ones;
 * on their way they may be lost, delayed, delivered twice, or changed.
 */
final class SimNetwork {
    private static final Duration DIAL = Duration.ofMillis(3);
    private static final Duration NOTICED = Duration.ofMillis(20);
    private static final Duration BROKEN_NOTICED = Duration.ofSeconds(6);

    private static final int SLOW_TIMES = 100;

    /** No question has this number: its answer goes nowhere. */
    private static final long UNHEARD = 0;

    private final SimSwarm swarm;
    private final RandomGenerator chance;
    private final NavigableMap<NodeId, NavigableSet<NodeId>> links = new TreeMap<>();
    private final NavigableSet<NodeId> cutOff = new TreeSet<>();
    private final NavigableMap<Long, Pending> pending = new TreeMap<>();
    private final NavigableMap<Long, Inbound> inbounds = new TreeMap<>();
    private long numbers;

    private record Pending(SimPeer asker, int process, long exchange, NodeId peer) {}

    private record Inbound(SimPeer answerer, int process, long pending) {}

    SimNetwork(SimSwarm swarm, RandomGenerator chance) {
        this.swarm = swarm;
        this.chance = chance;
    }

    /** The port of one peer's present process. */
    Transport of(SimPeer peer) {
        int process = peer.process();
        return new Transport() {
            @Override
            public void dial(Effect.Dial effect) {
                SimNetwork.this.dial(peer, process, effect.contact());
            }

            @Override
            public void hangUp(Effect.HangUp effect) {
                swarm.agenda()
                        .after(
                                Duration.ofMillis(1),
                                () -> {
                                    if (isLinked(peer.id(), effect.peer())) {
                                        hungUp(peer, swarm.peer(effect.peer()), effect.reason());
                                    }
                                });
            }

            @Override
            public void ask(Effect.Ask effect) {
                SimNetwork.this.ask(peer, process, effect);
            }

            @Override
            public void answer(Effect.Answer effect) {
                SimNetwork.this.answer(peer, effect);
            }
        };
    }

    /** Cuts a peer off; its links break without a word and are noticed later. */
    void cut(SimPeer peer) {
        cutOff.add(peer.id());
        swarm.trace().add(swarm.agenda().now(), peer.name, "is cut off");
        swarm.agenda()
                .after(
                        BROKEN_NOTICED,
                        () -> {
                            if (cutOff.contains(peer.id())) {
                                breakLinks(peer, "no sign of life");
                            }
                        });
    }

    /** Lets a peer be reached again. */
    void heal(SimPeer peer) {
        if (cutOff.remove(peer.id())) {
            swarm.trace().add(swarm.agenda().now(), peer.name, "is reachable again");
        }
    }

    /** A process has ended: the others see its links close. */
    void ended(SimPeer peer) {
        swarm.agenda().after(NOTICED, () -> breakLinks(peer, "connection closed"));
        pending.values().removeIf(p -> p.asker() == peer);
        inbounds.values().removeIf(i -> i.answerer() == peer);
    }

    private void breakLinks(SimPeer peer, String reason) {
        NavigableSet<NodeId> others = links.remove(peer.id());
        for (NodeId other : others == null ? new TreeSet<NodeId>() : others) {
            links.getOrDefault(other, new TreeSet<>()).remove(peer.id());
            unlinked(swarm.peer(other), peer.id(), reason);
            unlinked(peer, other, reason);
        }
    }

    private void unlinked(SimPeer at, NodeId other, String reason) {
        if (!at.isUp()) {
            return;
        }
        List<Long> lost =
                pending.entrySet().stream()
                        .filter(e -> e.getValue().asker() == at)
                        .filter(e -> e.getValue().peer().equals(other))
                        .map(Map.Entry::getKey)
                        .toList();
        for (long number : lost) {
            fail(number, new Refusal(ErrorCode.PEER_LOST, "the link broke: " + reason));
        }
        at.step(new Event.Unlinked(other, reason));
    }

    private void dial(SimPeer from, int process, Contact contact) {
        swarm.agenda()
                .after(
                        DIAL,
                        () -> {
                            if (from.process() == process && from.isUp()) {
                                dialled(from, contact);
                            }
                        });
    }

    private void dialled(SimPeer from, Contact contact) {
        Optional<SimPeer> target = swarm.peerAt(contact.address());
        Optional<Refusal> refused = Optional.empty();
        if (target.isEmpty() || !target.get().isUp() || !reachable(from, target.get())) {
            refused = Optional.of(new Refusal(ErrorCode.PEER_LOST, "nothing answers there"));
        } else if (!target.get().id().equals(contact.id())) {
            refused = Optional.of(new Refusal(ErrorCode.WRONG_PEER_KEY, "another key answers"));
        } else if (target.get() == from) {
            refused = Optional.of(new Refusal(ErrorCode.WRONG_PEER_KEY, "that is this peer"));
        }
        if (refused.isPresent()) {
            from.step(new Event.DialFailed(contact, refused.get()));
            return;
        }
        SimPeer to = target.get();
        if (isLinked(from.id(), to.id())) {
            hungUp(from, to, "replaced by a newer link");
        }
        links.computeIfAbsent(from.id(), id -> new TreeSet<>()).add(to.id());
        links.computeIfAbsent(to.id(), id -> new TreeSet<>()).add(from.id());
        to.step(new Event.Linked(from.id(), from.contact.address(), false));
        if (from.isUp()) {
            from.step(new Event.Linked(to.id(), to.contact.address(), true));
        }
    }

    /** The other end hears the reason, if anything reaches it. */
    private void hungUp(SimPeer from, SimPeer to, String reason) {
        String heard = reachable(from, to) ? reason : "no sign of life";
        links.getOrDefault(from.id(), new TreeSet<>()).remove(to.id());
        links.getOrDefault(to.id(), new TreeSet<>()).remove(from.id());
        unlinked(from, to.id(), reason);
        unlinked(to, from.id(), heard);
    }

    private boolean isLinked(NodeId one, NodeId other) {
        return links.getOrDefault(one, new TreeSet<>()).contains(other);
    }

    /** Whether others can reach a peer at all. */
    boolean isReachable(SimPeer peer) {
        return !cutOff.contains(peer.id());
    }

    private boolean reachable(SimPeer one, SimPeer other) {
        return !cutOff.contains(one.id()) && !cutOff.contains(other.id());
    }

    private void ask(SimPeer from, int process, Effect.Ask ask) {
        if (!isLinked(from.id(), ask.peer())) {
            from.later(
                    Duration.ofMillis(1),
                    new Event.Unanswered(
                            ask.exchange(),
                            ask.peer(),
                            new Refusal(ErrorCode.NOT_CONNECTED, "there is no link")));
            return;
        }
        long number = ++numbers;
        pending.put(number, new Pending(from, process, ask.exchange(), ask.peer()));
        swarm.agenda()
                .after(
                        ask.timeout(),
                        () -> fail(number, new Refusal(ErrorCode.TIMED_OUT, "no answer in time")));
        SimPeer to = swarm.peer(ask.peer());
        Fate fate = fate();
        boolean isDoubled =
                chance.nextInt(1000) < swarm.faults().doubledPermille() && fate != Fate.FORGED;
        travel(
                new Way(from, to),
                ask.message(),
                fate,
                message -> {
                    asked(from, to, number, message);
                    if (isDoubled) { // it repeats itself, and listens to its first answer alone
                        travel(
                                new Way(from, to),
                                ask.message(),
                                Fate.NONE,
                                again -> asked(from, to, UNHEARD, again));
                    }
                });
    }

    private void asked(SimPeer from, SimPeer to, long number, Result<Message> message) {
        if (!to.isUp()) {
            return;
        }
        switch (message) {
            case Result.Ok<Message>(var question) -> {
                long inbound = ++numbers;
                inbounds.put(inbound, new Inbound(to, to.process(), number));
                to.step(new Event.Asked(inbound, from.id(), question));
            }
            case Result.Refused<Message>(var refusal) -> answered(number, Result.refused(refusal));
        }
    }

    private void answer(SimPeer from, Effect.Answer answer) {
        Inbound inbound = inbounds.remove(answer.inbound());
        if (inbound == null || inbound.process() != from.process()) {
            throw new IllegalStateException(
                    from.name + " answered " + answer.inbound() + " twice or unasked");
        }
        Pending asked = pending.get(inbound.pending());
        if (asked == null) {
            return; // its asker gave up
        }
        travel(
                new Way(from, asked.asker()),
                answer.message(),
                fate(),
                message -> answered(inbound.pending(), message));
    }

    private void answered(long number, Result<Message> message) {
        Pending asked = pending.get(number);
        if (asked == null) {
            return;
        }
        switch (message) {
            case Result.Ok<Message>(var answer) -> {
                pending.remove(number);
                if (asked.process() == asked.asker().process()) {
                    asked.asker().step(new Event.Answered(asked.exchange(), asked.peer(), answer));
                }
            }
            case Result.Refused<Message>(var refusal) -> fail(number, refusal);
        }
    }

    private void fail(long number, Refusal refusal) {
        Pending asked = pending.remove(number);
        if (asked != null && asked.process() == asked.asker().process() && asked.asker().isUp()) {
            asked.asker().step(new Event.Unanswered(asked.exchange(), asked.peer(), refusal));
        }
    }

    private record Way(SimPeer from, SimPeer to) {}

    /** What becomes of a message on its way. */
    private enum Fate {
        NONE,
        LOST,
        FORGED,
        SLOW
    }

    private Fate fate() {
        Faults faults = swarm.faults();
        int luck = chance.nextInt(1000) - faults.lostPermille();
        if (luck < 0) {
            return Fate.LOST;
        }
        luck -= faults.forgedPermille();
        if (luck < 0) {
            return Fate.FORGED;
        }
        return luck < faults.slowPermille() ? Fate.SLOW : Fate.NONE;
    }

    private void travel(Way way, Message message, Fate fate, Consumer<Result<Message>> arrival) {
        if (fate == Fate.LOST) {
            return;
        }
        Duration time = Duration.ofNanos(200_000 + chance.nextInt(4_000_000));
        byte[] bytes = message.encoded().toArray();
        if (fate == Fate.FORGED) {
            bytes[chance.nextInt(bytes.length)] ^= (byte) (1 << chance.nextInt(8));
        }
        swarm.agenda()
                .after(
                        fate == Fate.SLOW ? time.multipliedBy(SLOW_TIMES) : time,
                        () -> {
                            if (reachable(way.from, way.to)
                                    && isLinked(way.from.id(), way.to.id())) {
                                arrival.accept(Message.decode(Bytes.wrap(bytes)));
                            }
                        });
    }
}
