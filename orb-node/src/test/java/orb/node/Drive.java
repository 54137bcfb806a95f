package orb.node;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
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
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.Timing;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Calling;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.Notice;
import orb.kernel.port.RunFacts;
import orb.kernel.port.Table;
import orb.ledger.Genesis;
import orb.ledger.Plan;
import orb.ledger.Pricing;
import orb.node.admission.SeedPolicy;
import orb.overlay.Assurance;
import orb.overlay.Bandwidth;
import orb.overlay.Capabilities;

/**
 * A world for one node, made of plain values: carries out what needs no peer (disk, admission, and
 * runs where it was told how), keeps the rest for the test to look at, and checks that nothing is
 * answered twice.
 */
final class Drive {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    static final Address HERE = new Address("127.0.0.1", 7001);

    /** A swarm whose identities cost four bits of work, and everything else as usual. */
    static final Genesis GENESIS =
            new Genesis(
                    "test",
                    Pricing.STANDARD,
                    Plan.STANDARD,
                    Credits.whole(100),
                    new Genesis.Gates(Duration.ofHours(1), 100, 1000, 4),
                    Duration.ofSeconds(60));

    /** What a function here answers unless the test says otherwise: its input again. */
    static final Function<Request, Outcome> ECHO =
            request -> new Outcome.Completed(Response.ok(request.body()), new Fuel(1_000_000));

    final Node node;
    final NodeConfig config;
    Instant now = START;
    final NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept;
    final Map<Digest, Bytes> blobs;
    final List<Effect.Ask> asks = new ArrayList<>();
    final List<Effect.Run> runs = new ArrayList<>();
    final List<Contact> dials = new ArrayList<>();
    final List<Digest> finds = new ArrayList<>();
    final List<Effect.HangUp> hangUps = new ArrayList<>();
    final List<Notice> told = new ArrayList<>();
    final List<Notice> progress = new ArrayList<>();
    final Map<Long, Result<?>> returns = new LinkedHashMap<>();
    final Map<Long, Message> answers = new LinkedHashMap<>();
    final Map<String, Instant> timers = new TreeMap<>();
    Optional<Function<Request, Outcome>> function = Optional.of(ECHO);
    Result<ModuleFacts> admission =
            Result.ok(new ModuleFacts(Digest.ZERO, new ByteSize(1), "handler", 3));
    int discoveries;
    private long lastNumber;

    private Drive(
            NodeConfig config,
            KeyPair key,
            NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept,
            Map<Digest, Bytes> blobs) {
        this.config = config;
        this.kept = kept;
        this.blobs = blobs;
        node = Node.of(config, key, new SplittableRandom(7));
    }

    /** A node on an empty disk, started. */
    static Drive started(NodeConfig config) {
        Drive drive = new Drive(config, key(1), new TreeMap<>(), new LinkedHashMap<>());
        drive.start();
        return drive;
    }

    static Drive started() {
        return started(standard());
    }

    /** Another life on the same disk, after so much time. */
    Drive restarted(Duration later) {
        Drive next = new Drive(config, key(1), kept, blobs);
        next.now = now.plus(later);
        next.lastNumber = lastNumber;
        next.start();
        return next;
    }

    static NodeConfig standard() {
        return NodeConfig.standard(
                GENESIS,
                new NodeConfig.Self(
                        "orb/test",
                        Optional.of(HERE),
                        new Capabilities(2, ByteSize.mib(512), Bandwidth.UNKNOWN, List.of()),
                        Assurance.L0));
    }

    /** As {@link #standard}, and takes no functions of others. */
    static NodeConfig hostingNothing() {
        return standard().with(new SeedPolicy.Never());
    }

    static KeyPair key(int seed) {
        byte[] bytes = new byte[KeyPair.SEED_LENGTH];
        bytes[0] = (byte) seed;
        return KeyPair.ofSeed(bytes);
    }

    private void start() {
        NavigableMap<Table, NavigableMap<Bytes, Bytes>> copy = new TreeMap<>();
        kept.forEach((table, rows) -> copy.put(table, new TreeMap<>(rows)));
        event(new Event.Started(copy));
    }

    /** Gives the node an event and carries out what it decides. */
    void event(Event event) {
        for (Effect effect : node.step(now, event)) {
            perform(effect);
        }
    }

