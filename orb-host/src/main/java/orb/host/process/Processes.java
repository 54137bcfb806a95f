package orb.host.process;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import orb.host.walls.Layer;
import orb.host.walls.Share;
import orb.host.walls.Walls;
import orb.host.worker.Reasons;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.Timing;
import orb.kernel.message.FunctionFacts;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.RunFacts;

/**
 * Runs native programs, each call in a process of its own that ends with it. Only where every wall
 * stands; what is missing is named. Host calls are not offered. Thread-safe.
 */
public final class Processes implements AutoCloseable {
    /** The gas schedule whose unit is a nanosecond of a processor. */
    public static final int SCHEDULE = 0;

    private static final Logger LOG = System.getLogger(Processes.class.getName());
    private static final String ARCHITECTURE = System.getProperty("os.arch");
    private static final ByteSize KEPT_MAX = ByteSize.mib(512);
    private static final int KNOWN_MAX = 10_000;
    private static final Refusal ENDING = new Refusal(ErrorCode.WORKER_LOST, "the node is ending");

    private final Set<Digest> known = Collections.synchronizedSet(newest(KNOWN_MAX));
    private final Walls walls;
    private final Driver driver;
    private final Lent lent;
    private final ProgramFolder folder;
    private final ByteSize memory;
    private final ExecutorService runs;
    private long promised; // guarded by this

    /**
     * What a peer lends.
     *
     * @param folder for programs; made, emptied at the start and at the end
     * @param blobs reads an artefact by its digest, checked
     * @param reports takes what is reported
     */
    public record Lent(
            Path folder, Function<Digest, Optional<Bytes>> blobs, Consumer<Event> reports) {}

    /**
     * How much of the machine programs get.
     *
     * @param share of the processors, of each
     * @param memory that all together may be promised
     * @param capacity how many run at once
     */
    public record Bounds(Share share, ByteSize memory, int capacity) {}

    /**
     * Tries the walls with a program that ends at once.
     *
     * @param around the walls of this machine
     * @throws RefusedException if a wall is missing
     */
    public Processes(Walls around, Bounds bounds, Lent lent) {
        this.walls = around.searchedFor(NativeCommand.trial(bounds.share));
        if (!walls.isComplete()) {
            walls.close();
            throw new RefusedException(missing(walls.layers()));
        }
        this.driver = new WalledProcess(walls, bounds.share);
        this.lent = lent;
        this.folder = new ProgramFolder(lent.folder, KEPT_MAX);
        this.memory = bounds.memory;
        this.runs =
                Executors.newFixedThreadPool(
                        bounds.capacity,
                        Thread.ofPlatform().daemon(true).name("orb-process-", 0).factory());
    }

    private static Refusal missing(List<Layer> layers) {
        Layer first = layers.stream().filter(layer -> !layer.active()).findFirst().orElseThrow();
        return new Refusal(
                ErrorCode.PROCESSES_OFF,
                "native programs need every wall, and of these "
                        + first.name()
                        + " is missing: "
                        + first.detail(),
                first.next());
    }

    private static Set<Digest> newest(int most) {
        return Collections.newSetFromMap(
                new LinkedHashMap<>(16, 0.75f, true) {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Digest, Boolean> eldest) {
                        return size() > most;
                    }
                });
    }

    /**
     * Programs of one at a time, without a node.
     *
     * @throws RefusedException if a wall is missing
     */
    public static Processes alone(Share share, ByteSize memory, Lent lent) {
        try (Walls walls = Walls.find(NativeCommand.trial(share))) {
            return new Processes(walls, new Bounds(share, memory, 1), lent);
        }
    }

    /** Whether an artefact was prepared here, among the last ten thousand. */
    public boolean has(Digest artefact) {
        return known.contains(artefact);
    }

    /** Admits a program and keeps it where it can be started; writes to the disk. */
    public Result<ModuleFacts> prepare(Bytes content) {
        Digest artefact = Digest.of(content);
        return Result.catching(() -> {
            kept(artefact, content);
            known.add(artefact);
            return new ModuleFacts(
                    artefact, new ByteSize(content.length()), FunctionFacts.PROGRAM, SCHEDULE);
        });
    }

    private Driver.Program kept(Digest artefact, Bytes content) {
        ProgramKind kind =
                ProgramKind.of(content)
                        .orElseThrow(() ->
                                new RefusedException(
                                        ErrorCode.NOT_WASM, "the file is no program either"));
        kind.check(content, ARCHITECTURE);
        return folder.keep(artefact, kind, content);
    }

    private Driver.Program program(Digest artefact) {
        return folder.find(artefact)
                .orElseGet(() ->
                        kept(
                                artefact,
                                lent.blobs
                                        .apply(artefact)
                                        .orElseThrow(() ->
                                                new RefusedException(Reasons.absent(artefact)))));
    }

    /** As {@link orb.kernel.port.Runner#run}. */
    public void run(Effect.Run effect) {
        Optional<Refusal> shortage = promise(effect.limits().memory());
        if (shortage.isPresent()) {
            lent.reports.accept(refused(effect, shortage.get()));
            return;
        }
        long queued = System.nanoTime();
        try {
            runs.execute(() -> {
                Event.Ran ran = ran(effect, queued);
                release(effect.limits().memory());
                lent.reports.accept(ran);
            });
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "closing", e);
            release(effect.limits().memory());
            lent.reports.accept(refused(effect, ENDING));
        }
    }

    private synchronized Optional<Refusal> promise(ByteSize wanted) {
        Optional<Refusal> shortage = Reasons.shortage(wanted, promised, memory.bytes());
        if (shortage.isEmpty()) {
            promised += wanted.bytes();
        }
        return shortage;
    }

    private synchronized void release(ByteSize wanted) {
        promised -= wanted.bytes();
    }

    private static Event.Ran refused(Effect.Run effect, Refusal refusal) {
        return new Event.Ran(effect.run(), new Outcome.Refused(refusal), RunFacts.NONE);
    }

    /** Whatever happens is reported: a place that is never given back is lost. */
    private Event.Ran ran(Effect.Run effect, long queued) {
        long begun = System.nanoTime();
        try {
            Driver.Ended ended =
                    driver.run(program(effect.artefact()), effect.request(), effect.limits());
            Timing timing =
                    new Timing(begun - queued, 0, 0, ended.startNanos(), ended.runNanos(), false);
            RunFacts facts =
                    new RunFacts(
                            timing, ended.cpuNanos(), ended.peakMemory(), ended.logs(), List.of());
            return new Event.Ran(effect.run(), ended.outcome(), facts);
        } catch (RefusedException e) {
            return refused(effect, e.refusal());
        } catch (IOException e) {
            return refused(
                    effect, new Refusal(ErrorCode.WORKER_FAILED, "starting the program: " + e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return refused(effect, ENDING);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "running " + effect.artefact(), e);
            return refused(effect, new Refusal(ErrorCode.INTERNAL, "running the program: " + e));
        }
    }

    @Override
    public void close() {
        runs.shutdownNow();
        runs.close();
        walls.close();
        folder.clear();
    }
}
