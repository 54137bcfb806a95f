package orb.overlay.dht;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import orb.kernel.Address;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.overlay.Assurance;
import orb.overlay.Bandwidth;
import orb.overlay.Capabilities;
import orb.overlay.PeerRecord;

/**
 * Many parts of the hash table in one thread, with a clock and a network of its own: datagrams take
 * 1..50 ms by chance, and those to the dead are answered by nobody. One seed gives one course.
 */
final class DhtSwarm {
    static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
    static final FunctionName FUNCTION = FunctionName.parse("alice/add");

    private static final Duration SILENCE = Duration.ofSeconds(2);

    final List<Part> parts = new ArrayList<>();
    private final Random chance;
    private final PriorityQueue<Planned> agenda =
            new PriorityQueue<>(
                    Comparator.comparing(Planned::at).thenComparingLong(Planned::number));
    private final Map<NodeId, Part> byId = new TreeMap<>();
    private final Set<NodeId> dead = new TreeSet<>();
    private final Map<Long, Result<Search>> sought = new LinkedHashMap<>();
    private Instant now = START;
    private long planned;
    private long numbers;

    /** Changes what a peer answers, before it leaves. */
    private final Map<NodeId, UnaryOperator<Bytes>> liars = new TreeMap<>();

    private record Planned(Instant at, long number, Runnable run) {}

    /** One peer. */
    static final class Part {
        final KeyPair key;
        final NodeId id;
        final Dht dht;
        final RoutedPeer route;
        long wakes;

        Part(KeyPair key) {
            this.key = key;
            id = NodeId.of(key.publicKey());
            dht = new Dht(id, DhtSwarm::open);
            route = new RoutedPeer(id, DhtSwarm.route(id), "");
        }

        PeerRecord record(long sequence, Instant expires) {
            return new PeerRecord(
                    key.publicKey(),
                    PeerRecord.Role.NODE,
                    true,
                    "",
                    List.of(new Address("10.0.0.1", 7000)),
                    new Capabilities(4, ByteSize.mib(512), Bandwidth.UNKNOWN, List.of("aes")),
                    Assurance.L1,
                    new Credits(25),
                    sequence,
                    expires);
        }

        Bytes signed(long sequence, Instant expires) {
            return record(sequence, expires).sign(key).bytes();
        }

        Bytes seeds(FunctionName name, long sequence, Instant expires) {
            return new SeedRecord(
                            key.publicKey(),
                            name,
                            new FunctionId(Digest.of(Bytes.utf8("function"))),
                            Digest.of(Bytes.utf8("artefact")),
                            1,
                            List.of(new Address("10.0.0.1", 7000)),
                            sequence,
                            expires)
                    .sign(key);
        }
    }

    /** A swarm of so many peers of which each knows the first alone. */
    DhtSwarm(long seed, int count) {
        chance = new Random(seed);
        for (int i = 0; i < count; i++) {
            Part part = new Part(KeyPair.generate(chance::nextBytes));
            parts.add(part);
            byId.put(part.id, part);
        }
        for (Part part : parts) {
            if (part != parts.getFirst()) {
                step(part, new DhtEvent.Met(parts.getFirst().route));
            }
        }
    }

    /** A route that proves its peer by being its id under a digest. */
    static Bytes route(NodeId id) {
        return id.digest().bytes().concat(Digest.of(id.digest().bytes()).bytes());
    }

    static Optional<RoutedPeer> open(Bytes route) {
        if (route.length() != 64) {
            return Optional.empty();
        }
        NodeId id = new NodeId(new Digest(route.slice(0, 32)));
        return route(id).equals(route)
                ? Optional.of(new RoutedPeer(id, route, ""))
                : Optional.empty();
    }

    Instant now() {
        return now;
    }

    void kill(NodeId peer) {
        dead.add(peer);
    }

    void lies(NodeId peer, UnaryOperator<Bytes> lie) {
        liars.put(peer, lie);
    }

    Part part(NodeId id) {
        return Optional.ofNullable(byId.get(id)).orElseThrow();
    }

    /** Live peers, nearest to the key first. */
    List<Part> nearest(Key key) {
        return parts.stream()
                .filter(part -> !dead.contains(part.id))
                .sorted((one, other) -> key.nearestFirst().compare(one.id, other.id))
                .toList();
    }

