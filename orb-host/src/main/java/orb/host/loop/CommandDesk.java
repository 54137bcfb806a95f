package orb.host.loop;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.port.Command;
import orb.kernel.port.Desk;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Notice;
import orb.kernel.port.Reply;

/**
 * Where threads of this process command a role and follow what it tells.
 *
 * <p>Each command ends exactly once: with the role's answer, with BUSY because the mailbox is full,
 * or with TIMED_OUT. Time is looked at every tenth of a second, since commands come by the ten
 * thousand a second and their time-outs are rare. Thread-safe; the role's loop is never blocked by
 * who listens.
 */
public final class CommandDesk implements Desk, AutoCloseable {
    private static final Duration SWEEP = Duration.ofMillis(100);

    private final Mailbox mailbox;
    private final Duration bound;
    private final AtomicLong numbers = new AtomicLong();
    private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Following> followers = new CopyOnWriteArrayList<>();
    private final Thread sweeper;
    private volatile boolean closed;

    /**
     * A desk in front of a mailbox.
     *
     * @param bound how long a command may take before it is answered with TIMED_OUT
     */
    public CommandDesk(Mailbox mailbox, Duration bound) {
        require(bound.isPositive(), "the bound of a command is positive, not %s", bound);
        this.mailbox = mailbox;
        this.bound = bound;
        sweeper = Thread.ofVirtual().name("orb-desk").start(this::sweep);
    }

    /** Commands, without listening to its progress. */
    public CompletableFuture<Result<Reply>> command(Command command) {
        return command(command, notice -> {});
    }

    /** Commands; {@code progress} is called on the role's own thread and must not block. */
    public CompletableFuture<Result<Reply>> command(Command command, Consumer<Notice> progress) {
        long number = numbers.incrementAndGet();
        Waiting one =
                new Waiting(
                        command.getClass().getSimpleName(),
                        System.nanoTime() + bound.toNanos(),
                        progress,
                        new CompletableFuture<>());
        waiting.put(number, one);
        if (closed) {
            end(number, closing());
        } else if (!mailbox.offer(new Event.Commanded(number, command))) {
            end(
                    number,
                    new Refusal(
                            ErrorCode.BUSY,
                            "%s was not taken: %d requests wait already"
                                    .formatted(one.name, mailbox.size()),
                            "try again in a moment"));
        }
        return one.answer;
    }

    /** Follows what the role tells from now on. Close what is returned to stop. */
    public Following follow(Consumer<Notice> reader) {
        Following following = new Following(reader, followers::remove);
        followers.add(following);
        following.start();
        if (closed) {
            following.close();
        }
        return following;
    }

    /** Number of commands under way; a snapshot. */
    public int pending() {
        return waiting.size();
    }

    @Override
    public void returned(Effect.Return effect) {
        Waiting one = waiting.remove(effect.command());
        if (one != null) { // else it came after its time-out
            one.answer.complete(effect.result().map(reply -> reply));
        }
    }

    @Override
    public void progress(Effect.Progress effect) {
        Waiting one = waiting.get(effect.command());
        if (one != null) {
            one.progress.accept(effect.notice());
        }
    }

    @Override
    public void tell(Effect.Tell effect) {
        for (Following following : followers) {
            following.offer(effect.notice());
        }
    }

    /** Ends all commands that wait and all following. */
    @Override
    public void close() {
        closed = true;
        sweeper.interrupt();
        waiting.keySet().forEach(number -> end(number, closing()));
        followers.forEach(Following::close);
    }

    private void sweep() {
        while (!closed) {
            try {
                Thread.sleep(SWEEP);
            } catch (InterruptedException e) {
                return; // only close() interrupts
            }
            long now = System.nanoTime();
            waiting.forEach((number, one) -> {
                if (one.until - now <= 0) {
                    end(
                            number,
                            new Refusal(
                                    ErrorCode.TIMED_OUT,
                                    "%s was not answered within %s".formatted(one.name, bound),
                                    "look at `orb node status`, then try again"));
                }
            });
        }
    }

    private void end(long number, Refusal refusal) {
        Waiting one = waiting.remove(number);
        if (one != null) {
            one.answer.complete(Result.refused(refusal));
        }
    }

    private static Refusal closing() {
        return new Refusal(ErrorCode.NOT_RUNNING, "this peer is stopping", "start it again");
    }

    private record Waiting(
            String name,
            long until,
            Consumer<Notice> progress,
            CompletableFuture<Result<Reply>> answer) {}
}
