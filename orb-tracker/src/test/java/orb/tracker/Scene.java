package orb.tracker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import orb.kernel.AccountId;
import orb.kernel.Address;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.Timing;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.Notice;
import orb.kernel.port.Reply;
import orb.kernel.port.RunFacts;
import orb.kernel.port.Table;
import orb.ledger.Genesis;
import orb.ledger.Plan;
import orb.ledger.Pricing;
import orb.overlay.Bandwidth;
import orb.overlay.Capabilities;

/**
 * One tracker in a world of plain values: its disk, log and sandbox answer at once, peers answer
 * when a test lets them. Not a mock: what it is asked, it does.
 */
final class Scene {
    static final Genesis GENESIS =
            new Genesis(
                    "scene",
                    Pricing.STANDARD,
                    Plan.STANDARD,
                    Credits.whole(100),
                    new Genesis.Gates(Duration.ofHours(1), 1_000, 1_000, 0),
                    Duration.ofSeconds(5));
    static final KeyPair KEY = key("tracker");
    static final NodeId SELF = NodeId.of(KEY.publicKey());
    static final Fuel FUEL = new Fuel(1_000_000);
    static final ByteSize MEMORY = ByteSize.mib(1);

    final NavigableMap<Table, NavigableMap<Bytes, Bytes>> disk = new TreeMap<>();
    final Map<Digest, Bytes> blobs = new TreeMap<>();
    final List<Event.Ordered> log = new ArrayList<>();
    final Map<Long, Message> answers = new LinkedHashMap<>();
    final Map<Long, Result<? extends Reply>> returns = new LinkedHashMap<>();
    final Map<Long, Effect.Ask> asks = new LinkedHashMap<>();
    final List<Notice> told = new ArrayList<>();
    final List<Effect.HangUp> hangUps = new ArrayList<>();
    final List<Contact> contacts = new ArrayList<>();
    final List<Contact> dials = new ArrayList<>();
    final List<Effect> performed = new ArrayList<>();
    final TreeSet<String> timers = new TreeSet<>();

    /** What the sandbox says of each artefact and of a run on it. */
    Result<ModuleFacts> prepared = Result.ok(new ModuleFacts(Digest.ZERO, MEMORY, "handler", 1));

    Outcome outcome = new Outcome.Completed(Response.ok(Bytes.utf8("5")), FUEL);

    /** What the disk and the ordering say, empty while they work. */
    Optional<Refusal> diskFails = Optional.empty();

    Optional<Refusal> orderingFails = Optional.empty();
    boolean isOrdering = true;
    boolean isRunning = true;

    Instant now = Instant.parse("2030-01-01T00:00:00Z");
    TrackerConfig config;
    Tracker tracker;
    private final ArrayDeque<Event> events = new ArrayDeque<>();
    private long numbers;

    Scene() {
        this(config());
    }

    Scene(TrackerConfig config) {
        this.config = config;
        tracker = fresh();
        step(new Event.Started(disk));
    }

    static TrackerConfig config() {
        return TrackerConfig.standard(
                "",
                true,
                List.of(new Address("127.0.0.1", 7001)),
                new Capabilities(2, ByteSize.mib(512), Bandwidth.UNKNOWN, List.of()));
    }

    private Tracker fresh() {
        return Tracker.of(config, KEY, GENESIS, new SplittableRandom(11));
    }

    static KeyPair key(String name) {
        return KeyPair.generate(new Random(name.hashCode())::nextBytes);
    }

    /** The tracker is killed and starts again from its log and its disk. */
    void restart() {
        tracker = fresh();
        asks.clear();
        events.clear();
        for (Event.Ordered entry : log) {
            if (!tracker.step(entry.time(), entry).isEmpty()) {
                throw new AssertionError("a replay did something: " + entry);
            }
        }
        step(new Event.Started(disk));
    }

    void later(Duration time) {
        now = now.plus(time);
    }

    /** Time passes in steps of half a second, and timers wake. */
    void sleep(Duration time) {
        Instant end = now.plus(time);
        while (now.isBefore(end)) {
            now = now.plusMillis(500);
            List.copyOf(timers).forEach(this::wake);
        }
    }

    void wake(String timer) {
        if (timers.remove(timer)) {
            step(new Event.Woke(timer));
        }
    }

    void step(Event event) {
        events.add(event);
        while (!events.isEmpty()) {
            tracker.step(now, events.poll()).forEach(this::perform);
        }
    }

