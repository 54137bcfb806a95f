package orb.overlay;

import static orb.overlay.Given.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import orb.kernel.Address;
import orb.kernel.Contact;
import orb.kernel.NodeId;
import org.junit.jupiter.api.Test;

class ReconnectTest {
    private static final Contact A = new Contact(Given.id(1), Given.address(1));
    private static final Contact B = new Contact(Given.id(2), Given.address(2));
    private static final Contact C = new Contact(Given.id(3), Given.address(3));

    private final Reconnect reconnect =
            new Reconnect(
                    new Reconnect.Pace(Duration.ofMillis(100), Duration.ofSeconds(10), 3),
                    new SplittableRandom(7));

    @Test
    void aStoredContactComesBeforeOneOfTheBootstrapFile() {
        reconnect.offer(A, false);
        reconnect.offer(B, true);

        assertThat(reconnect.next(NOW)).contains(B);
        assertThat(reconnect.next(NOW)).contains(A);
        assertThat(reconnect.next(NOW)).isEmpty();
        assertThat(reconnect.untilNext(NOW)).isEmpty();
    }

    @Test
    void theWaitDoublesWithinItsJitterAndStopsAtTheLongest() {
        reconnect.offer(A, false);
        Instant now = NOW;
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            assertThat(reconnect.next(now)).contains(A);
            reconnect.failed(A.id(), now);
            Duration wait = reconnect.untilNext(now).orElseThrow();
            waits.add(wait.toMillis());
            assertThat(reconnect.next(now.plus(wait).minusMillis(1))).isEmpty();
            now = now.plus(wait);
        }
        for (int i = 0; i < waits.size(); i++) {
            long most = Math.min(100L << i, 10_000);
            assertThat(waits.get(i)).isBetween(most / 2, most);
        }
    }

    @Test
    void twoPeersThatFailTogetherDoNotComeBackTogether() {
        Reconnect other = new Reconnect(Reconnect.Pace.DEFAULT, new SplittableRandom(8));
        for (Reconnect one : List.of(reconnect, other)) {
            one.offer(A, false);
            one.next(NOW);
            one.failed(A.id(), NOW);
        }

        assertThat(reconnect.untilNext(NOW)).isNotEqualTo(other.untilNext(NOW));
    }

    @Test
    void itRotatesOverAllContactsWhileNoneAnswers() {
        List.of(A, B, C).forEach(contact -> reconnect.offer(contact, false));
        Instant now = NOW;
        List<NodeId> dialled = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            Contact next = reconnect.next(now).orElseThrow();
            dialled.add(next.id());
            reconnect.failed(next.id(), now);
            now = now.plusSeconds(20);
        }

        for (int round = 0; round < 3; round++) {
            assertThat(dialled.subList(round * 3, round * 3 + 3))
                    .containsExactlyInAnyOrder(A.id(), B.id(), C.id());
        }
    }

    @Test
    void aLinkResetsTheWaitAndItsLossStartsWithAShortOne() {
        reconnect.offer(A, false);
        for (int i = 0; i < 6; i++) {
            reconnect.next(NOW.plusSeconds(20L * i));
            reconnect.failed(A.id(), NOW.plusSeconds(20L * i));
        }
        Instant later = NOW.plusSeconds(200);
        reconnect.next(later);
        reconnect.linked(A.id());
        assertThat(reconnect.busy()).isEqualTo(1);
        assertThat(reconnect.next(later)).isEmpty();

        reconnect.lost(A.id(), later);

        assertThat(reconnect.untilNext(later).orElseThrow())
                .isLessThanOrEqualTo(Duration.ofMillis(100));
        reconnect.offer(B, false);
        assertThat(reconnect.next(later.plusSeconds(1))).as("was linked before").contains(A);
    }

    @Test
    void contactsAreBoundedAndANewAddressReplacesOneThatFails() {
        List.of(A, B, C, new Contact(Given.id(4), Given.address(4)))
                .forEach(contact -> reconnect.offer(contact, false));
        assertThat(reconnect.size()).isEqualTo(3);

        reconnect.next(NOW);
        reconnect.failed(A.id(), NOW);
        Contact moved = new Contact(A.id(), new Address("moved.example", 1));
        reconnect.offer(moved, false);
        reconnect.next(NOW);
        reconnect.next(NOW);
        assertThat(reconnect.next(NOW.plusSeconds(1))).contains(moved);
    }
}
