package orb.node;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.kernel.message.Seeding;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.Table;
import orb.node.Node.Parts;
import orb.node.Node.Self;
import orb.node.admission.Seed;
import orb.node.admission.SeedPolicy;
import orb.node.turn.Turn;
import orb.node.turn.Turn.Answer;
import orb.overlay.Transfer;

/**
 * The functions that this node serves: told of, agreed to, fetched, verified, prepared, announced.
 *
 * <p>Every stage leaves a notice with its time: {@code function.available}, {@code seed.ack} or
 * {@code seed.declined}, {@code seed.transfer}, {@code seed.verify}, {@code seed.serving}; {@code
 * seed.failed} and {@code seed.stopped} end a trail. What was agreed to is kept, so that after a
 * restart each executable is checked against its digest again, fetched anew if it is damaged, and
 * announced again to every tracker that welcomes this node. A newer version is fetched while the
 * older one goes on serving.
 */
final class Seeds {
    static final String TIMER = "seeds";

    private static final int REASON_MAX = 200;

    /** Pauses between tries grow up to so many times the longest between dials. */
    private static final int PAUSES_MAX = 30;

    private final Self self;
    private final Turn turn;
    private final Joining joining;
    private final Artefacts artefacts;
    private final Trail trail;
    private final Login login;
    private final Incidents incidents;
    private final Map<FunctionName, Seed> byName = new LinkedHashMap<>();
    private final Map<FunctionId, FunctionFacts> wanted = new LinkedHashMap<>();
    private final ArrayDeque<Runnable> transfers = new ArrayDeque<>();
    private final Map<FunctionFacts, List<Consumer<Result<NodeReply>>>> awaited =
            new LinkedHashMap<>();
    private final Set<NodeId> again = new LinkedHashSet<>();
    private int transferring;
    private int failures;
    private boolean timerSet;

    Seeds(Self self, Parts parts, Login login, Incidents incidents) {
        this.incidents = incidents;
        this.self = self;
        this.turn = parts.turn();
        this.joining = parts.joining();
        this.artefacts = parts.artefacts();
        this.trail = parts.trail();
        this.login = login;
    }

    /**
     * Takes up what was agreed to and checks each executable again: the small ones first, which
     * serve in a moment, and scripts last, for whose engine all others would wait.
     */
    void start(NavigableMap<Bytes, Bytes> kept) {
        List<FunctionFacts> soonest =
                kept.values().stream()
                        .map(Seed::decode)
                        .sorted(
                                Comparator.<FunctionFacts, Boolean>comparing(Seeds::isScript)
                                        .thenComparing(FunctionFacts::size))
                        .toList();
        for (FunctionFacts facts : soonest) {
            byName.put(facts.name(), new Seed(facts));
            wanted.put(facts.id(), facts);
        }
        for (FunctionFacts facts : List.copyOf(wanted.values())) {
            awaited.put(facts, new ArrayList<>());
            artefacts.load(facts.artefact(), content -> reloaded(facts, content));
        }
        artefacts.forgetRecent();
    }

    private static boolean isScript(FunctionFacts facts) {
        return facts.shape().equals("script");
    }

    private void reloaded(FunctionFacts facts, Optional<Bytes> content) {
        if (content.isEmpty()) {
            awaited.remove(facts);
            repair(facts);
        } else {
            artefacts.prepare(facts.artefact(), module -> prepared(facts, module, told(facts)));
        }
    }

    /** An executable was found damaged or gone: it is not served until it is here again. */
    void lost(Digest artefact) {
        for (Seed seed : byName.values()) {
            if (seed.isServing() && seed.facts().artefact().equals(artefact)) {
                seed.stops();
                repair(seed.facts());
            }
        }
    }

    private void repair(FunctionFacts facts) {
        trail.add(
                "seed.damaged",
                facts.name().toString(),
                "the stored executable is missing or does not match " + facts.artefact());
        List<NodeId> sources = sources(joining.trackersLinked());
        if (!sources.isEmpty()) { // else the next tracker's welcome starts it
            fetch(facts, sources, _ -> {});
        }
    }

