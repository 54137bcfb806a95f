package orb.tracker.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.FunctionId;
import orb.kernel.NodeId;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Nothing of what is settled is lost or counted twice, however it is asked for. */
final class AnalyticsTest {
    private static final Instant START = Instant.parse("2026-11-28T10:20:30Z");

    private static FunctionId function(int n) {
        return new FunctionId(Digest.of(Bytes.utf8("function " + n)));
    }

    private static NodeId node(int n) {
        return new NodeId(Digest.of(Bytes.utf8("node " + n)));
    }

    private static Rewards rewards(long unit) {
        return new Rewards(new Credits(7 * unit), new Credits(2 * unit), new Credits(unit));
    }

    private static final Analytics.Where EVERYWHERE =
            new Analytics.Where(Optional.empty(), Instant.EPOCH, Instant.MAX);

    private static Usage of(Analytics analytics, int function) {
        return analytics.find(Optional.of(function(function)), EVERYWHERE);
    }

    @Test
    @Tag("B3")
    void eachSettlementIsInOneRowAndTotalsAreTheirSums() {
        Analytics analytics = new Analytics();
        analytics.settled(START, function(1), node(1), 10, rewards(10));
        analytics.settled(START, function(1), node(2), 15, rewards(5));
        analytics.settled(START.plusSeconds(3600), function(1), node(1), 40, rewards(25));
        analytics.settled(START, function(2), node(1), 3, rewards(3));
        Usage one = of(analytics, 1);
        assertThat(one.rows().stream().map(row -> row.sum().calls()))
                .containsExactlyInAnyOrder(10L, 5L, 25L);
        assertThat(one.total().calls()).isEqualTo(40);
        assertThat(one.total().rewards()).isEqualTo(rewards(40));
        assertThat(one.total().rewards().paid()).isEqualTo(new Credits(400));
        Analytics.Where firstHour =
                new Analytics.Where(
                        Optional.of(node(1)), START, Instant.parse("2026-11-28T11:00:00Z"));
        assertThat(analytics.find(Optional.empty(), firstHour).total().calls()).isEqualTo(13);
        assertThat(analytics.find(Optional.empty(), firstHour).rows())
                .allMatch(row -> row.hour().equals(Instant.parse("2026-11-28T10:00:00Z")));
    }

    /** Also when most of it is older than what is kept by the hour. */
    @Test
    void oldHoursAreAddedUpAndNotLost() {
        Analytics analytics = new Analytics(20);
        SplittableRandom random = new SplittableRandom(4);
        long[] calls = new long[3];
        long paid = 0;
        for (int i = 0; i < 2_000; i++) {
            int which = random.nextInt(3);
            calls[which] += 1 + random.nextInt(9);
            Instant at = START.plusSeconds(600L * i);
            analytics.settled(
                    at, function(which), node(random.nextInt(4)), calls[which], rewards(1));
            analytics.answered(at, function(which), node(0), Duration.ofMillis(1));
            paid += 10;
        }
        Usage usage = analytics.find(Optional.empty(), EVERYWHERE);
        assertThat(usage.rows().size()).isLessThanOrEqualTo(20 + 3 * 4);
        assertThat(usage.rows().getFirst().hour()).isEqualTo(Instant.EPOCH);
        assertThat(usage.total().calls()).isEqualTo(calls[0] + calls[1] + calls[2]);
        assertThat(usage.total().rewards().paid()).isEqualTo(new Credits(paid));
        assertThat(usage.total().seen().answers()).isEqualTo(2_000);
        assertThat(of(analytics, 1).total().calls()).isEqualTo(calls[1]);
    }

    @Test
    void percentilesAreAtMostAFifthAbove() {
        SplittableRandom random = new SplittableRandom(9);
        Latencies latencies = new Latencies();
        assertThat(latencies.percentile(50)).isZero();
        List<Long> all = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            long micros = 1 + (long) Math.exp(random.nextDouble(14));
            latencies.add(Duration.ofNanos(micros * 1_000));
            all.add(micros);
        }
        all.sort(Long::compare);
        for (int percent : new int[] {1, 50, 90, 99, 100}) {
            long exact = all.get(all.size() * percent / 100 - 1);
            assertThat(latencies.percentile(percent))
                    .as("p%d", percent)
                    .isBetween(exact, exact + exact / 4 + 1);
        }
        latencies.add(Duration.ofDays(400));
        assertThat(latencies.count()).isEqualTo(10_001);
    }
}
