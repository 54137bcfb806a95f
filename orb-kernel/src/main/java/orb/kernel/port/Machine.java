package orb.kernel.port;

import java.time.Instant;
import java.util.List;

/**
 * A role as a pure step: takes the time and one event, changes its own state, returns effects.
 *
 * <p>It opens no socket, starts no thread, reads no clock and takes chance only from the source it
 * was made with, so the same events at the same times give the same effects. One owner calls it,
 * one event at a time; it is not thread-safe.
 */
public interface Machine {
    /** Effects are performed in the order of the list. */
    List<Effect> step(Instant now, Event event);
}