    /** Tells all who wait for this version; nobody waits for it any more. */
    private Consumer<Result<NodeReply>> told(FunctionFacts facts) {
        return result -> {
            List<Consumer<Result<NodeReply>>> waiting = awaited.remove(facts);
            if (waiting != null) {
                waiting.forEach(one -> one.accept(result));
            }
        };
    }

    /** A tracker welcomed this node: all that is served is announced, what is missing fetched. */
    void announce(NodeId tracker) {
        for (Seed seed : byName.values()) {
            if (seed.isServing()) {
                announce(tracker, seed.facts());
            }
        }
        for (FunctionFacts facts : List.copyOf(wanted.values())) {
            Seed seed = byName.get(facts.name());
            if (seed == null || !seed.isServing() || !seed.facts().equals(facts)) {
                artefacts.load(facts.artefact(), content -> refetch(facts, tracker, content));
            }
        }
    }

    private void refetch(FunctionFacts facts, NodeId tracker, Optional<Bytes> content) {
        if (content.isEmpty()) {
            fetch(facts, sources(List.of(tracker)), _ -> {});
        } else if (!awaited.containsKey(facts)) {
            artefacts.prepare(facts.artefact(), module -> prepared(facts, module, _ -> {}));
        }
    }

    /** What did not reach a tracker, or could not be fetched, is tried again. */
    void woke() {
        timerSet = false;
        List<NodeId> trackers = List.copyOf(again);
        again.clear();
        trackers.stream().filter(joining::isTracker).forEach(this::announce);
    }

    private void tryAgain(NodeId tracker) {
        again.add(tracker);
        if (!timerSet) {
            timerSet = true;
            failures = Math.min(failures + 1, PAUSES_MAX);
            turn.wakeAfter(TIMER, self.config().waits().backOffMax().multipliedBy(failures));
        }
    }

    private void announce(NodeId tracker, FunctionFacts facts) {
        turn.ask(
                tracker,
                new Seeding.Serving(facts.id(), facts.artefact()),
                self.config().waits().answer(),
                answer -> {
                    switch (answer) {
                        case Answer.Said _ -> failures = 0;
                        case Answer.Lost _ -> tryAgain(tracker);
                        case Answer.Refused(var refusal) ->
                                trail.add(
                                        "seed.refused",
                                        facts.name().toString(),
                                        refusal.toString());
                    }
                });
    }

    /** A tracker says that a function can be seeded. */
    Message available(NodeId tracker, FunctionFacts facts) {
        String name = facts.name().toString();
        trail.add(
                "function.available",
                name,
                "version " + facts.version() + " at " + tracker.brief());
        Seed seed = byName.get(facts.name());
        if (seed != null && seed.isServing() && isServed(seed, facts)) {
            announce(tracker, seed.facts());
            return new Seeding.Acknowledged(true, "");
        }
        Optional<String> no = seed != null ? Optional.empty() : declines(facts);
        if (no.isPresent()) {
            String why = no.get().substring(0, Math.min(REASON_MAX, no.get().length()));
            trail.add("seed.declined", name, why);
            return new Seeding.Acknowledged(false, why);
        }
        trail.add("seed.ack", name, "this node will seed it");
        want(facts);
        fetch(facts, sources(List.of(tracker)), _ -> {});
        return new Seeding.Acknowledged(true, "");
    }

    private Optional<String> declines(FunctionFacts facts) {
        int seedsMax = self.config().bounds().seedsMax();
        if (byName.size() >= seedsMax) {
            return Optional.of("all " + seedsMax + " places for functions are taken");
        }
        return login.isOwner(facts.owner())
                ? Optional.empty()
                : SeedPolicy.needsItsOwner(facts)
                        .or(() -> self.config().policy().declines(facts, byName.size()));
    }

    private static boolean isServed(Seed seed, FunctionFacts facts) {
        return seed.facts().artefact().equals(facts.artefact())
                && seed.facts().version() >= facts.version();
    }

