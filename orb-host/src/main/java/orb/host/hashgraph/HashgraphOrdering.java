package orb.host.hashgraph;

import static orb.kernel.Require.require;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import orb.host.store.DataFolder;
import orb.host.store.DurableFiles;
import orb.host.store.EntryLog;
import orb.host.store.LogTail;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Ordering;

/**
 * The {@code hashgraph} engine: the trackers of a {@link Roster} agree on one order of entries,
 * with no leader; safe and live while trackers with less than a third of the votes lie or are gone.
 *
 * <p>What they agree on is appended to an {@link EntryLog}, with the consensus timestamp in whole
 * milliseconds; one that is before the last entry's becomes that one's. Every tracker computes the
 * same log, links and all. A round of the platform is one durable commit, and its state goes no
 * further than what is durable here; so after a kill the platform repeats rounds, which are matched
 * against the log, and never leaves one out. What was ordered while this tracker was too long away
 * for the platform to tell is fetched from the other trackers' logs and proved by the link in the
 * state that they signed. Thread-safe.
 */
public final class HashgraphOrdering implements Ordering, Rounds, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HashgraphOrdering.class.getName());
    private static final Duration RETRY = Duration.ofMillis(250);

    private final Settings settings;
    private final EntryLog log;
    private final Consumer<Event> mailbox;
    private final Consumer<Refusal> troubles;
    private final Proposals proposals;
    private final PlatformApp app;
    private final LogServer server;
    private final LogFetch fetch;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Optional<HieroPlatform> platform = Optional.empty();
    private volatile String status = "NOT_STARTED";
    private volatile boolean active;

    /**
     * What an engine is made from.
     *
     * @param folder of this tracker
     * @param roster who votes
     * @param self this tracker, which must have a seat
     * @param keys whose certificate is that of the seat
     * @param patience how long a proposed entry waits for a platform that takes none
     * @param roundsKept how many rounds back this tracker can tell others by gossip, 30 or more; to
     *     one that was away for longer it gives its state and its log
     */
    public record Settings(
            DataFolder folder,
            Roster roster,
            NodeId self,
            GossipKeys keys,
            Duration patience,
            int roundsKept) {
        public Settings {
            require(roundsKept >= 30, "30 rounds at least are kept, not %d", roundsKept);
        }

        /** With 10 s of patience and 500 rounds kept, some 50 s. */
        public static Settings standard(
                DataFolder folder, Roster roster, NodeId self, GossipKeys keys) {
            return new Settings(folder, roster, self, keys, Duration.ofSeconds(10), 500);
        }
    }

    private HashgraphOrdering(
            Settings settings,
            EntryLog log,
            LogServer server,
            Consumer<Event> mailbox,
            Consumer<Refusal> troubles) {
        this.settings = settings;
        this.log = log;
        this.server = server;
        this.mailbox = mailbox;
        this.troubles = troubles;
        proposals = new Proposals(settings.patience(), this::fail);
        app = new PlatformApp(proposals, this, settings.roster().since(), InstantSource.system());
        fetch = new LogFetch(settings.roster(), settings.self());
    }

    /**
     * Opens the log; nothing is ordered before {@link #replay}.
     *
     * @param mailbox gets {@link Event.Ordered} in order, and {@link Event.OrderingFailed}
     * @param troubles is told what keeps this tracker from going on
     * @return BAD_ARGUMENT if the roster has no seat for this tracker or another certificate, or
     *     begins before the end of the log here; PORT_IN_USE; what {@link EntryLog#open} refuses
     */
    public static Result<HashgraphOrdering> open(
            Settings settings, Consumer<Event> mailbox, Consumer<Refusal> troubles) {
        Roster roster = settings.roster();
        Optional<Roster.Seat> seat =
                roster.seatOf(settings.self())
                        .map(roster.seats()::get)
                        .filter(own ->
                                own.keys().certificate().equals(settings.keys().certificate()));
        if (seat.isEmpty()) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.BAD_ARGUMENT,
                            "the roster has no seat for tracker "
                                    + settings.self()
                                    + " with this gossip key",
                            "put the file that `orb tracker keys` writes here into the roster"));
        }
        return EntryLog.open(settings.folder())
                .then(log -> {
                    Result<HashgraphOrdering> opened =
                            Result.catching(() -> {
                                begins(settings, log.tail());
                                LogServer server = LogServer.start(seat.get().keys().log(), log);
                                return new HashgraphOrdering(
                                        settings, log, server, mailbox, troubles);
                            });
                    if (!opened.isOk()) {
                        log.close();
                    }
                    return opened;
                });
    }

    /** A tracker that starts from a roster for the first time has nothing that came after it. */
    private static void begins(Settings settings, LogTail tail) {
        LogTail since = settings.roster().since();
        if (!Files.exists(platformFolder(settings)) && tail.next() > since.next()) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.BAD_ARGUMENT,
                            "the log here has "
                                    + tail.next()
                                    + " entries, but the roster goes on from entry "
                                    + since.next(),
                            "make the roster with --continue from the longest log; or, if only"
                                    + " this tracker's folder hashgraph was lost, move log.db away"
                                    + " too and the other trackers give it back"));
        }
    }

    private static Path platformFolder(Settings settings) {
        return settings.folder()
                .path()
                .resolve("hashgraph")
                .resolve(settings.roster().digest().hex().substring(0, 16));
    }

    @Override
    public void propose(Effect.Propose effect) {
        proposals.offer(effect.entry(), System.nanoTime());
    }

    /**
     * Reads the log and checks every link; then starts the platform in the background.
     *
     * @throws RefusedException with STORE_DAMAGED and the index where the chain does not hold
     */
    @Override
    public void replay(Consumer<Event.Ordered> reader) {
        log.replay(reader);
        Thread.ofPlatform()
                .name("orb-hashgraph-start")
                .daemon(true)
                .uncaughtExceptionHandler((thread, e) -> broke(e))
                .start(this::begin);
        Thread.ofVirtual().name("orb-hashgraph-patience").start(this::expire);
    }

    @Override
    public List<Event.Ordered> read(long from, int countMax) {
        return log.ordered(from, countMax);
    }

    /** The platform's own word for how it is, for people: ACTIVE when it orders. */
    public String status() {
        return status;
    }

    /** Whether entries are ordered now. */
    public boolean isActive() {
        return active;
    }

    /** The latest round that the trackers have agreed on, as far as this one knows; 0 before. */
    public long round() {
        return app.round();
    }

    /** The end of the log that is durable here. */
    public LogTail tail() {
        return log.tail();
    }

    private void begin() {
        Roster roster = settings.roster();
        Path folder = platformFolder(settings);
        try {
            DurableFiles.makeFolder(folder);
            int seat = roster.seatOf(settings.self()).orElseThrow();
            HieroPlatform started =
                    HieroPlatform.start(
                            PlatformSettings.of(folder, settings.roundsKept()),
                            roster,
                            seat,
                            settings.keys(),
                            app);
            platform = Optional.of(started);
            if (isClosing()) {
                started.close();
            }
        } catch (IOException | GeneralSecurityException e) {
            broke(e);
        }
    }

    private void broke(Throwable cause) {
        LOG.log(Level.ERROR, "starting the platform", cause);
        failed("starting the platform: " + cause);
    }

    private void expire() {
        while (!pause()) {
            proposals.expire(System.nanoTime());
        }
    }

    /** Waits a moment; true once this is closing. */
    private boolean pause() {
        try {
            return closing.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    @Override
    public LogTail agreed(LogTail before, List<EntryLog.Timed> entries) {
        LogTail after = before;
        LogTail known = before; // as far as the log here goes already: a round that is repeated
        List<EntryLog.Timed> fresh = new ArrayList<>();
        for (EntryLog.Timed entry : entries) {
            after = after.then(entry.atMillis(), entry.entry());
            if (after.next() > log.tail().next()) {
                fresh.add(entry);
            } else {
                known = after;
            }
        }
        match(known);
        append(fresh);
        return after;
    }

    @Override
    public void resume(LogTail agreed) {
        while (log.tail().next() < agreed.next()) {
            List<EntryLog.Timed> missed = fetch.missing(log.tail(), agreed);
            if (!missed.isEmpty()) {
                append(missed);
            } else if (pause()) {
                throw new IllegalStateException("closed while it fetched entries");
            }
        }
        match(agreed);
    }

    /** Stops for good if the log is not the one that the trackers agreed on. */
    private void match(LogTail agreed) {
        Optional<LogTail> here = log.tailAt(agreed.next());
        if (!here.equals(Optional.of(agreed))) {
            halt(
                    new Refusal(
                            ErrorCode.STORE_DAMAGED,
                            "the log differs from what the trackers agreed on, at or before index "
                                    + (agreed.next() - 1),
                            "move log.db and the folder hashgraph away and start again: the other"
                                    + " trackers have the entries"));
        }
    }

    /** Returns once all is durable and reported. */
    private void append(List<EntryLog.Timed> entries) {
        if (entries.isEmpty()) {
            return;
        }
        boolean told = false;
        while (true) {
            switch (log.append(entries)) {
                case Result.Ok(var ordered) -> {
                    ordered.forEach(event -> {
                        proposals.ordered(event.entry());
                        mailbox.accept(event);
                    });
                    return;
                }
                case Result.Refused(var refusal) -> {
                    if (log.isStopped()) {
                        halt(refusal);
                    }
                    if (!told) {
                        troubles.accept(refusal);
                        told = true;
                    }
                    if (pause()) {
                        throw new RefusedException(refusal);
                    }
                }
            }
        }
    }

    /** Nothing may be agreed on here any more: whoever comes this way goes no further. */
    private void halt(Refusal refusal) {
        stop(refusal);
        while (!pause()) {
            proposals.expire(System.nanoTime());
        }
        throw new RefusedException(refusal);
    }

    private void stop(Refusal refusal) {
        active = false;
        status = "STOPPED";
        proposals.stop(refusal);
        troubles.accept(refusal);
    }

    @Override
    public void status(String name, boolean nowActive) {
        LOG.log(Level.INFO, "the platform is {0}", name);
        status = name;
        active = nowActive;
    }

    @Override
    public void failed(String why) {
        stop(
                new Refusal(
                        ErrorCode.INTERNAL,
                        "this tracker orders no more: " + why,
                        "the log says what came before; please report it"));
    }

    private void fail(Bytes entry, Refusal refusal) {
        mailbox.accept(new Event.OrderingFailed(Digest.of(entry), refusal));
    }

    /** Stops taking part; what is under way may still be ordered by the others. */
    @Override
    public void close() {
        proposals.stop(
                new Refusal(
                        ErrorCode.BUSY, "this tracker stops", "propose the entry to another one"));
        closing.countDown();
        server.close();
        platform.ifPresent(HieroPlatform::close);
        log.close();
    }
}
