package orb.cli.world;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import orb.host.worker.FromWorker;
import orb.host.worker.ToWorker;
import orb.kernel.port.HostCall;
import orb.kernel.port.HostCalls;
import orb.kernel.port.HostReply;

/** Within a worker: one run's way to its node, which knows what the run was granted. */
final class PipeCalls implements HostCalls {
    private final long run;
    private final Asked asked;
    private final Consumer<FromWorker> out;
    private int number;

    PipeCalls(long run, Asked asked, Consumer<FromWorker> out) {
        this.run = run;
        this.asked = asked;
        this.out = out;
    }

    @Override
    public HostReply call(HostCall call) throws InterruptedException {
        CompletableFuture<HostReply> reply = asked.expect(run);
        try {
            out.accept(new FromWorker.Asked(run, ++number, call));
            return reply.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("waiting for the node", e);
        } finally {
            asked.forget(run);
        }
    }

    /** What the runs of this worker wait for. Thread-safe. */
    static final class Asked {
        private final Map<Long, CompletableFuture<HostReply>> waiting = new ConcurrentHashMap<>();

        private CompletableFuture<HostReply> expect(long run) {
            CompletableFuture<HostReply> reply = new CompletableFuture<>();
            waiting.put(run, reply);
            return reply;
        }

        private void forget(long run) {
            waiting.remove(run);
        }

        /** The node's answer; one that comes after its run's end is nobody's. */
        void replied(ToWorker.Replied message) {
            Optional.ofNullable(waiting.get(message.run()))
                    .ifPresent(reply -> reply.complete(message.reply()));
        }
    }
}