    private void perform(Effect effect) {
        switch (effect) {
            case Effect.Meet _, Effect.Publish _, Effect.Withdraw _ -> {}
            case Effect.Find(var key) -> finds.add(key);
            case Effect.Discover() -> discoveries++;
            case Effect.Dial(var contact) -> dials.add(contact);
            case Effect.HangUp hangUp -> hangUps.add(hangUp);
            case Effect.Ask ask -> asks.add(ask);
            case Effect.Answer(var inbound, var message) -> {
                if (answers.put(inbound, message) != null) {
                    throw new AssertionError("question " + inbound + " is answered twice");
                }
            }
            case Effect.WakeAfter(var timer, var delay) -> timers.put(timer, now.plus(delay));
            case Effect.Propose _ -> throw new AssertionError("a node does not propose");
            case Effect.Save(var table, var key, var value) ->
                    kept.computeIfAbsent(table, _ -> new TreeMap<>()).put(key, value);
            case Effect.Erase(var table, var key) ->
                    kept.computeIfAbsent(table, _ -> new TreeMap<>()).remove(key);
            case Effect.StoreBlob(var digest, var content) -> {
                blobs.put(digest, content);
                event(new Event.BlobStored(digest, Optional.empty()));
            }
            case Effect.LoadBlob(var digest) ->
                    event(
                            new Event.BlobLoaded(
                                    digest,
                                    Optional.ofNullable(blobs.get(digest))
                                            .filter(bytes -> Digest.of(bytes).equals(digest))));
            case Effect.Prepare(var digest) ->
                    event(
                            new Event.Prepared(
                                    digest, admission.map(facts -> admitted(digest, facts))));
            case Effect.Run run -> {
                runs.add(run);
                function.ifPresent(f -> ran(run, f.apply(run.request())));
            }
            case Effect.Return(var command, var result) -> {
                if (returns.put(command, result) != null) {
                    throw new AssertionError("command " + command + " is answered twice");
                }
            }
            case Effect.Progress(_, var notice) -> progress.add(notice);
            case Effect.Tell(var notice) -> told.add(notice);
        }
    }

    private ModuleFacts admitted(Digest digest, ModuleFacts facts) {
        int length = Optional.ofNullable(blobs.get(digest)).map(Bytes::length).orElse(0);
        return new ModuleFacts(digest, new ByteSize(length), facts.shape(), facts.gasSchedule());
    }

    /** An invocation ended; it took two milliseconds and wrote one line. */
    void ran(Effect.Run run, Outcome outcome) {
        runs.remove(run);
        event(
                new Event.Ran(
                        run.run(),
                        outcome,
                        new RunFacts(
                                new Timing(1_000, 0, 0, 20_000, 2_000_000, true),
                                1_500_000,
                                ByteSize.kib(128),
                                Bytes.utf8("line\n"),
                                List.of())));
    }

    /** Lets time pass, waking the node whenever a timer runs out. */
    void pass(Duration span) {
        Instant end = now.plus(span);
        while (true) {
            Optional<Map.Entry<String, Instant>> due =
                    timers.entrySet().stream()
                            .filter(timer -> !timer.getValue().isAfter(end))
                            .min(Map.Entry.comparingByValue())
                            .map(timer -> Map.entry(timer.getKey(), timer.getValue()));
            if (due.isEmpty()) {
                now = end;
                return;
            }
            timers.remove(due.get().getKey());
            now = due.get().getValue().isAfter(now) ? due.get().getValue() : now;
            event(new Event.Woke(due.get().getKey()));
        }
    }

    /** Gives a command and tells its number. */
    long command(NodeCommand what) {
        long number = ++lastNumber;
        event(new Event.Commanded(number, what));
        return number;
    }

    /** A peer asks; the number of its question. */
    long asked(NodeId peer, Message message) {
        long number = ++lastNumber;
        event(new Event.Asked(number, peer, message));
        return number;
    }

    /** The reply to a command, which must have been given. */
    <T> T reply(long command, Class<T> kind) {
        Result<?> result = returns.get(command);
        if (!(result instanceof Result.Ok<?>(var value))) {
            throw new AssertionError("command " + command + " has " + result);
        }
        return kind.cast(value);
    }

    Refusal refusal(long command) {
        Result<?> result = returns.get(command);
        if (!(result instanceof Result.Refused<?>(var refusal))) {
            throw new AssertionError("command " + command + " has " + result);
        }
        return refusal;
    }

    ErrorCode code(long command) {
        return refusal(command).code();
    }

    /** What a peer's question was answered with. */
    <T extends Message> T answer(long inbound, Class<T> kind) {
        Message message = answers.get(inbound);
        if (!kind.isInstance(message)) {
            throw new AssertionError("question " + inbound + " has " + message);
        }
        return kind.cast(message);
    }

    ErrorCode refusedAs(long inbound) {
        return answers.get(inbound) instanceof Calling.Invoked invoked
                        && invoked.outcome() instanceof Outcome.Refused(var refusal)
                ? refusal.code()
                : answer(inbound, Message.Refused.class).refusal().code();
    }

    /** The oldest question of this kind that waits for an answer; it waits no longer. */
    <T extends Message> Effect.Ask takeAsk(Class<T> kind) {
        for (Effect.Ask ask : asks) {
            if (kind.isInstance(ask.message())) {
                asks.remove(ask);
                return ask;
            }
        }
        throw new AssertionError("no " + kind.getSimpleName() + " among " + asks);
    }

    void answer(Effect.Ask ask, Message message) {
        event(new Event.Answered(ask.exchange(), ask.peer(), message));
    }

    void lose(Effect.Ask ask, ErrorCode code) {
        event(new Event.Unanswered(ask.exchange(), ask.peer(), new Refusal(code, "it is lost")));
    }

    List<String> kinds(List<Notice> notices) {
        return notices.stream().map(Notice::kind).toList();
    }

    List<String> kindsOf(String prefix) {
        return kinds(told).stream().filter(kind -> kind.startsWith(prefix)).toList();
    }
}
