package orb.host.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.kernel.port.Command;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Notice;
import orb.kernel.port.Reply;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class CommandDeskTest {
    private record Greet(String name) implements Command {}

    private record Greeting(String text) implements Reply {}

    private final Mailbox mailbox = new Mailbox(2);
    private CommandDesk desk = new CommandDesk(mailbox, Duration.ofSeconds(60));

    @AfterEach
    void close() {
        desk.close();
    }

    private static Notice notice(String kind) {
        return new Notice(Instant.EPOCH, kind, "", "");
    }

    private Event.Commanded taken() {
        Object item = mailbox.poll();
        assertThat(item).isInstanceOf(Event.Commanded.class);
        return (Event.Commanded) item;
    }

    private static ErrorCode code(CompletableFuture<Result<Reply>> answer) throws Exception {
        Result<Reply> result = answer.get(30, TimeUnit.SECONDS);
        assertThat(result).isInstanceOf(Result.Refused.class);
        return ((Result.Refused<Reply>) result).refusal().code();
    }

    @Test
    void aCommandIsAnsweredOnceWithProgressBefore() throws Exception {
        List<Notice> progress = new CopyOnWriteArrayList<>();
        CompletableFuture<Result<Reply>> answer = desk.command(new Greet("Ada"), progress::add);
        Event.Commanded commanded = taken();
        assertThat(commanded.what()).isEqualTo(new Greet("Ada"));
        desk.progress(new Effect.Progress(commanded.command(), notice("deploy.plan")));
        assertThat(answer).isNotDone();
        desk.returned(new Effect.Return(commanded.command(), Result.ok(new Greeting("hello Ada"))));
        desk.returned(new Effect.Return(commanded.command(), Result.ok(new Greeting("again"))));
        desk.progress(new Effect.Progress(commanded.command(), notice("too.late")));
        assertThat(answer.get(30, TimeUnit.SECONDS))
                .isEqualTo(Result.ok(new Greeting("hello Ada")));
        assertThat(progress).containsExactly(notice("deploy.plan"));
        assertThat(desk.pending()).isZero();
    }

    @Test
    void aCommandBeyondTheMailboxIsBusy() throws Exception {
        CompletableFuture<Result<Reply>> first = desk.command(new Greet("1"));
        CompletableFuture<Result<Reply>> second = desk.command(new Greet("2"));
        assertThat(code(desk.command(new Greet("3")))).isEqualTo(ErrorCode.BUSY);
        assertThat(first).isNotDone();
        assertThat(second).isNotDone();
        assertThat(desk.pending()).isEqualTo(2);
    }

    @Test
    void aCommandThatIsNotAnsweredTimesOut() throws Exception {
        desk.close();
        desk = new CommandDesk(mailbox, Duration.ofMillis(50));
        CompletableFuture<Result<Reply>> answer = desk.command(new Greet("Ada"));
        assertThat(code(answer)).isEqualTo(ErrorCode.TIMED_OUT);
        desk.returned(new Effect.Return(taken().command(), Result.ok(new Greeting("late"))));
        assertThat(desk.pending()).isZero();
    }

    @Test
    void closingEndsWhatWaitsAndWhatComesLater() throws Exception {
        CompletableFuture<Result<Reply>> answer = desk.command(new Greet("Ada"));
        desk.close();
        assertThat(code(answer)).isEqualTo(ErrorCode.NOT_RUNNING);
        assertThat(code(desk.command(new Greet("Bob")))).isEqualTo(ErrorCode.NOT_RUNNING);
    }

    @Test
    void followersGetWhatIsToldInOrderUntilTheyLeave() {
        List<Notice> one = new CopyOnWriteArrayList<>();
        List<Notice> two = new CopyOnWriteArrayList<>();
        Following first = desk.follow(one::add);
        desk.follow(two::add);
        desk.tell(new Effect.Tell(notice("a")));
        desk.tell(new Effect.Tell(notice("b")));
        Awaitility.await().until(() -> one.size() == 2);
        first.close();
        desk.tell(new Effect.Tell(notice("c")));
        Awaitility.await().until(() -> two.size() == 3);
        assertThat(two).containsExactly(notice("a"), notice("b"), notice("c"));
        assertThat(one).containsExactly(notice("a"), notice("b"));
    }

    @Test
    void aFollowerThatIsSlowLosesNoticesAndIsToldHowMany() {
        CountDownLatch go = new CountDownLatch(1);
        List<Notice> got = new CopyOnWriteArrayList<>();
        desk.follow(notice -> {
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            got.add(notice);
        });
        int told = Following.BUFFER_MAX + 500;
        for (int i = 0; i < told; i++) {
            desk.tell(new Effect.Tell(notice("n" + i)));
        }
        go.countDown();
        desk.tell(new Effect.Tell(notice("last")));
        Awaitility.await()
                .until(() -> got.stream().anyMatch(n -> n.kind().equals("events.dropped")));
        long lost =
                got.stream()
                        .filter(n -> n.kind().equals("events.dropped"))
                        .mapToLong(n -> Long.parseLong(n.detail().split(" ")[0]))
                        .sum();
        assertThat(lost).isBetween(499L, 501L);
        assertThat(got.getFirst()).isEqualTo(notice("n0"));
    }
}
