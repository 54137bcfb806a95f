package orb.cli.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import orb.cli.workshop.Engine;
import orb.host.capability.Granting;
import orb.host.process.Processes;
import orb.host.process.Tiers;
import orb.host.store.CodeFolder;
import orb.host.walls.Layer;
import orb.host.walls.Walls;
import orb.host.worker.Compiling;
import orb.host.worker.WorkerPorts;
import orb.host.worker.WorkerProgram;
import orb.host.worker.WorkerTimes;
import orb.host.worker.Workers;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.message.Incident;
import orb.kernel.message.UseReport;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.HostCalls;
import orb.kernel.port.MachineUse;
import orb.kernel.port.Runner;
import orb.sandbox.Sandbox;

/**
 * Where a peer runs functions: in worker processes behind the walls of this machine, or, where it
 * was told so, inside its own process.
 */
public final class Running {
    /** The program that a worker runs, as it stands among its words. */
    public static final String WORKER = WorkerMain.class.getName();

    private static final String FEATURE = "worker-";
    private static final String PROGRAMS = "native-programs";
    private static final int CAPACITY_MAX = 4096;
    private static final long MODULES_BYTES = 256L << 20;
    private static final long CODE_BYTES = 1L << 30;

    private final int capacity;
    private final Optional<Walls> walls;
    private final WorkerProgram program;
    private final Function<Effect.Run, HostCalls> lines;
    private final Isolation isolation;
    private Optional<Workers> workers = Optional.empty();

    private Running(
            int capacity,
            WorkerProgram program,
            Isolation isolation,
            Function<Effect.Run, HostCalls> lines) {
        this.capacity = capacity;
        this.program = program;
        this.lines = lines;
        this.isolation = isolation;
        walls =
                isolation == Isolation.SANDBOX_ALONE
                        ? Optional.empty()
                        : Optional.of(Walls.find(program));
    }

    /**
     * Looks which walls there are, which takes some tens of milliseconds.
     *
     * @param capacity sandboxes at once, 0 for two a processor
     * @param isolation what stands between them and this process
     * @param limits what the workers may take
     * @param lines opens a run's way to what this peer grants it
     */
    static Running of(
            int capacity,
            Isolation isolation,
            OwnerLimits limits,
            Function<Effect.Run, HostCalls> lines) {
        int standard = Math.min(CAPACITY_MAX, 2 * Runtime.getRuntime().availableProcessors());
        int places = capacity > 0 ? capacity : standard;
        return new Running(
                places, limits.of(WorkerProgram.ofThisOne(WORKER, places)), isolation, lines);
    }

    /** What the workers use now, nothing before they are started or where there are none. */
    MachineUse use() {
        return workers.map(Workers::use).orElse(MachineUse.NONE);
    }

    /** The same of what compiles for them. */
    Optional<UseReport.Worker> compilingUse() {
        return workers.flatMap(Workers::compilingUse);
    }

    /** Whether the kernel keeps a share of the processors. */
    boolean boundsProcessors() {
        return walls.map(Walls::boundsProcessors).orElse(false);
    }

    /** The walls of this machine, missing ones too. */
    public static List<Layer> layers() {
        try (Walls walls = Walls.find(WorkerProgram.ofThisOne(WORKER, 1))) {
            return walls.layers();
        }
    }

    /**
     * Where a node of a given size runs functions, to be measured alone.
     *
     * @param capacity sandboxes at once
     * @param heap of a worker; all of its memory is 640 MiB more
     * @param parts takes what has to be closed, in order
     */
    public static Runner measured(
            int capacity,
            ByteSize heap,
            Lent lent,
            Consumer<Event> reports,
            Consumer<AutoCloseable> parts) {
        WorkerProgram here = WorkerProgram.ofThisOne(WORKER, capacity);
        WorkerProgram sized =
                new WorkerProgram(here.javaHome(), here.classPath(), here.main(), capacity, heap);
        Running running = new Running(capacity, sized, Isolation.WORKERS, Granting::trial);
        Runner runner = running.start(lent, reports, parts);
        running.walls.ifPresent(parts);
        return runner;
    }

