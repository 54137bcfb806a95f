package orb.cli.world;

import java.util.List;
import java.util.function.Consumer;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Ordering;

/** A node orders nothing: only trackers keep the log. */
final class NoOrdering implements Ordering {
    @Override
    public void propose(Effect.Propose effect) {
        throw new IllegalStateException("a node proposed an entry without a tracker");
    }

    @Override
    public void replay(Consumer<Event.Ordered> reader) {
        // there is no log to read
    }

    @Override
    public List<Event.Ordered> read(long from, int countMax) {
        return List.of();
    }
}
