package orb.host.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Machine;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LoopTest {
    /** Counts events and answers each with two numbered timers. */
    private static final class Counting implements Machine {
        private int count;
        private final List<String> seen = new ArrayList<>();

        @Override
        public List<Effect> step(Instant now, Event event) {
            if (event instanceof Event.Woke(var timer)) {
                if (timer.equals("break")) {
                    throw new IllegalStateException("an invariant does not hold");
                }
                seen.add(timer);
            }
            count++;
            return List.of(
                    new Effect.WakeAfter(count + "a", Duration.ZERO),
                    new Effect.WakeAfter(count + "b", Duration.ZERO));
        }
    }

    private final Queue<String> performed = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> crashes = new ConcurrentLinkedQueue<>();
    private final Mailbox mailbox = new Mailbox(100);
    private final Counting machine = new Counting();
    private final Loop<Counting> loop =
            new Loop<>(
                    "orb-loop-test",
                    mailbox,
                    machine,
                    Ports.to(effect -> performed.add(((Effect.WakeAfter) effect).timer())),
                    crashes::add);

    @AfterEach
    void stop() {
        loop.close();
    }

    private int count() throws Exception {
        return loop.read(machine -> machine.count).get(30, TimeUnit.SECONDS);
    }

    @Test
    void eventsOfManyThreadsAreSteppedOnceEachAndEffectsPerformedInOrder() throws Exception {
        loop.start();
        int each = 20_000;
        CountDownLatch posted = new CountDownLatch(4);
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            for (int t = 0; t < 4; t++) {
                String name = "t" + t + "-";
                pool.execute(() -> {
                    for (int i = 0; i < each; i++) {
                        mailbox.post(new Event.Woke(name + i));
                    }
                    posted.countDown();
                });
            }
            assertThat(posted.await(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(count()).isEqualTo(4 * each);
        List<String> ofOne =
                loop.read(m -> m.seen.stream().filter(s -> s.startsWith("t2-")).toList())
                        .get(30, TimeUnit.SECONDS);
        assertThat(ofOne).hasSize(each).first().isEqualTo("t2-0");
        assertThat(ofOne.getLast()).isEqualTo("t2-" + (each - 1));
        assertThat(performed).hasSize(8 * each).startsWith("1a", "1b", "2a", "2b");
    }

    @Test
    void requestsAreRefusedAboveTheBoundAndReportsAreNot() {
        for (int i = 0; i < 100; i++) { // the loop does not run yet, so nothing is taken out
            assertThat(mailbox.offer(new Event.Woke("" + i))).isTrue();
        }
        assertThat(mailbox.offer(new Event.Woke("one too many"))).isFalse();
        mailbox.post(new Event.Woke("a report"));
        assertThat(mailbox.size()).isEqualTo(101);
        loop.start();
        Awaitility.await().until(() -> mailbox.size() == 0);
        assertThat(mailbox.offer(new Event.Woke("again"))).isTrue();
    }

    @Test
    void anExceptionOutOfTheRoleStopsTheLoopAndIsTold() throws Exception {
        loop.start();
        mailbox.post(new Event.Woke("fine"));
        mailbox.post(new Event.Woke("break"));
        mailbox.post(new Event.Woke("never stepped"));
        Awaitility.await().until(() -> !crashes.isEmpty());
        assertThat(crashes.element())
                .hasMessageContaining("Woke")
                .hasRootCauseMessage("an invariant does not hold");
        assertThat(loop.crash()).isSameAs(crashes.element());
        Awaitility.await().until(() -> !mailbox.offer(new Event.Woke("after")));
        CompletableFuture<Integer> late = loop.read(m -> m.count);
        assertThatThrownBy(() -> late.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("stopped");
        assertThat(machine.seen).containsExactly("fine");
        assertThat(loop.isRunning()).isFalse();
    }

    @Test
    void aReaderThatFailsDoesNotHarmTheRole() throws Exception {
        loop.start();
        CompletableFuture<Integer> failing =
                loop.read(m -> {
                    throw new IllegalArgumentException("no such thing");
                });
        assertThatThrownBy(() -> failing.get(30, TimeUnit.SECONDS))
                .hasRootCauseMessage("no such thing");
        assertThat(count()).isZero();
        assertThat(crashes).isEmpty();
    }

    @Test
    void anIdleLoopParksAndWakesForTheNextEvent() throws Exception {
        loop.start();
        Thread thread = loop.read(m -> Thread.currentThread()).get(30, TimeUnit.SECONDS);
        Awaitility.await().until(() -> thread.getState() == Thread.State.WAITING);
        long before = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
        Thread.sleep(500);
        long spent =
                ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId()) - before;
        assertThat(spent).as("CPU nanoseconds while idle").isLessThan(5_000_000);
        mailbox.post(new Event.Woke("x"));
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void aStoppedLoopStepsNothingMore() throws Exception {
        loop.start();
        assertThat(count()).isZero();
        loop.stop();
        mailbox.post(new Event.Woke("late"));
        assertThat(mailbox.offer(new Event.Woke("late"))).isFalse();
        assertThat(machine.count).isZero();
        assertThat(crashes).isEmpty();
    }
}
