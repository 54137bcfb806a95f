package orb.node.finding;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.message.FunctionFacts;
import orb.overlay.dht.Item;
import orb.overlay.dht.Key;
import orb.overlay.dht.SeedRecord;

/**
 * Finds hosts of a function without a tracker: those that say in the hash table that they serve it,
 * one after the other, each linked before it is named.
 *
 * <p>What was found is used again for {@link #FRESH}. A host says so itself, and nobody vouches for
 * it: who calls it checks the answer and its receipt. Not thread-safe.
 */
public final class HostSearch {
    static final Duration FRESH = Duration.ofSeconds(10);
    private static final int FUNCTIONS_MAX = 64;

    private final Means means;
    private final Map<Digest, Known> known = new LinkedHashMap<>();
    private final Map<Digest, List<Runnable>> seeking = new LinkedHashMap<>();
    private final Map<NodeId, List<Consumer<Boolean>>> dialling = new LinkedHashMap<>();

    private record Known(List<SeedRecord> seeds, Instant at) {}

    /** What the search needs of the node that it is a part of. */
    public interface Means {
        /** Time of the step. */
        Instant now();

        /** Looks up a key of the hash table; {@link HostSearch#found} is told. */
        void find(Digest key);

        /** Dials; {@link HostSearch#linked} or {@link HostSearch#dialFailed} is told. */
        void dial(Contact contact);

        boolean isLinked(NodeId peer);
    }

    /**
     * Whom to look for.
     *
     * @param facts the function, in the version that is wanted
     * @param likely hosts to take first, for they have been used
     * @param tried hosts to pass over
     */
    public record Wanted(FunctionFacts facts, List<NodeId> likely, Collection<NodeId> tried) {
        Digest key() {
            return Key.of(facts.name()).point();
        }

        boolean fits(SeedRecord seed) {
            return seed.function().equals(facts.id())
                    && seed.artefact().equals(facts.artefact())
                    && seed.version() == facts.version()
                    && !tried.contains(seed.host());
        }

        /** The same, but for one host. */
        public Wanted without(NodeId host) {
            List<NodeId> more = new ArrayList<>(tried);
            more.add(host);
            return new Wanted(facts, likely, more);
        }
    }

    public HostSearch(Means means) {
        this.means = means;
    }

    /** Names one host, linked by then, or none; {@code then} is called once. */
    public void next(Wanted wanted, Consumer<Optional<NodeId>> then) {
        Known before = known.get(wanted.key());
        if (before != null && means.now().isBefore(before.at.plus(FRESH))) {
            choose(wanted, then);
            return;
        }
        List<Runnable> waiting = seeking.computeIfAbsent(wanted.key(), _ -> new ArrayList<>());
        waiting.add(() -> choose(wanted, then));
        if (waiting.size() == 1) {
            means.find(wanted.key());
        }
    }

    /** The hash table answers; items that do not hold are passed over. */
    public void found(Digest key, List<Bytes> items) {
        List<SeedRecord> seeds = new ArrayList<>();
        for (Bytes bytes : items) {
            if (Item.open(new Key(key), bytes, means.now()) instanceof Result.Ok<Item>(var item)
                    && item instanceof Item.OfSeeder(var seed, _)) {
                seeds.add(seed);
            }
        }
        known.remove(key);
        if (known.size() >= FUNCTIONS_MAX) {
            known.remove(known.keySet().iterator().next());
        }
        known.put(key, new Known(List.copyOf(seeds), means.now()));
        List<Runnable> waiting = seeking.remove(key);
        if (waiting != null) {
            waiting.forEach(Runnable::run);
        }
    }

    private void choose(Wanted wanted, Consumer<Optional<NodeId>> then) {
        List<SeedRecord> seeds =
                Optional.ofNullable(known.get(wanted.key())).map(Known::seeds).orElse(List.of());
        Optional<SeedRecord> best =
                seeds.stream()
                        .filter(wanted::fits)
                        .filter(seed -> means.isLinked(seed.host()) || !seed.addresses().isEmpty())
                        .min(
                                Comparator.<SeedRecord, Boolean>comparing(
                                                seed -> !wanted.likely.contains(seed.host()))
                                        .thenComparing(seed -> !means.isLinked(seed.host())));
        if (best.isEmpty()) {
            then.accept(Optional.empty());
            return;
        }
        NodeId host = best.get().host();
        if (means.isLinked(host)) {
            then.accept(Optional.of(host));
            return;
        }
        List<Consumer<Boolean>> waiting = dialling.computeIfAbsent(host, _ -> new ArrayList<>());
        waiting.add(stands -> {
            if (stands) {
                then.accept(Optional.of(host));
            } else {
                choose(wanted.without(host), then);
            }
        });
        if (waiting.size() == 1) {
            means.dial(new Contact(host, best.get().addresses().getFirst()));
        }
    }

    /** A link stands. */
    public void linked(NodeId peer) {
        dialled(peer, true);
    }

    /** A dial led to no link. */
    public void dialFailed(NodeId peer) {
        dialled(peer, false);
    }

    private void dialled(NodeId peer, boolean stands) {
        List<Consumer<Boolean>> waiting = dialling.remove(peer);
        if (waiting != null) {
            waiting.forEach(then -> then.accept(stands));
        }
    }
}
