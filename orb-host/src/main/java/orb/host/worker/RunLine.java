package orb.host.worker;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import orb.kernel.port.Denial;
import orb.kernel.port.HostCall;
import orb.kernel.port.HostCalls;
import orb.kernel.port.HostReply;

/**
 * One run's way to what its node grants it, as its worker uses it: one call at a time, numbered
 * from 1, at most {@link HostCall#CALLS_MAX}. A worker that asks otherwise has been taken over,
 * because the sandbox in it does not.
 *
 * <p>Calls are carried out on a thread of their own, so the worker is read meanwhile; at most as
 * many are under way as runs are. Asked by the worker's reader alone; the rest is thread-safe.
 */
final class RunLine {
    private final HostCalls calls;
    private final ExecutorService threads;
    private final AtomicBoolean busy = new AtomicBoolean();
    private int made;
    private volatile Optional<Future<?>> underWay = Optional.empty();
    private volatile boolean closed;

    RunLine(HostCalls calls, ExecutorService threads) {
        this.calls = calls;
        this.threads = threads;
    }

    /** Carries a call out and gives its answer; what is wrong with the asking, if anything is. */
    Optional<String> ask(int number, HostCall call, Consumer<HostReply> answer) {
        if (number != made + 1) {
            return Optional.of("host call " + number + " after " + made);
        }
        if (!busy.compareAndSet(false, true)) {
            return Optional.of("host call " + number + " before the answer to " + made);
        }
        made = number;
        try {
            underWay = Optional.of(threads.submit(() -> carryOut(call, answer)));
        } catch (RejectedExecutionException e) {
            return Optional.empty(); // this node is ending, and its worker with it
        }
        if (closed) {
            close();
        }
        return Optional.empty();
    }

    private void carryOut(HostCall call, Consumer<HostReply> answer) {
        try {
            HostReply reply = calls.call(call);
            busy.set(false);
            answer.accept(reply);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the run has ended: nobody waits
        }
    }

    List<Denial> denied() {
        return calls.denied();
    }

    /** Gives up what is under way: its run has ended. */
    void close() {
        closed = true;
        underWay.ifPresent(call -> call.cancel(true));
    }
}
