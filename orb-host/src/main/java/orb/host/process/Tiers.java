package orb.host.process;

import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.Runner;

/**
 * Sends each function to the tier that can run it: programs to processes, all else to sandboxes.
 * Thread-safe.
 */
public final class Tiers implements Runner, AutoCloseable {
    private final Runner sandboxes;
    private final Optional<Processes> processes;
    private final Function<Digest, Optional<Bytes>> blobs;
    private final Consumer<Event> reports;
    private final ExecutorService looks =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon(true).name("orb-tiers").factory());

    /**
     * @param processes empty where the owner of the machine lets no programs run
     * @param blobs reads an artefact by its digest, checked
     */
    public Tiers(
            Runner sandboxes,
            Optional<Processes> processes,
            Function<Digest, Optional<Bytes>> blobs,
            Consumer<Event> reports) {
        this.sandboxes = sandboxes;
        this.processes = processes;
        this.blobs = blobs;
        this.reports = reports;
    }

    @Override
    public void prepare(Effect.Prepare effect) {
        try {
            looks.execute(() -> {
                Optional<Bytes> program =
                        blobs.apply(effect.artefact())
                                .filter(content -> ProgramKind.of(content).isPresent());
                if (program.isEmpty()) {
                    sandboxes.prepare(effect);
                } else {
                    report(
                            effect,
                            processes
                                    .map(each -> each.prepare(program.get()))
                                    .orElseGet(() -> Result.refused(off())));
                }
            });
        } catch (RejectedExecutionException e) {
            report(
                    effect,
                    Result.refused(new Refusal(ErrorCode.WORKER_LOST, "the node is ending: " + e)));
        }
    }

    private void report(Effect.Prepare effect, Result<ModuleFacts> facts) {
        reports.accept(new Event.Prepared(effect.artefact(), facts));
    }

    private static Refusal off() {
        return new Refusal(
                ErrorCode.PROCESSES_OFF,
                "this is a native program, and this peer runs sandboxed functions alone",
                "start it with --processes, or compile the function to WebAssembly");
    }

    @Override
    public void run(Effect.Run effect) {
        Optional<Processes> own = processes.filter(each -> each.has(effect.artefact()));
        if (own.isPresent()) {
            own.get().run(effect);
        } else {
            sandboxes.run(effect);
        }
    }

    @Override
    public void close() {
        looks.shutdownNow();
        processes.ifPresent(Processes::close);
    }
}
