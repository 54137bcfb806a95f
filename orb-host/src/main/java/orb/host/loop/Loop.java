package orb.host.loop;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Machine;
import orb.kernel.port.World;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that owns a role: takes events from its mailbox, steps the role, performs the
 * effects in their order.
 *
 * <p>Everything that a role decides happens here, one event at a time, so the role needs no lock
 * and behaves as in the simulated world. Idle it parks. An exception out of the role or of a port
 * means that an invariant is broken: the loop stops, says so to {@code onCrash} and takes nothing
 * more, because a stopped peer is better than a wrong ledger. Thread-safe.
 *
 * @param <M> the role
 */
public final class Loop<M extends Machine> implements AutoCloseable {
    private static final long STOP_MILLIS = 5_000;
    private static final int BATCH_BUSY = 2;

    private final Mailbox mailbox;
    private final M machine;
    private final World world;
    private final Consumer<Throwable> onCrash;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile boolean finished;
    private volatile @Nullable Throwable crash;

    /**
     * A loop that is not running yet.
     *
     * @param name the thread's name
     * @param mailbox where the world's ports report to
     * @param machine the role; after {@link #start} only this loop's thread touches it
     * @param world the ports
     * @param onCrash told once, on the loop's thread, what broke
     */
    public Loop(String name, Mailbox mailbox, M machine, World world, Consumer<Throwable> onCrash) {
        this.mailbox = mailbox;
        this.machine = machine;
        this.world = world;
        this.onCrash = onCrash;
        thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
    }

    /** Starts the thread; once. */
    public void start() {
        thread.start();
    }

    /**
     * Reads the role's state on its own thread, between two events. Fails with {@link
     * IllegalStateException} if the loop has stopped.
     */
    public <T> CompletableFuture<T> read(Function<? super M, ? extends T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        mailbox.put(new Read<M, T>(question, answer));
        if (finished) {
            answer.completeExceptionally(stopped());
        }
        return answer;
    }

    /** What broke the loop, null while nothing did. */
    public @Nullable Throwable crash() {
        return crash;
    }

    public boolean isRunning() {
        return thread.isAlive() && !stopping;
    }

    /**
     * Stops after the event under way and waits at most five seconds; what waits is not stepped.
     */
    public void stop() {
        stopping = true;
        mailbox.put(Wake.STOP); // not an interrupt: that would break I/O of a port on this thread
        if (!Thread.currentThread().equals(thread)) {
            try {
                thread.join(STOP_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        stop();
    }

    private void run() {
        boolean busy = false;
        while (!stopping) {
            int taken = drain();
            if (taken == 0 && !stopping) {
                mailbox.await(busy);
            }
            busy = taken > BATCH_BUSY;
        }
        mailbox.close();
        finished = true; // before the rest is looked at: a later read sees it
        refuseReads();
    }

    private int drain() {
        int taken = 0;
        Object item;
        while (!stopping && (item = mailbox.poll()) != null) {
            taken++;
            if (item instanceof Event event) {
                step(event);
            } else if (item instanceof Read<?, ?> read) {
                answer(read);
            }
        }
        return taken;
    }

    private void step(Event event) {
        try {
            List<Effect> effects = machine.step(world.clock().now(), event);
            for (int i = 0; i < effects.size(); i++) {
                world.perform(effects.get(i));
            }
        } catch (RuntimeException | Error e) {
            Throwable broken =
                    new IllegalStateException(
                            "the role broke on " + event.getClass().getSimpleName(), e);
            crash = broken;
            stopping = true;
            onCrash.accept(broken);
        }
    }

    // a read was made by read() of this very loop, so its role is M
    @SuppressWarnings("unchecked")
    private void answer(Read<?, ?> read) {
        ((Read<M, ?>) read).answer(machine);
    }

    private void refuseReads() {
        Object item;
        while ((item = mailbox.poll()) != null) {
            if (item instanceof Read<?, ?> read) {
                read.answer.completeExceptionally(stopped());
            }
        }
    }

    private static IllegalStateException stopped() {
        return new IllegalStateException("the loop has stopped");
    }

    private enum Wake {
        STOP
    }

    private record Read<M, T>(
            Function<? super M, ? extends T> question, CompletableFuture<T> answer) {
        void answer(M machine) {
            try {
                answer.complete(question.apply(machine));
            } catch (RuntimeException e) {
                answer.completeExceptionally(e); // the asker's own code failed, not the role
            }
        }
    }
}
