package orb.kernel.port;

import java.util.List;
import java.util.function.Consumer;

/**
 * Gives entries one order that all trackers share. Reports {@link Event.Ordered} only once the
 * entry is durable, in the order of its indexes, without a gap; {@link Event.OrderingFailed}
 * otherwise. Thread-safe.
 */
public interface Ordering {
    void propose(Effect.Propose effect);

    /** Reads the whole log in order, for a start; called once, before anything is proposed. */
    void replay(Consumer<Event.Ordered> reader);

    /**
     * Reads entries that are durable, for whoever wants to check the log; blocks.
     *
     * @param from index of the first
     * @param countMax how many at most; fewer come at the end of the log
     */
    List<Event.Ordered> read(long from, int countMax);
}
