package orb.sandbox;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.RefusedException;
import orb.sandbox.fuel.Image;
import orb.sandbox.fuel.Layout;
import orb.sandbox.fuel.Meter;
import run.endive.compiler.InterpreterFallback;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.InterpreterMachine;
import run.endive.runtime.Machine;
import run.endive.runtime.TableFactory;
import run.endive.runtime.TableInstance;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.Table;

/**
 * A metered module with its compiled code and its image: all that instances share.
 *
 * <p>Immutable and thread-safe.
 */
final class Program {
    /** Bodies above these sizes are left to the interpreter, one try after the other. */
    private static final int[] INTERPRETED_ABOVE = {
        160 << 10, 48 << 10, 24 << 10, 12 << 10, 3 << 10
    };

    private final Layout layout;
    private final WasmModule module;
    private final Function<Instance, Machine> machines;
    private final ImportValues imports;
    private final Image image;
    private final Meter.Added added;

    private Program(
            Layout layout,
            WasmModule module,
            Function<Instance, Machine> machines,
            ImportValues imports,
            Image image) {
        this.layout = layout;
        this.module = module;
        this.machines = machines;
        this.imports = imports;
        this.image = image;
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
        Image image = Image.of(layout);
        boolean counts = mode != Mode.UNMETERED;
        WasmModule module =
                Admission.parse(counts ? Meter.rewrite(layout) : Meter.withoutCounting(layout));
        Function<Instance, Machine> machines =
                switch (mode) {
                    case COMPILED, UNMETERED -> compiled(layout, module);
                    case INTERPRETED -> InterpreterMachine::new;
                };
        return new Program(layout, module, machines, imports, image);
    }

    /** The same program, starting from what an instance of it has become. */
    Program startingFrom(Live.Snapshot snapshot) {
        Image changed =
                new Image(snapshot.memory(), snapshot.pages(), image.pagesMax, image.tables);
        return new Program(layout, module, machines, imports, changed);
    }

    /**
     * Compiles to JVM code; a body that outgrows a JVM method (64 KiB) is interpreted.
     *
     * <p>The engine can find such bodies by itself, but starts over for each; trying a few sizes
     * bounds the work. The choice does not show in results or fuel.
     */
    private static Function<Instance, Machine> compiled(Layout layout, WasmModule module) {
        for (int above : INTERPRETED_ABOVE) {
            var builder = MachineFactoryCompiler.builder(module);
            Set<Integer> interpreted = interpreted(layout, above);
            if (interpreted.isEmpty()) {
                builder.withInterpreterFallback(InterpreterFallback.FAIL);
            } else {
                builder.withInterpretedFunctions(interpreted);
            }
            try {
                return builder.compile();
            } catch (WasmEngineException e) {
                if (above == INTERPRETED_ABOVE[INTERPRETED_ABOVE.length - 1]) {
                    throw e;
                }
            }
        }
        throw new RefusedException(ErrorCode.INVALID_MODULE, "the module cannot be compiled");
    }

    private static Set<Integer> interpreted(Layout layout, int above) {
        Set<Integer> large = new TreeSet<>();
        for (int i = 0; i < layout.bodies.size(); i++) {
            if (layout.bodies.get(i).to() - layout.bodies.get(i).codeFrom() > above) {
                large.add(layout.imports.size() + i);
            }
        }
        return large;
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
                new FlatMemory(invocation, image.memory, room, Math.min(pagesMax, image.pagesMax));
        Instance instance =
                Instance.builder(module)
                        .withImportValues(imports)
                        .withMemoryFactory(limits -> memory)
                        .withTableFactory(new Tables(image, layout))
                        .withMachineFactory(machines)
                        .withStart(false)
                        .build();
        return new Live(instance, memory, invocation, added, fuel);
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