    private void perform(Effect effect) {
        performed.add(effect);
        switch (effect) {
            case Effect.Meet _, Effect.Publish _, Effect.Withdraw _, Effect.Find _ -> {}
            case Effect.Ask ask -> asks.put(ask.exchange(), ask);
            case Effect.Answer(long inbound, var message) -> {
                if (answers.put(inbound, message) != null) {
                    throw new AssertionError("answered twice: " + effect);
                }
            }
            case Effect.Return(long command, var result) -> {
                if (returns.put(command, result) != null) {
                    throw new AssertionError("returned twice: " + effect);
                }
            }
            case Effect.Propose(var entry) -> order(entry);
            case Effect.Save(var table, var key, var value) ->
                    disk.computeIfAbsent(table, _ -> new TreeMap<>()).put(key, value);
            case Effect.Erase(var table, var key) ->
                    disk.computeIfAbsent(table, _ -> new TreeMap<>()).remove(key);
            case Effect.StoreBlob(var digest, var content) -> {
                if (diskFails.isEmpty()) {
                    blobs.put(digest, content);
                }
                events.add(new Event.BlobStored(digest, diskFails));
            }
            case Effect.LoadBlob(var digest) ->
                    events.add(
                            new Event.BlobLoaded(digest, Optional.ofNullable(blobs.get(digest))));
            case Effect.Prepare(var artefact) -> events.add(new Event.Prepared(artefact, prepared));
            case Effect.Run run -> {
                if (isRunning) {
                    events.add(new Event.Ran(run.run(), outcome, facts()));
                }
            }
            case Effect.Tell(var notice) -> told.add(notice);
            case Effect.WakeAfter(var timer, _) -> timers.add(timer);
            case Effect.HangUp hangUp -> {
                hangUps.add(hangUp);
                events.add(new Event.Unlinked(hangUp.peer(), hangUp.reason()));
            }
            case Effect.Discover _ -> events.add(new Event.Discovered(List.copyOf(contacts)));
            case Effect.Dial(var contact) -> dials.add(contact);
            case Effect.Progress _ ->
                    throw new AssertionError("a tracker does not do this: " + effect);
        }
    }

    static RunFacts facts() {
        return new RunFacts(Timing.NONE, 0, MEMORY, Bytes.EMPTY, List.of());
    }

    private void order(Bytes entry) {
        if (orderingFails.isPresent()) {
            events.add(new Event.OrderingFailed(Digest.of(entry), orderingFails.get()));
        } else if (isOrdering) {
            Event.Ordered ordered = new Event.Ordered(log.size(), now, entry);
            log.add(ordered);
            events.add(ordered);
        }
    }

    /** Asks as a linked peer; the answer's number. */
    long ask(NodeId peer, Message message) {
        long number = ++numbers;
        step(new Event.Asked(number, peer, message));
        return number;
    }

    /** Asks as a linked peer and reads the answer, which must be there at once. */
    Message asked(NodeId peer, Message message) {
        return answer(ask(peer, message));
    }

    Message answer(long number) {
        return Optional.ofNullable(answers.get(number))
                .orElseThrow(() -> new AssertionError("no answer to " + number));
    }

    long command(TrackerCommand what) {
        long number = ++numbers;
        step(new Event.Commanded(number, what));
        return number;
    }

    Result<? extends Reply> returned(long number) {
        return Optional.ofNullable(returns.get(number))
                .orElseThrow(() -> new AssertionError("nothing returned to " + number));
    }

    ErrorCode refusal(long command) {
        return switch (returned(command)) {
            case Result.Refused<? extends Reply>(var refusal) -> refusal.code();
            case Result.Ok<? extends Reply>(var reply) -> throw new AssertionError(reply);
        };
    }

    /** Asks as a person on this machine. */
    Message told(Message question) {
        return switch (returned(command(new TrackerCommand.Ask(question)))) {
            case Result.Ok<? extends Reply>(TrackerReply.Told(var message)) -> message;
            case Result.Ok<? extends Reply>(var other) -> throw new AssertionError(other);
            case Result.Refused<? extends Reply>(var refusal) -> new Message.Refused(refusal);
        };
    }

    TrackerReply.Status status() {
        return (TrackerReply.Status)
                ((Result.Ok<? extends Reply>) returned(command(new TrackerCommand.FindStatus())))
                        .value();
    }

    /** The questions that wait at a peer, oldest first. */
    List<Effect.Ask> asksTo(NodeId peer) {
        return asks.values().stream().filter(ask -> ask.peer().equals(peer)).toList();
    }

    <T extends Message> List<T> asksTo(NodeId peer, Class<T> kind) {
        return asksTo(peer).stream()
                .map(Effect.Ask::message)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    void reply(Effect.Ask ask, Message message) {
        if (asks.remove(ask.exchange()) == null) {
            throw new AssertionError("answered already: " + ask);
        }
        step(new Event.Answered(ask.exchange(), ask.peer(), message));
    }

    void link(NodeId peer) {
        step(new Event.Linked(peer, new Address("192.0.2.1", 40_000), false));
    }

    /** The link is cut: what was asked over it ends without an answer. */
    void cut(NodeId peer, String reason) {
        step(new Event.Unlinked(peer, reason));
        for (Effect.Ask ask : asksTo(peer)) {
            unanswered(ask, ErrorCode.PEER_LOST);
        }
    }

    void unanswered(Effect.Ask ask, ErrorCode code) {
        asks.remove(ask.exchange());
        step(new Event.Unanswered(ask.exchange(), ask.peer(), new Refusal(code, "no answer came")));
    }

    List<String> kinds(String prefix) {
        return told.stream().map(Notice::kind).filter(kind -> kind.startsWith(prefix)).toList();
    }

    Registry.Account books(AccountId account) {
        return (Registry.Account) told(new Registry.FindAccount(account));
    }

    Membership.Nodes nodes() {
        return (Membership.Nodes) told(new Membership.FindNodes(Optional.empty()));
    }
}
