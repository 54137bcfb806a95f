package orb.cli.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import orb.cli.workshop.Engine;
import orb.host.store.CodeFolder;
import orb.host.worker.Compiling;
import orb.host.worker.Layer;
import orb.host.worker.Walls;
import orb.host.worker.WorkerProgram;
import orb.host.worker.WorkerTimes;
import orb.host.worker.Workers;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.port.Event;
import orb.kernel.port.MachineUse;
import orb.kernel.port.Runner;
import orb.sandbox.Sandbox;

/**
 * Where a peer runs functions: in worker processes behind the walls of this machine, or, where it
 * was told so, inside its own process.
 */
public final class Running {
    private static final String FEATURE = "worker-";
    private static final int CAPACITY_MAX = 4096;
    private static final long MODULES_BYTES = 256L << 20;
    private static final long CODE_BYTES = 1L << 30;

    private final int capacity;
    private final Optional<Walls> walls;
    private final WorkerProgram program;

    private Supplier<MachineUse> use = () -> MachineUse.NONE;

    private Running(int capacity, boolean inProcess, OwnerLimits limits) {
        this.capacity = capacity;
        program = limits.of(WorkerProgram.ofThisOne(WorkerMain.class.getName(), capacity));
        walls = inProcess ? Optional.empty() : Optional.of(Walls.find(program));
    }

    /**
     * Looks which walls there are, which takes some tens of milliseconds.
     *
     * @param capacity sandboxes at once, 0 for two a processor
     * @param inProcess whether to do without walls
     * @param limits what the workers may take
     */
    static Running of(int capacity, boolean inProcess, OwnerLimits limits) {
        int standard = Math.min(CAPACITY_MAX, 2 * Runtime.getRuntime().availableProcessors());
        return new Running(capacity > 0 ? capacity : standard, inProcess, limits);
    }

    /** What the workers use now, nothing before they are started or where there are none. */
    MachineUse use() {
        return use.get();
    }

    /** Whether the kernel keeps a share of the processors. */
    boolean boundsProcessors() {
        return walls.map(Walls::boundsProcessors).orElse(false);
    }

    /** The walls of this machine, missing ones too. */
    public static List<Layer> layers() {
        try (Walls walls = Walls.find(WorkerProgram.ofThisOne(WorkerMain.class.getName(), 1))) {
            return walls.layers();
        }
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
        return features;
    }

    /**
     * What a peer lends to where it runs functions.
     *
     * @param blobs reads an artefact by its digest, checked
     * @param codeFolder where compiled code is kept
     * @param secret nobody else's, to know that code again
     */
    record Lent(Function<Digest, Optional<Bytes>> blobs, Path codeFolder, Bytes secret) {}

    /** Starts what runs functions; no process before the first is needed. */
    Runner start(Lent lent, Consumer<Event> reports, Consumer<AutoCloseable> parts) {
        if (walls.isEmpty()) {
            Sandbox sandbox = Engine.sandbox();
            Modules modules =
                    new Modules(
                            sandbox,
                            new Modules.Sources(lent.blobs, Optional.empty()),
                            MODULES_BYTES);
            SandboxRunner runner = new SandboxRunner(sandbox, capacity, modules, reports);
            parts.accept(runner);
            return runner;
        }
        Workers workers =
                new Workers(
                        walls.get(),
                        program,
                        Engine.scriptEngine(),
                        new Workers.Ports(
                                lent.blobs, reports, Optional.of(compiling(walls.get(), lent))),
                        WorkerTimes.DEFAULT);
        parts.accept(workers);
        use = workers::use;
        return workers;
    }

    private Compiling compiling(Walls around, Lent lent) {
        try {
            CodeFolder folder =
                    new CodeFolder(
                            lent.codeFolder,
                            lent.secret,
                            program.digest(),
                            CODE_BYTES,
                            RealWorld::warn);
            WorkerProgram compiler = program.compiler(CompilerMain.class.getName());
            return new Compiling(around.around(compiler), folder, WorkerTimes.DEFAULT);
        } catch (IOException e) {
            throw new UncheckedIOException("opening " + lent.codeFolder, e);
        }
    }
}