    /** What stands, in the words of a capability record. */
    List<String> features() {
        if (walls.isEmpty()) {
            return List.of("in-process");
        }
        List<String> features = new ArrayList<>();
        walls.get().layers().stream()
                .filter(Layer::active)
                .forEach(layer -> features.add(FEATURE + layer.name()));
        if (isolation == Isolation.WORKERS_AND_PROGRAMS) {
            features.add(PROGRAMS);
        }
        return features;
    }

    /**
     * What a peer lends to where it runs functions.
     *
     * @param blobs reads an artefact by its digest, checked
     * @param codeFolder where compiled code is kept
     * @param secret nobody else's, to know that code again
     */
    public record Lent(Function<Digest, Optional<Bytes>> blobs, Path codeFolder, Bytes secret) {}

    /**
     * Starts what runs functions; no process before the first is needed.
     *
     * @throws RefusedException if native programs are to run and a wall is missing
     */
    Runner start(Lent lent, Consumer<Event> reports, Consumer<AutoCloseable> parts) {
        Runner sandboxes =
                walls.isEmpty() ? inside(lent, reports, parts) : behind(lent, reports, parts);
        Optional<Processes> programs =
                isolation == Isolation.WORKERS_AND_PROGRAMS
                        ? Optional.of(programs(lent, reports))
                        : Optional.empty();
        Tiers tiers = new Tiers(sandboxes, programs, lent.blobs, reports);
        parts.accept(tiers);
        return tiers;
    }

    private Runner inside(Lent lent, Consumer<Event> reports, Consumer<AutoCloseable> parts) {
        Sandbox sandbox = Engine.sandbox();
        Modules modules =
                new Modules(
                        sandbox, new Modules.Sources(lent.blobs, Optional.empty()), MODULES_BYTES);
        SandboxRunner runner = new SandboxRunner(sandbox, capacity, modules, reports, lines);
        parts.accept(runner);
        return runner;
    }

    private Runner behind(Lent lent, Consumer<Event> reports, Consumer<AutoCloseable> parts) {
        Walls around = walls.orElseThrow();
        Workers made =
                new Workers(
                        around,
                        program,
                        Engine.scriptEngine(),
                        new WorkerPorts(
                                lent.blobs,
                                reports,
                                Optional.of(compiling(around, lent, reports)),
                                lines),
                        WorkerTimes.DEFAULT);
        parts.accept(made);
        workers = Optional.of(made);
        return made;
    }

    private Processes programs(Lent lent, Consumer<Event> reports) {
        return new Processes(
                walls.orElseThrow(),
                new Processes.Bounds(program.share(), program.memory(), capacity),
                new Processes.Lent(
                        lent.codeFolder.resolveSibling("programs"), lent.blobs, reports));
    }

    private Compiling compiling(Walls around, Lent lent, Consumer<Event> reports) {
        try {
            CodeFolder folder =
                    new CodeFolder(
                            lent.codeFolder,
                            lent.secret,
                            program.digest(),
                            CODE_BYTES,
                            (artefact, refusal) -> trouble(artefact, refusal, reports));
            WorkerProgram compiler = program.compiler(CompilerMain.class.getName());
            return new Compiling(around.around(compiler), folder, WorkerTimes.DEFAULT);
        } catch (IOException e) {
            throw new UncheckedIOException("opening " + lent.codeFolder, e);
        }
    }

    /** Code that somebody changed is told to the role; a disk that fails to the log alone. */
    private static void trouble(Digest artefact, Refusal refusal, Consumer<Event> reports) {
        RealWorld.warn(refusal);
        if (refusal.code() == ErrorCode.HASH_MISMATCH) {
            reports.accept(
                    new Event.Noticed(
                            Incident.Kind.CODE_CHANGED,
                            artefact,
                            "the code in the cache is not what this node put there"));
        }
    }
}
