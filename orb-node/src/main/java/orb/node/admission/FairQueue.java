package orb.node.admission;

import static orb.kernel.Require.require;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import orb.kernel.Digest;
import orb.kernel.Fuel;

/**
 * Gives out the places of a node so that functions which work long do not stand in the way of those
 * which are brief.
 *
 * <p>A function is brief once its last runs were, by the fuel that they used: fuel is the same on a
 * busy machine and an idle one. A stranger, and whoever has just worked long, is not brief. Three
 * rules follow. Those that are not brief hold at most half of the places, and a quarter while brief
 * ones come, so that places and processors are free for these; and at most half of the queue. Who
 * is brief goes first, but for every sixteenth turn. Within each kind functions take turns, one
 * call each, however many one of them has waiting; and none may have more waiting than the queue
 * has room left. Five hundred endless loops thus cost a brief function the processor time of a
 * quarter of the places and nothing of its turn.
 *
 * <p>Whoever alternates gains nothing: each run that is long doubles the number of brief ones in a
 * row that make the function brief again. Work for each call does not depend on how many wait. Not
 * thread-safe.
 *
 * @param <W> what waits
 */
public final class FairQueue<W> {
    /** A run of at most so much is brief: some ten milliseconds. */
    public static final Fuel BRIEF = new Fuel(20_000_000);

    /** After so many turns of brief functions in a row another one has its turn. */
    private static final int BRIEF_TURNS = 16;

    /** After so many others in a row, brief ones are held to have stopped coming. */
    private static final int OTHERS_TURNS = 4;

    private static final int STREAK_MAX = 1024;
    private static final int KNOWN_MAX = 4096;

    private final int places;
    private final int lengthMax;
    private final Line brief = new Line();
    private final Line others = new Line();
    private final Map<Digest, Habit> habits =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Digest, Habit> eldest) {
                    return size() > KNOWN_MAX;
                }
            };
    private int running;
    private int othersRunning;
    private int briefTurns;
    private int othersTurns = OTHERS_TURNS;

    /**
     * @param places runs at once, 1 or more
     * @param lengthMax how many may wait, 0 or more
     */
    public FairQueue(int places, int lengthMax) {
        require(places >= 1 && lengthMax >= 0, "%d places, %d waiting", places, lengthMax);
        this.places = places;
        this.lengthMax = lengthMax;
    }

    /**
     * What a run holds while it runs; give it back with {@link #ended}.
     *
     * @param isBrief as which it was let in
     */
    public record Place(Digest artefact, boolean isBrief) {}

    /** Someone whose turn it is, with the place for it. */
    public record Turn<W>(W work, Place place) {}

    /** A place at once, if one is free for this function and nobody of its kind waits. */
    public Optional<Place> enter(Digest artefact) {
        boolean isBrief = isBrief(artefact);
        Line line = isBrief ? brief : others;
        return line.length == 0 && isFree(isBrief)
                ? Optional.of(take(artefact, isBrief))
                : Optional.empty();
    }

    /** Lets it wait; whether there was room. */
    public boolean await(Digest artefact, W work) {
        boolean isBrief = isBrief(artefact);
        Line line = isBrief ? brief : others;
        int room = lengthMax - length();
        if (room <= 0
                || line.length(artefact) >= room
                || (!isBrief && line.length >= Math.max(1, lengthMax / 2))) {
            return false;
        }
        line.add(artefact, work);
        return true;
    }

    /** The next one that may run now, with its place; empty if nobody waits or no place is free. */
    public Optional<Turn<W>> next() {
        boolean mayOthers = others.length > 0 && isFree(false);
        boolean mayBrief = brief.length > 0 && isFree(true);
        if (!mayOthers && !mayBrief) {
            return Optional.empty();
        }
        boolean isBrief = mayBrief && !(mayOthers && briefTurns >= BRIEF_TURNS);
        briefTurns = isBrief ? briefTurns + 1 : 0;
        Map.Entry<Digest, W> first = (isBrief ? brief : others).poll();
        return Optional.of(new Turn<>(first.getValue(), take(first.getKey(), isBrief)));
    }

    /** A run has ended, or did not begin. */
    public void left(Place place) {
        running--;
        if (!place.isBrief) {
            othersRunning--;
        }
    }

    /** A run has ended after this much work. */
    public void ended(Place place, Fuel used) {
        left(place);
        boolean wasBrief = used.units() <= BRIEF.units();
        Habit known = habits.get(place.artefact);
        Habit before = known == null ? Habit.STRANGER : known;
        habits.put(place.artefact, wasBrief ? before.afterBrief() : before.afterLong());
    }

    /** Takes out all those that this holds for; the one operation that looks at all. */
    public List<W> removeIf(Predicate<W> condition) {
        List<W> removed = new ArrayList<>();
        brief.removeIf(condition, removed);
        others.removeIf(condition, removed);
        return removed;
    }

    /** How many wait. */
    public int length() {
        return brief.length + others.length;
    }

    private boolean isBrief(Digest artefact) {
        Habit habit = habits.get(artefact);
        return habit != null && habit.missing == 0;
    }

    private boolean isFree(boolean isBrief) {
        int share = othersTurns < OTHERS_TURNS ? 4 : 2;
        return running < places && (isBrief || othersRunning < Math.max(1, places / share));
    }

    private Place take(Digest artefact, boolean isBrief) {
        running++;
        if (isBrief) {
            othersTurns = 0;
        } else {
            othersRunning++;
            othersTurns = Math.min(OTHERS_TURNS, othersTurns + 1);
        }
        return new Place(artefact, isBrief);
    }

    /**
     * What is known of a function.
     *
     * @param missing brief runs that it still has to make until it counts as brief
     * @param asked brief runs that will be asked for after its next long one
     */
    private record Habit(int missing, int asked) {
        static final Habit STRANGER = new Habit(1, 8);

        Habit afterBrief() {
            return new Habit(Math.max(0, missing - 1), asked);
        }

        Habit afterLong() {
            return new Habit(/* missing= */ asked, /* asked= */ Math.min(STREAK_MAX, 2 * asked));
        }
    }

    /** Those of one kind that wait, function by function in the order of their turns. */
    private final class Line {
        private final LinkedHashMap<Digest, ArrayDeque<W>> waiting = new LinkedHashMap<>();
        private int length;

        int length(Digest artefact) {
            ArrayDeque<W> own = waiting.get(artefact);
            return own == null ? 0 : own.size();
        }

        void add(Digest artefact, W work) {
            waiting.computeIfAbsent(artefact, _ -> new ArrayDeque<>()).add(work);
            length++;
        }

        Map.Entry<Digest, W> poll() {
            Map.Entry<Digest, ArrayDeque<W>> turn = waiting.firstEntry();
            waiting.remove(turn.getKey());
            W first = turn.getValue().remove();
            if (!turn.getValue().isEmpty()) {
                waiting.put(turn.getKey(), turn.getValue());
            }
            length--;
            return Map.entry(turn.getKey(), first);
        }

        void removeIf(Predicate<W> condition, List<W> removed) {
            for (Iterator<ArrayDeque<W>> lists = waiting.values().iterator(); lists.hasNext(); ) {
                ArrayDeque<W> list = lists.next();
                list.removeIf(each -> condition.test(each) && removed.add(each));
                if (list.isEmpty()) {
                    lists.remove();
                }
            }
            length = waiting.values().stream().mapToInt(ArrayDeque::size).sum();
        }
    }
}
