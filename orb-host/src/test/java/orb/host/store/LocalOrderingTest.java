package orb.host.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LocalOrderingTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir Path home;

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private DataFolder folder;

    @BeforeEach
    void lockFolder() {
        folder = DataFolder.open(home.resolve("data")).orThrow();
    }

    @AfterEach
    void unlockFolder() {
        folder.close();
    }

    private LocalOrdering open() {
        InstantSource clock = now::get;
        return LocalOrdering.open(folder, clock, events::add).orThrow();
    }

    private static Effect.Propose entry(int number) {
        return new Effect.Propose(Bytes.utf8("entry " + number));
    }

    private static List<Event.Ordered> replay(LocalOrdering log) {
        List<Event.Ordered> read = new ArrayList<>();
        log.replay(read::add);
        return read;
    }

    @Test
    void entriesAreReportedInOrderWithoutAGapAndReplayedTheSame() {
        try (LocalOrdering log = open()) {
            assertThat(replay(log)).isEmpty();
            for (int i = 0; i < 5_000; i++) {
                log.propose(entry(i));
            }
        }
        assertThat(events).hasSize(5_000);
        for (int i = 0; i < 5_000; i++) {
            assertThat(events.get(i)).isEqualTo(new Event.Ordered(i, START, entry(i).entry()));
        }
        try (LocalOrdering log = open()) {
            assertThat(replay(log)).isEqualTo(events);
            log.propose(entry(5_000));
            log.flush();
        }
        assertThat(events.getLast())
                .isEqualTo(new Event.Ordered(5_000, START, entry(5_000).entry()));
    }

    @Test
    void timesNeverGoBackEvenIfTheClockDoes() {
        try (LocalOrdering log = open()) {
            log.propose(entry(0));
            log.flush();
            now.set(START.minus(Duration.ofDays(1)));
            log.propose(entry(1));
        }
        now.set(START.minus(Duration.ofDays(2)));
        try (LocalOrdering log = open()) {
            log.propose(entry(2));
            log.flush();
            now.set(START.plusSeconds(1));
            log.propose(entry(3));
        }
        assertThat(events)
                .extracting(event -> ((Event.Ordered) event).time())
                .containsExactly(START, START, START, START.plusSeconds(1));
    }

    @Test
    void aFullDiskFailsExactlyTheEntriesThatDidNotFitAndOrderingGoesOnAfterwards() {
        List<Event> reported;
        try (LocalOrdering log = open()) {
            log.propose(entry(0));
            log.limitPages(40);
            Bytes big = Bytes.wrap(new byte[300_000]);
            log.propose(new Effect.Propose(big));
            log.flush();
            log.propose(entry(1));
            log.flush();
            reported = List.copyOf(events);
            log.limitPages(10_000);
            log.propose(new Effect.Propose(big));
            log.flush();
            assertThat(events.getLast()).isEqualTo(new Event.Ordered(2, START, big));
            Event.OrderingFailed failed = (Event.OrderingFailed) reported.get(1);
            assertThat(failed.entry()).isEqualTo(Digest.of(big));
            assertThat(failed.refusal().code()).isEqualTo(ErrorCode.DISK_FULL);
        }
        assertThat(reported).hasSize(3);
        assertThat(reported.get(2)).isEqualTo(new Event.Ordered(1, START, entry(1).entry()));
        try (LocalOrdering log = open()) {
            assertThat(replay(log)).hasSize(3);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE log SET entry = x'00' WHERE idx = 7",
                "UPDATE log SET at_millis = at_millis + 1 WHERE idx = 7",
                "UPDATE log SET link = zeroblob(32) WHERE idx = 7",
                "DELETE FROM log WHERE idx = 7"
            })
    void aLogChangedInTheMiddleIsRefusedWithTheIndex(String change) throws Exception {
        try (LocalOrdering log = open()) {
            for (int i = 0; i < 20; i++) {
                log.propose(entry(i));
            }
        }
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + folder.log())) {
            other.createStatement().execute(change);
        }
        try (LocalOrdering log = open()) {
            assertThatThrownBy(() -> replay(log))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> {
                                assertThat(e.refusal().code()).isEqualTo(ErrorCode.STORE_DAMAGED);
                                assertThat(e.refusal().what()).contains("log.db", "index 7");
                            });
        }
    }

    @Test
    void whatIsProposedAfterTheCloseIsRefusedAndNotLostSilently() {
        LocalOrdering log = open();
        log.close();
        log.propose(entry(0));
        assertThat(events).singleElement().isInstanceOf(Event.OrderingFailed.class);
    }

    @Test
    void aLogBehindAForeignWriteLockRefusesAndThenGoesOn() throws Exception {
        try (LocalOrdering log = open()) {
            log.propose(entry(0));
            log.flush();
            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + folder.log())) {
                other.createStatement().execute("BEGIN IMMEDIATE");
                log.propose(entry(1));
                log.flush();
                other.createStatement().execute("ROLLBACK");
            }
            log.propose(entry(2));
        }
        assertThat(events).hasSize(3);
        assertThat(((Event.OrderingFailed) events.get(1)).refusal().code())
                .isEqualTo(ErrorCode.STORE_LOCKED);
        assertThat(events.get(2)).isEqualTo(new Event.Ordered(1, START, entry(2).entry()));
    }
}