    void run(Duration time) {
        Instant end = now.plus(time);
        while (!agenda.isEmpty() && !agenda.peek().at.isAfter(end)) {
            Planned next = agenda.poll();
            now = next.at;
            next.run.run();
        }
        now = end;
    }

    Search seek(Part from, Key key) {
        return trySeek(from, key).orThrow();
    }

    Result<Search> trySeek(Part from, Key key) {
        long number = ++numbers;
        return awaited(from, number, new DhtEvent.Seek(number, key));
    }

    /** What a peer says of itself when it is asked, and nobody else. */
    Search fetch(Part from, NodeId peer) {
        long number = ++numbers;
        return awaited(from, number, new DhtEvent.Fetch(number, peer)).orThrow();
    }

    private Result<Search> awaited(Part from, long number, DhtEvent event) {
        step(from, event);
        for (int i = 0; i < 600 && !sought.containsKey(number); i++) {
            run(Duration.ofMillis(100));
        }
        Result<Search> result = sought.remove(number);
        if (result == null) {
            throw new AssertionError("the search does not end");
        }
        return result;
    }

    /** What a peer answers when it is asked directly. */
    DhtMessage ask(Part asker, Part asked, DhtMessage question) {
        return DhtMessage.decode(ask(asker, asked, question.encoded())).orThrow();
    }

    Bytes ask(Part asker, Part asked, Bytes question) {
        List<DhtEffect> effects =
                asked.dht.step(now, new DhtEvent.Asked(++numbers, asker.route, question));
        return effects.stream()
                .filter(DhtEffect.Answer.class::isInstance)
                .map(DhtEffect.Answer.class::cast)
                .findFirst()
                .orElseThrow()
                .answer();
    }

    void step(Part part, DhtEvent event) {
        if (dead.contains(part.id)) {
            return;
        }
        for (DhtEffect effect : part.dht.step(now, event)) {
            switch (effect) {
                case DhtEffect.Ask(var exchange, var peer, var question) ->
                        send(part, exchange, peer.id(), question);
                case DhtEffect.Answer _ -> throw new AssertionError("nobody asked");
                case DhtEffect.WakeAfter(var delay) -> {
                    long wake = ++part.wakes;
                    plan(
                            delay,
                            () -> {
                                if (wake == part.wakes) {
                                    step(part, new DhtEvent.Woke());
                                }
                            });
                }
                case DhtEffect.Sought(var seek, var result) -> sought.put(seek, result);
            }
        }
    }

    private void send(Part from, long exchange, NodeId to, Bytes question) {
        plan(
                delay(),
                () -> {
                    if (dead.contains(to)) {
                        plan(SILENCE, () -> step(from, new DhtEvent.Unanswered(exchange)));
                        return;
                    }
                    Bytes answer = askAndPerform(from, part(to), question);
                    Bytes said = liars.getOrDefault(to, UnaryOperator.identity()).apply(answer);
                    plan(delay(), () -> step(from, new DhtEvent.Answered(exchange, said)));
                });
    }

    private Bytes askAndPerform(Part from, Part to, Bytes question) {
        Bytes answer = Bytes.EMPTY;
        long inbound = ++numbers;
        for (DhtEffect effect :
                to.dht.step(now, new DhtEvent.Asked(inbound, from.route, question))) {
            switch (effect) {
                case DhtEffect.Answer(_, var bytes) -> answer = bytes;
                case DhtEffect.WakeAfter(var delay) -> {
                    long wake = ++to.wakes;
                    plan(
                            delay,
                            () -> {
                                if (wake == to.wakes) {
                                    step(to, new DhtEvent.Woke());
                                }
                            });
                }
                case DhtEffect.Ask _, DhtEffect.Sought _ ->
                        throw new AssertionError("a question leads to its answer alone");
            }
        }
        return answer;
    }

    private Duration delay() {
        return Duration.ofMillis(1 + chance.nextInt(50));
    }

    private void plan(Duration delay, Runnable run) {
        agenda.add(new Planned(now.plus(delay), ++planned, run));
    }
}
