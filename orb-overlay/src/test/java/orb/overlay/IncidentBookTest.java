package orb.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.FunctionName;
import orb.kernel.RefusedException;
import orb.kernel.message.Incident;
import orb.kernel.port.Effect;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is noticed is counted, bounded and kept; what follows from it is bounded too. */
@Tag("H5")
class IncidentBookTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final IncidentBook book = new IncidentBook(4);

    private Optional<Incident> note(Incident.Kind kind, String function, Instant now) {
        return book.note(
                Incident.first(
                        kind,
                        Optional.of(FunctionName.parse(function)),
                        Optional.empty(),
                        "because",
                        now),
                now);
    }

    private List<String> functions() {
        return book.newest(9).stream().map(each -> each.function().orElseThrow().name()).toList();
    }

    @Test
    void theSameAgainIsOneIncidentWithACount() {
        assertThat(note(Incident.Kind.EGRESS_DENIED, "eve/a", NOW)).isPresent();
        for (int i = 1; i < 1000; i++) {
            assertThat(note(Incident.Kind.EGRESS_DENIED, "eve/a", NOW.plusSeconds(i))).isEmpty();
        }

        Incident all = book.newest(9).getFirst();
        assertThat(book.newest(9)).hasSize(1);
        assertThat(all.count()).isEqualTo(1000);
        assertThat(all.lastMillis() - all.firstMillis()).isEqualTo(999_000);
        assertThat(book.save()).hasSize(1);
        assertThat(book.isChanged()).isFalse();
    }

    @Test
    void aLimitThatIsReachedNowAndThenIsNoIncidentAndOneReachedAgainAndAgainIs() {
        assertThat(note(Incident.Kind.FUEL_LIMIT, "bob/big", NOW)).isEmpty();
        assertThat(note(Incident.Kind.FUEL_LIMIT, "bob/big", NOW)).isEmpty();
        Instant later = NOW.plus(Duration.ofMinutes(61));
        assertThat(note(Incident.Kind.FUEL_LIMIT, "bob/big", later)).as("begins anew").isEmpty();
        assertThat(book.newest(9)).isEmpty();
        assertThat(book.isChanged()).isFalse();

        note(Incident.Kind.FUEL_LIMIT, "bob/big", later);

        assertThat(note(Incident.Kind.FUEL_LIMIT, "bob/big", later)).isPresent();
        assertThat(book.newest(9).getFirst().count()).isEqualTo(3);
    }

    @Test
    void whoMakesManyIncidentsPushesOutHisOwn() {
        note(Incident.Kind.EGRESS_DENIED, "bob/kept", NOW);
        for (int i = 0; i < 50; i++) {
            note(Incident.Kind.EGRESS_DENIED, "eve/f" + i, NOW.plusSeconds(i + 1));
        }

        assertThat(functions()).containsExactly("f49", "f48", "f47", "kept");
    }

    @Test
    void whatWasSavedIsTakenUpAgainAndWhatWasPushedOutIsErased() {
        NavigableMap<Bytes, Bytes> disk = new TreeMap<>();
        for (int i = 0; i < 9; i++) {
            note(Incident.Kind.EGRESS_DENIED, "eve/f" + i, NOW.plusSeconds(i));
            for (Effect effect : book.save()) {
                if (effect instanceof Effect.Save(_, var key, var value)) {
                    disk.put(key, value);
                } else if (effect instanceof Effect.Erase(_, var key)) {
                    disk.remove(key);
                }
            }
        }

        IncidentBook again = new IncidentBook(4);
        again.start(disk);

        assertThat(disk).hasSize(4);
        assertThat(again.newest(9)).isEqualTo(book.newest(9));
        assertThat(again.revision()).as("is told again").isPositive();
        disk.put(Bytes.utf8("a"), Bytes.utf8("no incident"));
        assertThatThrownBy(() -> new IncidentBook(9).start(disk))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void noNumberOfLiarsMakesANodeUntrustedAndNoneTakesMoreThanThirtyPointsOfAFunction() {
        assertThat(Reputation.ofNode(0, 0, 0)).isEqualTo(Reputation.FULL);
        assertThat(Reputation.ofNode(0, 1, 0)).isEqualTo(90);
        assertThat(Reputation.ofNode(0, 1_000_000, 9))
                .isGreaterThanOrEqualTo(Reputation.TRUSTED_MIN);
        assertThat(Reputation.ofNode(3, 0, 0)).isLessThan(Reputation.TRUSTED_MIN);
        assertThat(Reputation.ofNode(Long.MAX_VALUE, 9, 9)).isZero();

        Set<Incident.Kind> all = EnumSet.allOf(Incident.Kind.class);
        assertThat(Reputation.ofFunction(List.of(all))).isEqualTo(70);
        assertThat(Reputation.ofFunction(List.of(EnumSet.of(Incident.Kind.EGRESS_DENIED))))
                .isEqualTo(90);
        assertThat(Reputation.ofFunction(List.of(all, all, all, all, all))).isZero();
        assertThat(Reputation.ofFunction(List.of())).isEqualTo(Reputation.FULL);
    }
}
