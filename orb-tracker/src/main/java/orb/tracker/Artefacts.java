package orb.tracker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Message;
import orb.kernel.message.Seeding;
import orb.kernel.port.Effect;
import orb.overlay.Transfer;

/**
 * Hands out executables in chunks, and sees to it that this tracker has every one of the registry.
 *
 * <p>Those asked for last are held in memory, up to a bound, so that a transfer reads the disk
 * once. What was deployed through another tracker is fetched from its hosts or from the others, and
 * verified. For a tracker that asks nothing is fetched: two that lack the same would wait for each
 * other.
 */
final class Artefacts {
    private static final Duration PAUSE = Duration.ofSeconds(3);
    private static final int TRANSFERS_MAX = 2;

    private final Turn turn;
    private final TrackerConfig config;
    private final Means means;
    private final Map<Digest, Bytes> held = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Digest, List<Waiting>> waiting = new LinkedHashMap<>();
    private final Map<Digest, Known> known = new TreeMap<>(); // of the newest versions
    private final Map<FunctionId, Digest> newest = new TreeMap<>();
    private final Map<Digest, Instant> missing = new LinkedHashMap<>(); // tried again after
    private final Set<Digest> transfers = new TreeSet<>();
    private final ArrayDeque<Digest> unchecked = new ArrayDeque<>();
    private long heldBytes;
    private int waitingCount;

    /** What this needs of the tracker's other concerns. */
    record Means(
            Questions questions,
            Function<FunctionId, List<NodeId>> sources,
            Predicate<NodeId> isFellow,
            Incidents incidents) {}

    private record Waiting(Asker asker, Seeding.Fetch fetch) {}

    private record Known(FunctionId function, Transfer.Wanted wanted) {}

    Artefacts(Turn turn, TrackerConfig config, Means means) {
        this.turn = turn;
        this.config = config;
        this.means = means;
    }

    /**
     * A version has its place in the log: its executable is to be here. The next sweeps look
     * whether it is.
     */
    void deployed(FunctionId function, Transfer.Wanted wanted) {
        Digest older = newest.put(function, wanted.artefact());
        if (older != null && known.get(older) instanceof Known(var of, _) && of.equals(function)) {
            known.remove(older);
            missing.remove(older);
        }
        known.put(wanted.artefact(), new Known(function, wanted));
        if (!held.containsKey(wanted.artefact())) {
            unchecked.add(wanted.artefact());
        }
    }

    void fetch(Asker asker, Seeding.Fetch fetch) {
        Bytes content = held.get(fetch.artefact());
        if (content != null) {
            answer(asker, fetch, content);
        } else if (waitingCount >= config.bounds().fetchesMax()) {
            turn.refuse(
                    asker,
                    ErrorCode.BUSY,
                    waitingCount + " chunks wait for the disk",
                    "fetch it again in a moment, or from a node that serves it");
        } else {
            look(fetch.artefact()).add(new Waiting(asker, fetch));
            waitingCount++;
        }
    }

    private List<Waiting> look(Digest artefact) {
        List<Waiting> those = waiting.get(artefact);
        if (those == null) {
            those = new ArrayList<>();
            waiting.put(artefact, those);
            turn.add(new Effect.LoadBlob(artefact));
        }
        return those;
    }

    void loaded(Digest artefact, Optional<Bytes> content) {
        if (content.isEmpty() && known.containsKey(artefact)) {
            release(artefact, this::isFellow, content);
            missing.putIfAbsent(artefact, turn.now());
            transfer(artefact);
            return;
        }
        boolean isAskedFor = !waiting.getOrDefault(artefact, List.of()).isEmpty();
        content.filter(_ -> isAskedFor).ifPresent(bytes -> hold(artefact, bytes));
        release(artefact, asker -> true, content);
    }

    /** A copy could not be stored: it is held as long as there is room, and fetched again. */
    void stored(Digest artefact, Optional<Refusal> refusal) {
        if (refusal.isPresent() && known.containsKey(artefact)) {
            missing.put(artefact, turn.now().plus(PAUSE));
        }
    }

