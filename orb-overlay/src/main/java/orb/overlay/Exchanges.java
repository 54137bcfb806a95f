package orb.overlay;

import static orb.kernel.Require.require;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Numbered questions that wait for their answers, each with what to do then; bounded.
 *
 * <p>A role opens an exchange, puts its number into an effect, and closes it when the event with
 * that number comes back. A number is never used twice, so a late or doubled answer finds nothing.
 * Not thread-safe.
 *
 * @param <T> what is to be done with the answer
 */
public final class Exchanges<T> {
    private final int countMax;
    private final Map<Long, T> pending = new LinkedHashMap<>();
    private long last;

    /** At most {@code countMax} wait at once. */
    public Exchanges(int countMax) {
        require(countMax >= 1, "at least one exchange must be able to wait, not %d", countMax);
        this.countMax = countMax;
    }

    /** The number under which {@code then} waits; empty if too many wait already. */
    public OptionalLong open(T then) {
        if (pending.size() >= countMax) {
            return OptionalLong.empty();
        }
        pending.put(++last, then);
        return OptionalLong.of(last);
    }

    /** What waited under the number, which waits no longer; empty if nothing does. */
    public Optional<T> close(long number) {
        return Optional.ofNullable(pending.remove(number));
    }

    /** What waits under the number and goes on waiting. */
    public Optional<T> peek(long number) {
        return Optional.ofNullable(pending.get(number));
    }

    /** All that waits, oldest first. */
    public List<T> waiting() {
        return List.copyOf(pending.values());
    }

    public boolean isFull() {
        return pending.size() >= countMax;
    }

    public int size() {
        return pending.size();
    }
}
