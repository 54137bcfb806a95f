package orb.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is known of others at second hand, and of the way to them. */
class AroundTest {
    private static final NodeId TRACKER = NodeId.of(Given.key(50).publicKey());
    private static final NodeId OTHER = NodeId.of(Given.key(51).publicKey());
    private static final NodeId NAMED = Given.record(1, 7).id();

    private final Sightings sightings = new Sightings();

    private static Membership.Peers naming(SignedRecord... peers) {
        Roll roll = Roll.of(List.of(peers));
        return new Membership.Peers(roll.records(), roll.revision());
    }

    @Test
    @Tag("B6")
    void aWordCountsForAWhileAndLongerIfItIsSaidAgain() {
        sightings.told(TRACKER, naming(Given.signed(1, 7)), Given.NOW);
        assertThat(sightings.isNamed(NAMED, Given.NOW.plus(Sightings.LIFE).minusMillis(1)))
                .isTrue();
        assertThat(sightings.isNamed(NAMED, Given.NOW.plus(Sightings.LIFE))).isFalse();

        sightings.told(TRACKER, new Message.Done(), Given.NOW.plusSeconds(10));
        assertThat(sightings.isNamed(NAMED, Given.NOW.plus(Sightings.LIFE))).isTrue();
        sightings.lost(TRACKER);
        assertThat(sightings.isNamed(NAMED, Given.NOW.plusSeconds(11))).isFalse();
    }

    @Test
    void whatOneTrackerTakesBackAnotherMayStillSay() {
        sightings.told(TRACKER, naming(Given.signed(1, 7)), Given.NOW);
        sightings.told(OTHER, naming(Given.signed(1, 7)), Given.NOW);
        sightings.told(TRACKER, naming(), Given.NOW);
        assertThat(sightings.isNamed(NAMED, Given.NOW)).isTrue();
        sightings.told(OTHER, naming(), Given.NOW);
        assertThat(sightings.isNamed(NAMED, Given.NOW)).isFalse();
    }

    @Test
    void aDoneWithoutAWordBeforeAndRecordsThatDoNotHoldSayNothing() {
        assertThat(sightings.told(TRACKER, new Message.Done(), Given.NOW)).isEmpty();
        Bytes good = Given.signed(1, 7).bytes();
        byte[] bad = good.array();
        bad[bad.length - 1] ^= 1;
        Membership.Peers said = new Membership.Peers(List.of(Bytes.of(bad)), 5);
        assertThat(sightings.told(TRACKER, said, Given.NOW)).isEmpty();
        assertThat(sightings.isNamed(NAMED, Given.NOW)).isFalse();
        assertThat(sightings.revision(TRACKER)).isEqualTo(5);
    }

    @Test
    void aRollsRevisionFollowsFromItsRecordsAlone() {
        SignedRecord one = Given.signed(1, 7);
        SignedRecord newer = Given.signed(1, 8);
        assertThat(Roll.of(List.of(one)).revision())
                .isEqualTo(Roll.of(List.of(one)).revision())
                .isNotEqualTo(Roll.of(List.of(newer)).revision())
                .isNotEqualTo(Roll.of(List.of()).revision())
                .isPositive();
    }

    @Test
    @Tag("C5")
    void aRateIsBytesOverTheTimeThatCarryingTook() {
        Duration roundTrip = Duration.ofMillis(20);
        assertThat(Bandwidth.rate(1_000_000, Duration.ofMillis(1020), roundTrip))
                .isEqualTo(1_000_000);
        assertThat(Bandwidth.rate(1_000_000, Duration.ofMillis(20), Duration.ofMillis(25)))
                .as("at least half of the time carries")
                .isEqualTo(100_000_000);
        assertThat(Bandwidth.rate(1, Duration.ofDays(1), Duration.ZERO)).isEqualTo(1);
        assertThat(Bandwidth.rate(512 << 10, Duration.ZERO, Duration.ZERO))
                .isLessThanOrEqualTo(Bandwidth.MAX);
        assertThatThrownBy(() -> new Bandwidth(-1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Tag("G1")
    void aStandingIsNotLeftOutOnTheWayUp() {
        assertThat(Standing.of(true, false, true, false)).isEqualTo(Standing.DISCOVERED);
        assertThat(Standing.of(true, true, false, false)).isEqualTo(Standing.ATTESTED);
        assertThat(Standing.of(true, true, true, false)).isEqualTo(Standing.READY);
        assertThat(Standing.of(true, true, true, true)).isEqualTo(Standing.BUSY);
        assertThat(Standing.of(false, true, true, true)).isEqualTo(Standing.LOST);
        assertThat(Standing.DISCOVERED.towards(Standing.BUSY)).isEqualTo(Standing.ATTESTED);
        assertThat(Standing.DISCOVERED.towards(Standing.LOST)).isEqualTo(Standing.LOST);
        assertThat(Standing.ATTESTED.towards(Standing.BUSY)).isEqualTo(Standing.BUSY);
    }
}