    /** Seeds a function because a person says so; tells when it serves or why it does not. */
    void seed(FunctionFacts facts, Consumer<Result<NodeReply>> then) {
        Seed seed = byName.get(facts.name());
        if (seed != null && seed.isServing() && isServed(seed, facts)) {
            then.accept(Result.ok(new NodeReply.Done()));
        } else if (seed == null && byName.size() >= self.config().bounds().seedsMax()) {
            then.accept(
                    Result.refused(
                            new Refusal(
                                    ErrorCode.BUSY,
                                    "all " + byName.size() + " places for functions are taken",
                                    "stop one of them first: orb seed OWNER/NAME --stop")));
        } else if (!login.isOwner(facts.owner()) && SeedPolicy.needsItsOwner(facts).isPresent()) {
            String why = SeedPolicy.needsItsOwner(facts).get();
            then.accept(Result.refused(ErrorCode.NO_SECRET, why));
        } else {
            want(facts);
            fetch(facts, sources(joining.followed().stream().toList()), then);
        }
    }

    /** Takes up a version whose executable was just deployed from here. */
    void own(FunctionFacts facts, ModuleFacts module) {
        want(facts);
        serve(facts, module);
    }

    /** Stops serving. */
    Result<NodeReply> unseed(FunctionName name) {
        Seed seed = byName.remove(name);
        if (seed == null) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.UNKNOWN_FUNCTION,
                            "this node does not seed " + name,
                            "orb whoami lists what it seeds"));
        }
        FunctionId id = seed.facts().id();
        wanted.remove(id);
        turn.erase(Table.SEEDS, id.digest().bytes());
        trail.add("seed.stopped", name.toString(), "by command");
        for (NodeId tracker : joining.trackersLinked()) {
            turn.ask(
                    tracker,
                    new Seeding.Stopped(id, "by command"),
                    self.config().waits().answer(),
                    _ -> {});
        }
        return Result.ok(new NodeReply.Done());
    }

    /** Answers a peer that fetches an executable which this node serves. */
    void chunk(Seeding.Fetch fetch, Consumer<Message> then) {
        boolean served =
                byName.values().stream()
                        .anyMatch(seed ->
                                seed.isServing()
                                        && seed.facts().artefact().equals(fetch.artefact()));
        if (!served) {
            then.accept(new Message.Refused(notServed(fetch)));
            return;
        }
        artefacts.load(
                fetch.artefact(),
                content ->
                        then.accept(
                                content.map(fetch::of)
                                        .orElseGet(() -> new Message.Refused(notServed(fetch)))));
    }

    private static Refusal notServed(Seeding.Fetch fetch) {
        return new Refusal(
                ErrorCode.UNKNOWN_FUNCTION, "this node does not serve " + fetch.artefact());
    }

    /** The seed of this name if it is served at present. */
    Optional<Seed> serving(FunctionName name) {
        Seed seed = byName.get(name);
        return seed != null && seed.isServing() ? Optional.of(seed) : Optional.empty();
    }

    /** Whose executable this is, among those of {@link #serving}. */
    Optional<FunctionName> nameOf(Digest artefact) {
        return byName.values().stream()
                .map(Seed::facts)
                .filter(facts -> facts.artefact().equals(artefact))
                .findFirst()
                .map(FunctionFacts::name);
    }

    /** Names of all functions served at present. */
    List<FunctionName> names() {
        return served().stream().map(FunctionFacts::name).toList();
    }

    /** What the registry says of all functions served at present. */
    List<FunctionFacts> served() {
        return byName.values().stream().filter(Seed::isServing).map(Seed::facts).toList();
    }

    private void want(FunctionFacts facts) {
        byName.computeIfAbsent(facts.name(), _ -> new Seed(facts));
        wanted.put(facts.id(), facts);
        turn.save(Table.SEEDS, facts.id().digest().bytes(), Seed.encode(facts));
    }

    /** Where to fetch from: these trackers, the other trackers, then linked nodes. */
    private List<NodeId> sources(List<NodeId> first) {
        Set<NodeId> sources = new LinkedHashSet<>(first);
        sources.addAll(joining.trackersLinked());
        sources.addAll(joining.neighboursLinked());
        return List.copyOf(sources);
    }

    /** Fetches an executable, once however many ask for it, and serves it. */
    private void fetch(
            FunctionFacts facts, List<NodeId> sources, Consumer<Result<NodeReply>> then) {
        List<Consumer<Result<NodeReply>>> waiting =
                awaited.computeIfAbsent(facts, _ -> new ArrayList<>());
        waiting.add(then);
        if (waiting.size() > 1) {
            return;
        }
        transfers.add(() -> {
            trail.add("seed.transfer", facts.name().toString(), facts.size().toString());
            Transfer.start(
                    new Transfer.Wanted(facts.artefact(), facts.size(), facts.name().toString()),
                    sources,
                    this::askForChunk,
                    (source, refusal) -> incidents.changed(facts.name(), source, refusal),
                    content -> fetched(facts, content));
        });
        startTransfers();
    }

    private void askForChunk(
            NodeId source, Seeding.Fetch fetch, Consumer<Result<Seeding.Chunk>> then) {
        turn.ask(
                source,
                fetch,
                self.config().waits().answer(),
                answer -> then.accept(answer.as(Seeding.Chunk.class)));
    }

    private void startTransfers() {
        while (transferring < self.config().bounds().transfersMax() && !transfers.isEmpty()) {
            transferring++;
            transfers.poll().run();
        }
    }

    private void fetched(FunctionFacts facts, Result<Bytes> content) {
        transferring--;
        Consumer<Result<NodeReply>> then = told(facts);
        switch (content) {
            case Result.Ok<Bytes>(var bytes) -> {
                trail.add(
                        "seed.verify",
                        facts.name().toString(),
                        "the digest is " + facts.artefact().hex());
                artefacts.admit(facts.artefact(), bytes, module -> prepared(facts, module, then));
            }
            case Result.Refused<Bytes>(var refusal) -> failed(facts, refusal, then);
        }
        startTransfers();
    }

    private void prepared(
            FunctionFacts facts, Result<ModuleFacts> module, Consumer<Result<NodeReply>> then) {
        switch (module) {
            case Result.Ok<ModuleFacts>(var admitted) -> {
                if (facts.equals(wanted.get(facts.id()))) {
                    serve(facts, admitted);
                    then.accept(Result.ok(new NodeReply.Done()));
                } else {
                    then.accept(
                            Result.refused(
                                    ErrorCode.UNKNOWN_FUNCTION,
                                    facts.name() + " was stopped or replaced meanwhile"));
                }
            }
            case Result.Refused<ModuleFacts>(var refusal) -> {
                if (refusal.code() != ErrorCode.HASH_MISMATCH) { // else it is fetched again
                    drop(facts);
                }
                failed(facts, refusal, then);
            }
        }
    }

    /** What this machine cannot run it will not be able to run later: it is not tried again. */
    private void drop(FunctionFacts facts) {
        Seed seed = byName.get(facts.name());
        if (seed != null && !seed.isServing()) {
            byName.remove(facts.name());
            wanted.remove(facts.id());
            turn.erase(Table.SEEDS, facts.id().digest().bytes());
        }
    }

    private void serve(FunctionFacts facts, ModuleFacts module) {
        byName.computeIfAbsent(facts.name(), _ -> new Seed(facts)).serves(facts, module);
        trail.add(
                "seed.serving",
                facts.name().toString(),
                "version " + facts.version() + ", " + module.shape());
        joining.trackersLinked().forEach(tracker -> announce(tracker, facts));
    }

    private void failed(FunctionFacts facts, Refusal refusal, Consumer<Result<NodeReply>> then) {
        trail.add("seed.failed", facts.name().toString(), refusal.toString());
        joining.followed().ifPresent(this::tryAgain); // if a link comes first, that tries again
        then.accept(Result.refused(refusal));
    }
}
