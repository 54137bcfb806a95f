package orb.host.store;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Ordering;

/**
 * The {@code local} engine: one writer gives entries their order in an {@link EntryLog}.
 *
 * <p>Entries are committed in groups; an entry is reported only after its commit was synced. Times
 * never go back, even if the clock does. Indexes count from 0. Thread-safe.
 */
public final class LocalOrdering implements Ordering, AutoCloseable {
    /** At most this many proposed entries wait; more are refused as BUSY. */
    public static final int WAITING_MAX = 65_536;

    private static final int GROUP_MAX = 4_096;

    private final EntryLog log;
    private final InstantSource clock;
    private final Consumer<Event> mailbox;
    private final GroupWriter<Bytes> writer;

    private LocalOrdering(EntryLog log, InstantSource clock, Consumer<Event> mailbox) {
        this.log = log;
        this.clock = clock;
        this.mailbox = mailbox;
        writer =
                new GroupWriter<>(
                        new GroupWriter.Settings(
                                "orb-log", WAITING_MAX, 256L << 20, GROUP_MAX, Duration.ZERO),
                        Bytes::length,
                        this::write);
    }

    /**
     * Opens or makes the log after a check of the whole file.
     *
     * @param clock where times come from
     * @param mailbox gets {@link Event.Ordered} and {@link Event.OrderingFailed}, in order, from
     *     the log's thread
     * @return STORE_DAMAGED, DISK_FULL or STORE_UNUSABLE, naming the file and what to do
     */
    public static Result<LocalOrdering> open(
            DataFolder folder, InstantSource clock, Consumer<Event> mailbox) {
        return EntryLog.open(folder).map(log -> new LocalOrdering(log, clock, mailbox));
    }

    @Override
    public void propose(Effect.Propose effect) {
        if (!writer.offer(effect.entry())) {
            fail(
                    effect.entry(),
                    new Refusal(
                            ErrorCode.BUSY,
                            "the log is closed or " + WAITING_MAX + " entries wait for it",
                            "propose the entry again in a moment"));
        }
    }

    /**
     * Reads the log from its start and checks every link.
     *
     * @throws orb.kernel.RefusedException with STORE_DAMAGED and the index where the chain does not
     *     hold
     */
    @Override
    public void replay(Consumer<Event.Ordered> reader) {
        log.replay(reader);
    }

    @Override
    public List<Event.Ordered> read(long from, int countMax) {
        return log.ordered(from, countMax);
    }

    /** Waits until everything proposed so far was reported. */
    public void flush() {
        writer.flush();
    }

    /** Orders what waits and closes. */
    @Override
    public void close() {
        writer.close();
        log.close();
    }

    /** Lets the file grow to this many pages of 4 KiB and no further: a small disk, for tests. */
    void limitPages(int pages) {
        writer.flush();
        log.limitPages(pages);
    }

    private void write(List<Bytes> group) {
        long at = clock.instant().toEpochMilli();
        List<EntryLog.Timed> timed = new ArrayList<>(group.size());
        group.forEach(entry -> timed.add(new EntryLog.Timed(at, entry)));
        switch (log.append(timed)) {
            case Result.Ok(var ordered) -> ordered.forEach(mailbox);
            case Result.Refused(var refusal) -> group.forEach(entry -> fail(entry, refusal));
        }
    }

    private void fail(Bytes entry, Refusal refusal) {
        mailbox.accept(new Event.OrderingFailed(Digest.of(entry), refusal));
    }
}
