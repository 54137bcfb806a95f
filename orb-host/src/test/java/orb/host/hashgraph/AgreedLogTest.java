package orb.host.hashgraph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import orb.host.store.DataFolder;
import orb.host.store.EntryLog;
import orb.host.store.LogTail;
import orb.host.wallet.MachineKey;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the engine does with rounds, without the platform that makes them. */
@Timeout(60)
class AgreedLogTest {
    @TempDir Path home;

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<Refusal> troubles = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Roster roster;

    @BeforeEach
    void found() throws Exception {
        List<Integer> ports = Cluster.freePorts(4);
        roster =
                Roster.of(
                                Cluster.GENESIS,
                                LogTail.START,
                                List.of(
                                        Cluster.keys(home.resolve("a"), ports.get(0), ports.get(1)),
                                        Cluster.keys(
                                                home.resolve("b"), ports.get(2), ports.get(3))))
                        .orThrow();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable part : open.reversed()) {
            part.close();
        }
    }

    private Result<HashgraphOrdering> tryOpen(String name, Roster from) {
        DataFolder folder = DataFolder.open(home.resolve(name)).orThrow();
        open.add(folder);
        SecureRandom chance = new SecureRandom();
        NodeId self =
                NodeId.of(
                        MachineKey.openOrCreate(folder.machineKey(), chance).orThrow().publicKey());
        GossipKeys keys = GossipKeys.openOrCreate(folder, self, chance).orThrow();
        Result<HashgraphOrdering> opened =
                HashgraphOrdering.open(
                        new HashgraphOrdering.Settings(
                                folder, from, self, keys, Duration.ofMillis(200), 30),
                        events::add,
                        troubles::add);
        if (opened instanceof Result.Ok<HashgraphOrdering>(var engine)) {
            open.add(engine);
        }
        return opened;
    }

    private HashgraphOrdering open(String name) {
        return tryOpen(name, roster).orThrow();
    }

    private static EntryLog.Timed entry(long at, String text) {
        return new EntryLog.Timed(at, Bytes.utf8(text));
    }

    private List<String> reported() {
        return events.stream()
                .map(event -> (Event.Ordered) event)
                .map(e -> e.index() + " " + e.time().toEpochMilli() + " " + e.entry().utf8())
                .toList();
    }

    @Test
    void aRoundIsDurableReportedAndMonotoneInTime() {
        HashgraphOrdering engine = open("a");
        LogTail one = engine.agreed(LogTail.START, List.of(entry(1_000, "x"), entry(999, "y")));
        LogTail two = engine.agreed(one, List.of(entry(998, "z")));
        assertThat(reported()).containsExactly("0 1000 x", "1 1000 y", "2 1000 z");
        assertThat(engine.tail()).isEqualTo(two);
        assertThat(two.next()).isEqualTo(3);
    }

    @Test
    void repeatedRoundsAreMatchedAndNotReportedAgain() {
        HashgraphOrdering engine = open("a");
        List<EntryLog.Timed> first = List.of(entry(5, "x"), entry(6, "y"));
        LogTail one = engine.agreed(LogTail.START, first);
        LogTail two = engine.agreed(one, List.of(entry(7, "z")));
        engine.resume(LogTail.START);
        assertThat(engine.agreed(LogTail.START, first)).isEqualTo(one);
        List<EntryLog.Timed> longer = List.of(entry(7, "z"), entry(8, "w"));
        LogTail three = engine.agreed(one, longer);
        assertThat(three.next()).isEqualTo(4);
        assertThat(two.next()).isEqualTo(3);
        assertThat(reported()).containsExactly("0 5 x", "1 6 y", "2 7 z", "3 8 w");
        assertThat(troubles).isEmpty();
    }

    @Test
    void anOrderThatContradictsTheLogStopsTheEngineForGood() {
        HashgraphOrdering engine = open("a");
        engine.agreed(LogTail.START, List.of(entry(5, "x"), entry(6, "y")));
        Thread round =
                Thread.ofVirtual()
                        .start(() -> engine.agreed(LogTail.START, List.of(entry(5, "q"))));
        await().until(() -> !troubles.isEmpty());
        assertThat(troubles.getFirst().code()).isEqualTo(ErrorCode.STORE_DAMAGED);
        assertThat(troubles.getFirst().what()).contains("index 0");
        engine.propose(new Effect.Propose(Bytes.utf8("late")));
        assertThat(((Event.OrderingFailed) events.getLast()).refusal())
                .isEqualTo(troubles.getFirst());
        assertThat(round.isAlive()).isTrue();
        assertThat(engine.tail().next()).isEqualTo(2);
    }

    @Test
    void aGapIsFetchedFromATrackerWhoseRowsLeadToTheSignedLink() {
        HashgraphOrdering complete = open("a");
        List<EntryLog.Timed> many = new ArrayList<>();
        for (int i = 0; i < 1_500; i++) {
            many.add(entry(i, "entry " + i));
        }
        LogTail all = complete.agreed(LogTail.START, many);
        List<String> expected = reported();
        events.clear();
        HashgraphOrdering behind = open("b");
        behind.agreed(LogTail.START, many.subList(0, 10));
        behind.resume(all);
        assertThat(reported()).isEqualTo(expected);
        assertThat(behind.tail()).isEqualTo(all);
    }

    @Test
    void rowsThatLeadToAnotherLinkAreNotTaken() {
        HashgraphOrdering liar = open("a");
        liar.agreed(LogTail.START, List.of(entry(1, "x"), entry(2, "forged")));
        LogTail signed = LogTail.START.then(1, Bytes.utf8("x")).then(2, Bytes.utf8("genuine"));
        LogFetch fetch = new LogFetch(roster, roster.seats().get(seatOf("b")).id());
        assertThat(fetch.missing(LogTail.START, signed)).isEmpty();
        assertThat(fetch.missing(LogTail.START, liar.tail())).hasSize(2);
    }

    private int seatOf(String name) {
        try (DataFolder folder = DataFolder.open(home.resolve(name)).orThrow()) {
            NodeId id =
                    NodeId.of(
                            MachineKey.openOrCreate(folder.machineKey(), new SecureRandom())
                                    .orThrow()
                                    .publicKey());
            return roster.seatOf(id).orElseThrow();
        }
    }

    @Test
    void whatSurelyIsNotOrderedIsReportedAsFailed() {
        List<String> failed = new ArrayList<>();
        Proposals proposals =
                new Proposals(
                        Duration.ofMillis(100),
                        (entry, refusal) ->
                                failed.add(entry.length() + " " + refusal.code().code()));
        proposals.offer(Bytes.wrap(new byte[Roster.ENTRY_MAX + 1]), 0);
        assertThat(failed).containsExactly("16385 ORB-0003");
        proposals.offer(Bytes.utf8("a"), 0);
        proposals.offer(Bytes.utf8("bb"), 0);
        assertThat(proposals.take(2)).containsExactly(Bytes.utf8("a"));
        proposals.expire(50_000_000);
        assertThat(failed).hasSize(1);
        proposals.expire(150_000_000);
        assertThat(failed).containsExactly("16385 ORB-0003", "2 ORB-0310");
        proposals.stale(List.of(Bytes.utf8("a")), 150_000_000);
        assertThat(proposals.take(100)).containsExactly(Bytes.utf8("a"));
        proposals.ordered(Bytes.utf8("a"));
        proposals.stale(List.of(Bytes.utf8("a")), 150_000_000); // of a life before this one
        assertThat(proposals.take(100)).isEmpty();
        for (int i = 0; i <= Proposals.ENTRIES_MAX; i++) {
            proposals.offer(Bytes.utf8("abc"), 150_000_000);
        }
        assertThat(failed.getLast()).isEqualTo("3 ORB-0207");
        assertThat(failed).hasSize(3);
        proposals.stop(new Refusal(ErrorCode.BUSY, "stopped"));
        assertThat(failed).hasSize(3 + Proposals.ENTRIES_MAX);
    }

    @Test
    void aRosterGoesOnFromTheEndOfALogAndFromNoOtherPlace() throws Exception {
        HashgraphOrdering first = open("a");
        LogTail end = first.agreed(LogTail.START, List.of(entry(1, "x"), entry(2, "y")));
        close();
        open.clear();
        assertThat(Ceremony.tail(home.resolve("a")).orThrow()).isEqualTo(end);
        List<TrackerKeys> keys = roster.seats().stream().map(Roster.Seat::keys).toList();
        LogTail early = LogTail.START.then(1, Bytes.utf8("x"));
        Result<HashgraphOrdering> refused =
                tryOpen("a", Roster.of(Cluster.GENESIS, early, keys).orThrow());
        assertThat(((Result.Refused<?>) refused).refusal().code())
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
        close();
        open.clear();
        roster = Roster.of(Cluster.GENESIS, end, keys).orThrow();
        HashgraphOrdering next = open("a");
        next.resume(end);
        HashgraphOrdering other = open("b");
        other.resume(end);
        assertThat(other.tail()).isEqualTo(end);
        assertThat(next.agreed(end, List.of(entry(3, "z"))).next()).isEqualTo(3);
    }

    @Test
    void aTrackerWithoutASeatIsRefused() {
        Cluster.keys(home.resolve("c"), 7000, 7001);
        assertThat(((Result.Refused<?>) tryOpen("c", roster)).refusal().what()).contains("no seat");
        assertThatThrownBy(() -> tryOpen("c", roster).orThrow())
                .isInstanceOf(RefusedException.class);
        assertThat(Digest.of(roster.encoded())).isNotEqualTo(roster.digest());
        assertThat(Files.exists(home.resolve("c").resolve("hashgraph"))).isFalse();
    }
}
