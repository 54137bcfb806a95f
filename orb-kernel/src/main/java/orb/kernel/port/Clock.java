package orb.kernel.port;

import java.time.Instant;

/** Time: tells it and wakes ({@link Event.Woke}). Thread-safe. */
public interface Clock {
    Instant now();

    void wakeAfter(Effect.WakeAfter effect);
}
