package orb.overlay;

import static orb.overlay.Given.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import orb.kernel.NodeId;
import orb.overlay.Presence.Change;
import orb.overlay.Presence.State;
import org.junit.jupiter.api.Test;

class PresenceTest {
    private static final NodeId A = Given.id(1);
    private static final NodeId B = Given.id(2);

    private final Presence presence =
            new Presence(new Presence.Timeouts(Duration.ofSeconds(3), Duration.ofSeconds(5), 2));

    private State state(NodeId peer) {
        return presence.sight(peer).orElseThrow().state();
    }

    @Test
    void silenceMakesAPeerSuspectAndThenDead() {
        presence.join(A, 1, NOW);

        assertThat(presence.sweep(NOW.plusMillis(2_999))).isEmpty();
        assertThat(presence.sweep(NOW.plusSeconds(3)))
                .containsExactly(new Change(A, State.ALIVE, State.SUSPECT));
        assertThat(presence.sweep(NOW.plusSeconds(4))).isEmpty();
        assertThat(presence.sweep(NOW.plusSeconds(5)))
                .containsExactly(new Change(A, State.SUSPECT, State.DEAD));
        assertThat(presence.live()).isEmpty();
    }

    @Test
    void aBeatClearsTheSuspicion() {
        presence.join(A, 1, NOW);
        presence.sweep(NOW.plusSeconds(3));

        assertThat(presence.beat(A, NOW.plusSeconds(4)))
                .contains(new Change(A, State.SUSPECT, State.ALIVE));
        assertThat(presence.sweep(NOW.plusSeconds(6))).isEmpty();
        assertThat(state(A)).isEqualTo(State.ALIVE);
    }

    @Test
    void aBeatDoesNotBringADeadPeerBackButJoiningDoes() {
        presence.join(A, 1, NOW);
        assertThat(presence.unlinked(A, false)).contains(new Change(A, State.ALIVE, State.DEAD));

        assertThat(presence.beat(A, NOW)).isEmpty();
        assertThat(state(A)).isEqualTo(State.DEAD);
        assertThat(presence.join(A, 1, NOW)).isTrue();
        assertThat(state(A)).isEqualTo(State.ALIVE);
    }

    @Test
    void aClaimOfALowerIncarnationChangesNothing() {
        presence.join(A, 5, NOW);
        presence.unlinked(A, true);

        assertThat(presence.join(A, 4, NOW)).isFalse();
        assertThat(state(A)).isEqualTo(State.LEFT);
        assertThat(presence.join(A, 6, NOW)).isTrue();
    }

    @Test
    void oneSilentPeerAmongBeatingOnesIsFound() {
        presence.join(A, 1, NOW);
        presence.join(B, 1, NOW);
        for (int second = 1; second <= 10; second++) {
            presence.beat(A, NOW.plusSeconds(second));
            presence.sweep(NOW.plusSeconds(second));
        }

        assertThat(presence.live()).containsExactly(A);
        assertThat(state(B)).isEqualTo(State.DEAD);
    }

    @Test
    void onlySoManyGonePeersAreRemembered() {
        for (long seed = 1; seed <= 4; seed++) {
            presence.join(Given.id(seed), 1, NOW);
            presence.unlinked(Given.id(seed), true);
        }

        assertThat(presence.sight(Given.id(2))).isEmpty();
        assertThat(state(Given.id(4))).isEqualTo(State.LEFT);
        assertThat(presence.unlinked(Given.id(4), false)).isEmpty();
    }
}
