package orb.host.process;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import orb.host.walls.Layer;
import orb.host.walls.Share;
import orb.host.walls.Walls;
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
import orb.kernel.port.Runner;

/**
 * Runs native programs, each call in a process of its own that ends with it. Only where every wall
 * stands; what is missing is named.
 *
 * <p>Programs are kept as files in a folder of this user's, by their digests. Host calls are not
 * offered.
 */
public final class Processes implements Runner, AutoCloseable {
    /** The gas schedule whose unit is a nanosecond of a processor. */
    public static final int SCHEDULE = 0;

    private static final Logger LOG = System.getLogger(Processes.class.getName());
    private static final String ARCHITECTURE = System.getProperty("os.arch");

    private final Map<Digest, Isolation.Program> programs = new ConcurrentHashMap<>();
    private final Walls walls;
    private final Isolation isolation;
    private final Lent lent;
    private final ExecutorService runs;

    /**
     * What a peer lends.
     *
     * @param folder for programs; made, and emptied at the end
     * @param blobs reads an artefact by its digest, checked
     * @param reports takes what is reported
     */
    public record Lent(
            Path folder, Function<Digest, Optional<Bytes>> blobs, Consumer<Event> reports) {}

    /**
     * Tries the walls with a program that ends at once.
     *
     * @param around the walls of this machine
     * @param share of the processors, of each process
     * @param capacity runs at once
     * @throws RefusedException if a wall is missing
     */
    public Processes(Walls around, Share share, int capacity, Lent lent) {
        this.walls = around.searchedFor(NativeCommand.trial(share));
        if (!walls.isComplete()) {
            List<Layer> missing = walls.layers().stream().filter(layer -> !layer.active()).toList();
            walls.close();
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.PROCESSES_OFF,
                            "native programs need every wall, and of these "
                                    + missing.getFirst().name()
                                    + " is missing: "
                                    + missing.getFirst().detail(),
                            missing.getFirst().next()));
        }
        this.isolation = new WalledProcess(walls, share);
        this.lent = lent;
        this.runs =
                Executors.newFixedThreadPool(
                        capacity,
                        Thread.ofPlatform().daemon(true).name("orb-process-", 0).factory());
    }

    /**
     * Programs of one at a time, without a node.
     *
     * @throws RefusedException if a wall is missing
     */
    public static Processes alone(Share share, Lent lent) {
        try (Walls walls = Walls.find(NativeCommand.trial(share))) {
            return new Processes(walls, share, 1, lent);
        }
    }

    /** Whether an artefact was prepared here. */
    public boolean has(Digest artefact) {
        return programs.containsKey(artefact);
    }

    @Override
    public void prepare(Effect.Prepare effect) {
        Digest artefact = effect.artefact();
        execute(
                () -> lent.reports.accept(new Event.Prepared(artefact, prepared(artefact))),
                refusal ->
                        lent.reports.accept(new Event.Prepared(artefact, Result.refused(refusal))));
    }

    private Result<ModuleFacts> prepared(Digest artefact) {
        return Result.catching(() -> {
            Bytes content =
                    lent.blobs
                            .apply(artefact)
                            .orElseThrow(() ->
                                    new RefusedException(
                                            ErrorCode.HASH_MISMATCH,
                                            "the artefact " + artefact + " is missing or damaged"));
            ProgramKind kind =
                    ProgramKind.of(content)
                            .orElseThrow(() ->
                                    new RefusedException(
                                            ErrorCode.NOT_WASM, "the file is no program either"));
            kind.check(content, ARCHITECTURE);
            programs.put(artefact, new Isolation.Program(kind, keep(artefact, content)));
            return new ModuleFacts(
                    artefact, new ByteSize(content.length()), FunctionFacts.PROGRAM, SCHEDULE);
        });
    }

    private Path keep(Digest artefact, Bytes content) {
        Path file = lent.folder.resolve(artefact.hex());
        try {
            Files.createDirectories(lent.folder);
            Path fresh = Files.createTempFile(lent.folder, "fresh", "");
            Files.write(fresh, content.array());
            // others may run it: within the walls it is another user's
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("r-xr-xr-x"));
            return Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new RefusedException(ErrorCode.STORE_UNUSABLE, "keeping a program: " + e);
        }
    }

    @Override
    public void run(Effect.Run effect) {
        long queued = System.nanoTime();
        execute(
                () -> lent.reports.accept(ran(effect, queued)),
                refusal -> lent.reports.accept(refused(effect, refusal)));
    }

    private void execute(Runnable task, Consumer<Refusal> otherwise) {
        try {
            runs.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "closing", e);
            otherwise.accept(new Refusal(ErrorCode.WORKER_LOST, "the node is ending"));
        }
    }

    private static Event.Ran refused(Effect.Run effect, Refusal refusal) {
        return new Event.Ran(effect.run(), new Outcome.Refused(refusal), RunFacts.NONE);
    }

    private Event.Ran ran(Effect.Run effect, long queued) {
        Isolation.Program program = programs.get(effect.artefact());
        if (program == null) {
            return refused(
                    effect, new Refusal(ErrorCode.HASH_MISMATCH, "the program was not prepared"));
        }
        long begun = System.nanoTime();
        try {
            Isolation.Ended ended = isolation.run(program, effect.request(), effect.limits());
            Timing timing =
                    new Timing(begun - queued, 0, 0, ended.startNanos(), ended.runNanos(), false);
            RunFacts facts =
                    new RunFacts(
                            timing, ended.cpuNanos(), ended.peakMemory(), ended.logs(), List.of());
            return new Event.Ran(effect.run(), ended.outcome(), facts);
        } catch (IOException e) {
            return refused(
                    effect, new Refusal(ErrorCode.WORKER_FAILED, "starting the program: " + e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return refused(effect, new Refusal(ErrorCode.WORKER_LOST, "the node is ending"));
        }
    }

    @Override
    public void close() {
        runs.shutdownNow();
        runs.close();
        walls.close();
        try (Stream<Path> kept =
                Files.exists(lent.folder) ? Files.list(lent.folder) : Stream.empty()) {
            for (Path file : kept.toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "emptying " + lent.folder, e);
        }
    }
}