    private boolean isFellow(Asker asker) {
        return asker instanceof Asker.Peer(_, var id) && means.isFellow.test(id);
    }

    /** Answers those that wait and are meant; empty if the executable is not here. */
    private void release(Digest artefact, Predicate<Asker> meant, Optional<Bytes> content) {
        List<Waiting> those = waiting.remove(artefact);
        if (those == null) {
            return;
        }
        List<Waiting> rest = new ArrayList<>();
        for (Waiting each : those) {
            if (!meant.test(each.asker)) {
                rest.add(each);
                continue;
            }
            waitingCount--;
            if (content.isPresent()) {
                answer(each.asker, each.fetch, content.get());
            } else {
                turn.refuse(
                        each.asker,
                        ErrorCode.HASH_MISMATCH,
                        "the artefact " + artefact + " is not here, or damaged",
                        "fetch it from a node that serves it");
            }
        }
        if (!rest.isEmpty()) {
            waiting.put(artefact, rest);
        }
    }

    /** Looks for one that may be missing, and tries again to get those that are. */
    void sweep() {
        Digest next = unchecked.poll();
        if (next != null && known.containsKey(next) && !held.containsKey(next)) {
            look(next);
        }
        missing.entrySet().stream()
                .filter(each -> !turn.now().isBefore(each.getValue()))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::transfer);
    }

    private void transfer(Digest artefact) {
        Known what = known.get(artefact);
        boolean isFull = transfers.size() >= TRANSFERS_MAX; // then a later sweep starts it
        if (what == null || isFull || !transfers.add(artefact)) {
            return;
        }
        Transfer.start(
                what.wanted,
                means.sources.apply(what.function),
                this::ask,
                (source, refusal) ->
                        means.incidents.sentAnother(source, what.function, refusal.what()),
                content -> fetched(artefact, content));
    }

    private void ask(NodeId source, Seeding.Fetch fetch, Consumer<Result<Seeding.Chunk>> then) {
        means.questions.ask(
                source,
                fetch,
                config.waits().answer(),
                new Questions.Ending() {
                    @Override
                    public void answered(Message message) {
                        then.accept(
                                message instanceof Seeding.Chunk chunk
                                        ? Result.ok(chunk)
                                        : Result.refused(
                                                ErrorCode.MALFORMED_BYTES, "it sent no chunk"));
                    }

                    @Override
                    public void refused(Refusal refusal) {
                        then.accept(Result.refused(refusal));
                    }

                    @Override
                    public void lost(Refusal refusal) {
                        then.accept(Result.refused(refusal));
                    }
                });
    }

    private void fetched(Digest artefact, Result<Bytes> content) {
        transfers.remove(artefact);
        switch (content) {
            case Result.Ok<Bytes>(var bytes) -> {
                missing.remove(artefact);
                hold(artefact, bytes);
                turn.add(new Effect.StoreBlob(artefact, bytes));
                release(artefact, asker -> true, Optional.of(bytes));
                turn.tell("artefact.copied", artefact.toString(), bytes.length() + " bytes");
            }
            case Result.Refused<Bytes> _ -> {
                missing.put(artefact, turn.now().plus(PAUSE));
                release(artefact, asker -> true, Optional.empty());
            }
        }
    }

    /** Holds what was just deployed: nodes will ask for it. */
    void hold(Digest artefact, Bytes content) {
        long bytesMax = config.bounds().artefactBytesMax();
        if (content.length() > bytesMax || held.putIfAbsent(artefact, content) != null) {
            return;
        }
        heldBytes += content.length();
        while (heldBytes > bytesMax) {
            Map.Entry<Digest, Bytes> oldest = held.entrySet().iterator().next();
            heldBytes -= oldest.getValue().length();
            held.remove(oldest.getKey());
        }
    }

    private void answer(Asker asker, Seeding.Fetch fetch, Bytes content) {
        turn.answer(asker, fetch.of(content));
    }
}
