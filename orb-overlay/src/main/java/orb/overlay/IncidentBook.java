package orb.overlay;

import static orb.kernel.Require.require;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.FunctionName;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.message.Incident;
import orb.kernel.port.Effect;
import orb.kernel.port.Table;

/**
 * The threats that a peer noticed itself: coalesced, bounded, and kept.
 *
 * <p>The same kind about the same function from the same peer is one incident with a count, so a
 * flood of them costs one row and one saving now and then. At the bound the account whose functions
 * have the most incidents loses its oldest: whoever makes many of them pushes out his own. What is
 * an incident only if it repeats starts anew after {@link Incident#REPEAT_WITHIN}. A look-up costs
 * one hash; making room costs the size. Not thread-safe.
 */
public final class IncidentBook {
    private final int countMax;
    private final Map<Incident.Name, Incident> incidents = new LinkedHashMap<>();
    private final Set<Incident.Name> unsaved = new LinkedHashSet<>();
    private long revision;

    /** An empty book of at most {@code countMax} incidents. */
    public IncidentBook(int countMax) {
        require(countMax >= 1, "a book holds at least one incident, not %d", countMax);
        this.countMax = countMax;
    }

    /**
     * Takes up what was kept, up to the bound.
     *
     * @throws orb.kernel.RefusedException for a row that is no incident
     */
    public void start(NavigableMap<Bytes, Bytes> kept) {
        for (Bytes row : kept.values()) {
            Incident incident = Incident.from(Cbor.decodeOrThrow(row, DecodeLimits.ENTRY));
            if (incidents.size() < countMax) {
                incidents.put(incident.name(), incident);
                revision++;
            }
        }
    }

    /**
     * Notes that it happened, now. The incident, if this made it one; later times are counted
     * alone.
     */
    public Optional<Incident> note(Incident happened, Instant now) {
        Incident.Name name = happened.name();
        Incident before = incidents.remove(name); // the newest stands last
        Incident after =
                before == null || isForgotten(before, now)
                        ? happened
                        : before.again(happened.detail(), now);
        if (before == null && incidents.size() >= countMax) {
            makeRoom();
        }
        incidents.put(name, after);
        if (!after.isRaised()) {
            return Optional.empty();
        }
        unsaved.add(name);
        revision++;
        return before != null && before.isRaised() ? Optional.empty() : Optional.of(after);
    }

    private static boolean isForgotten(Incident before, Instant now) {
        return !before.isRaised() && now.isAfter(before.last().plus(Incident.REPEAT_WITHIN));
    }

    private void makeRoom() {
        Map<String, Integer> counts = new TreeMap<>();
        incidents.keySet().forEach(each -> counts.merge(owner(each), 1, Integer::sum));
        String most =
                counts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
        Incident.Name oldest =
                incidents.keySet().stream()
                        .filter(each -> owner(each).equals(most))
                        .findFirst()
                        .orElseThrow();
        incidents.remove(oldest);
        unsaved.add(oldest); // its row is erased with the next saving
    }

    private static Bytes key(Incident.Name name) {
        return Cbor.encode(name.toValue());
    }

    private static String owner(Incident.Name name) {
        return name.function().map(FunctionName::owner).orElse("");
    }

    /** Whether something is to be saved. */
    public boolean isChanged() {
        return !unsaved.isEmpty();
    }

    /** What keeps all that has changed since the last saving in {@link Table#INCIDENTS}. */
    public List<Effect> save() {
        List<Effect> effects = new ArrayList<>(unsaved.size());
        for (Incident.Name name : unsaved) {
            Incident incident = incidents.get(name);
            effects.add(
                    incident == null
                            ? new Effect.Erase(Table.INCIDENTS, key(name))
                            : new Effect.Save(
                                    Table.INCIDENTS, key(name), Cbor.encode(incident.toValue())));
        }
        unsaved.clear();
        return effects;
    }

    /** Grows whenever an incident is raised or happens again. */
    public long revision() {
        return revision;
    }

    /** Those that happened last, the newest first. */
    public List<Incident> newest(int most) {
        return newest(incidents.values(), most);
    }

    /** The raised ones of these, the newest first. */
    public static List<Incident> newest(Collection<Incident> these, int most) {
        return these.stream()
                .filter(Incident::isRaised)
                .sorted(Comparator.comparingLong(Incident::lastMillis).reversed())
                .limit(most)
                .toList();
    }
}
