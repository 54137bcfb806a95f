package orb.sandbox;

import java.util.Optional;
import java.util.OptionalInt;
import orb.kernel.Bytes;
import orb.kernel.Fuel;
import orb.kernel.RefusedException;
import orb.sandbox.engine.Globals;
import orb.sandbox.engine.StartingContent;
import orb.sandbox.fuel.GasSchedule;
import orb.sandbox.fuel.Image;
import orb.sandbox.fuel.Layout;
import orb.sandbox.fuel.Meter;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.InterpreterMachine;
import run.endive.runtime.TableFactory;
import run.endive.runtime.TableInstance;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.Table;

/**
 * A metered module with its compiled code and its image: all that instances share.
 *
 * <p>Immutable and thread-safe.
 */
final class Program {
    private final Layout layout;
    private final Compilation code;
    private final ImportValues imports;
    private final Image image;
    private final StartingContent content;
    private final Meter.Added added;
    private final Optional<Live.Snapshot> snapshot;

    private Program(
            Layout layout,
            Compilation code,
            ImportValues imports,
            Optional<Live.Snapshot> snapshot) {
        Image declared = Image.of(layout);
        this.layout = layout;
        this.code = code;
        this.imports = imports;
        this.snapshot = snapshot;
        this.image =
                snapshot.map(s -> new Image(s.memory(), s.pages(), declared.pagesMax, s.tables()))
                        .orElse(declared);
        this.content = new StartingContent(image.memory);
        this.added = Meter.added(layout);
    }

    /** How code is run; the interpreter is a second opinion for tests. */
    enum Mode {
        COMPILED,
        INTERPRETED,
        /** Compiled, but without counting: only to measure what counting costs. */
        UNMETERED
    }

    /**
     * Meters and compiles an admitted module.
     *
     * @throws RefusedException if an import is not offered or the module cannot be compiled
     */
    static Program of(Layout layout, Wasi.Surface surface, Mode mode) {
        return of(layout, Imports.of(layout, surface), mode);
    }

    /** As {@link #of(Layout, Wasi.Surface, Mode)}, with the functions behind its imports. */
    static Program of(Layout layout, ImportValues imports, Mode mode) {
        boolean counts = mode != Mode.UNMETERED;
        WasmModule module =
                Admission.parse(counts ? Meter.rewrite(layout) : Meter.withoutCounting(layout));
        Compilation code =
                switch (mode) {
                    case COMPILED, UNMETERED -> Compilation.of(layout, module);
                    case INTERPRETED -> new Compilation(InterpreterMachine::new, module);
                };
        return of(layout, imports, code);
    }

    /**
     * A program of code that {@link Compilation#code} made of the same module before, in whichever
     * process; what was admitted then is not checked again.
     *
     * @throws RefusedException if an import is not offered
     */
    static Program of(Layout layout, Wasi.Surface surface, Bytes code) {
        return of(layout, Imports.of(layout, surface), Compilation.load(layout, code));
    }

    /** A program whose code was compiled before. */
    static Program of(Layout layout, ImportValues imports, Compilation code) {
        return new Program(layout, code, imports, Optional.empty());
    }

    /** The same program, starting from what an instance of it has become. */
    Program startingFrom(Live.Snapshot become) {
        return new Program(layout, code, imports, Optional.of(become));
    }

    /** Whether its instances start from a snapshot: nothing needs to be run before their entry. */
    boolean startsFromSnapshot() {
        return snapshot.isPresent();
    }

    /** Fuel that an instance has used before anything of it runs. */
    long beginningCost() {
        return snapshot.map(Live.Snapshot::cost).orElse((long) GasSchedule.PAGE * image.pages);
    }

    /** Bytes that the content of a fresh memory takes, without the zeros behind it. */
    int contentBytes() {
        return image.memory.length;
    }

    int initialPages() {
        return image.pages;
    }

    int initialBytes() {
        return image.pages << 16;
    }

    Optional<Integer> start() {
        return layout.start;
    }

    /** The index of an exported function with such parameters and results. */
    OptionalInt function(String name, Layout.Signature signature) {
        return layout.function(name, signature).map(OptionalInt::of).orElse(OptionalInt.empty());
    }

    Layout layout() {
        return layout;
    }

    /** A fresh instance with its gas and stack filled. */
    Live instantiate(Invocation invocation, int pagesMax, Fuel fuel) {
        return instantiate(invocation, new byte[initialBytes()], pagesMax, fuel);
    }

    /** As above, with its memory in an array of {@link #initialBytes}. */
    Live instantiate(Invocation invocation, byte[] room, int pagesMax, Fuel fuel) {
        FlatMemory memory =
                new FlatMemory(
                        invocation,
                        content,
                        room,
                        Math.min(pagesMax, image.pagesMax),
                        Meter.globals(layout));
        Instance instance =
                Instance.builder(code.module())
                        .withImportValues(imports)
                        .withMemoryFactory(limits -> memory)
                        .withGlobalFactory(new Globals(memory))
                        .withTableFactory(new Tables(image, layout))
                        .withMachineFactory(code.machines())
                        .withStart(false)
                        .build();
        Live live =
                new Live(
                        instance, memory, invocation, added, new Live.Given(fuel, beginningCost()));
        snapshot.ifPresent(s -> live.setGlobals(s.globals()));
        return live;
    }

    /** Hands out the tables of one instance in their order. */
    private static final class Tables implements TableFactory {
        private final Image image;
        private final Layout layout;
        private int next;

        Tables(Image image, Layout layout) {
            this.image = image;
            this.layout = layout;
        }

        @Override
        public TableInstance create(Table table, int initial) {
            int index = next++;
            return new FlatTable(table, image.tables.get(index), layout.tables.get(index).max());
        }
    }
}
