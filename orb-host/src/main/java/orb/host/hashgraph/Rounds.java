package orb.host.hashgraph;

import java.util.List;
import orb.host.store.EntryLog;
import orb.host.store.LogTail;

/** What the platform tells about the order, on one thread at a time. */
interface Rounds {
    /**
     * The trackers have agreed on the next entries; returns once they are durable here.
     *
     * @param before the log as agreed before them
     * @return the log as agreed after them
     */
    LogTail agreed(LogTail before, List<EntryLog.Timed> entries);

    /**
     * The platform goes on from a state in which the log was this long; returns once all of it is
     * durable here.
     */
    void resume(LogTail agreed);

    /** The platform can or cannot take entries; {@code name} is for people. */
    void status(String name, boolean active);

    /** The platform cannot go on. */
    void failed(String why);
}
