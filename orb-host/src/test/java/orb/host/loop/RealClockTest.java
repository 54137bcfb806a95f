package orb.host.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RealClockTest {
    private final List<String> woken = new CopyOnWriteArrayList<>();
    private final RealClock clock = new RealClock(event -> woken.add(((Event.Woke) event).timer()));

    @AfterEach
    void close() {
        clock.close();
    }

    private void set(String timer, long millis) {
        clock.wakeAfter(new Effect.WakeAfter(timer, Duration.ofMillis(millis)));
    }

    private void await(int count) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> woken.size() >= count);
    }

    @Test
    void timersRingInTheOrderOfTheirTimes() {
        set("third", 300);
        set("first", 5);
        set("second", 150);
        set("at once", 0);
        await(4);
        assertThat(woken).containsExactly("at once", "first", "second", "third");
    }

    @Test
    void aTimerThatIsSetAgainReplacesItsEarlierSetting() {
        set("again", 20);
        set("again", 200);
        set("marker", 400);
        set("sooner", 3_600_000);
        set("sooner", 10);
        await(3);
        assertThat(woken).containsExactly("sooner", "again", "marker");
    }

    @Test
    void thousandsOfTimersEachRingOnce() {
        for (int i = 0; i < 5_000; i++) {
            set("t" + i, i % 50);
        }
        await(5_000);
        assertThat(woken).hasSize(5_000).doesNotHaveDuplicates();
    }

    @Test
    void aTimerMaySetItselfAnewAndNegativeDelaysRingAtOnce() {
        set("negative", -5);
        await(1);
        set("negative", -5);
        await(2);
        assertThat(woken).containsExactly("negative", "negative");
    }
}
