package orb.sandbox;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;
import orb.sandbox.engine.Rewiring;
import orb.sandbox.fuel.Layout;
import orb.sandbox.fuel.Meter;
import org.jspecify.annotations.Nullable;
import run.endive.compiler.Cache;
import run.endive.compiler.InterpreterFallback;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.CompiledModule;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.CodeSection;
import run.endive.wasm.types.FunctionBody;

/**
 * A module compiled to JVM code, and what instances need of the module besides.
 *
 * @param machines make what runs an instance
 * @param module without the instructions of functions that were compiled: they take sixty bytes of
 *     heap each, 33 MB for the script engine, and nobody reads them again
 */
record Compilation(Function<Instance, Machine> machines, WasmModule module) {
    /** Bodies above these sizes are left to the interpreter, one try after the other. */
    private static final int[] INTERPRETED_ABOVE = {
        160 << 10, 48 << 10, 24 << 10, 12 << 10, 3 << 10
    };

    private static final int NONE_ABOVE = Integer.MAX_VALUE;
    private static final FunctionBody COMPILED = new FunctionBody(List.of(), List.of());

    /** Compiles for this process; see {@link #code} for what is left to the interpreter. */
    static Compilation of(Layout layout, WasmModule module) {
        Made made = made(layout, module);
        return load(layout, module, made);
    }

    /**
     * Compiles to bytes that {@link #load} makes the same of in any process: the size above which
     * bodies are interpreted (4 bytes, most significant first), and a JAR of classes.
     */
    static Bytes code(Layout layout) {
        Made made = made(layout, Admission.parse(Meter.rewrite(layout)));
        byte[] above = ByteBuffer.allocate(Integer.BYTES).putInt(made.above).array();
        return Bytes.wrap(above).concat(Bytes.wrap(made.kept.classes()));
    }

    /** Loads what {@link #code} made of the same module; its bodies are not read, as a rule. */
    static Compilation load(Layout layout, Bytes code) {
        if (code.length() <= Integer.BYTES) {
            throw new RefusedException(ErrorCode.INVALID_MODULE, "there is no compiled code");
        }
        int above = ByteBuffer.wrap(code.array()).getInt();
        Kept kept = new Kept(code.slice(Integer.BYTES, code.length()).array());
        if (above == NONE_ABOVE) {
            return load(Admission.parse(Meter.withoutBodies(layout)), kept);
        }
        return load(layout, Admission.parse(Meter.rewrite(layout)), new Made(kept, above));
    }

    private static Compilation load(Layout layout, WasmModule module, Made made) {
        WasmModule slim = slim(layout, module, interpreted(layout, made.above));
        return new Compilation(load(module, made.kept).machines, slim);
    }

    /** Loads code that was compiled before; {@code module} needs no compiled bodies. */
    static Compilation load(WasmModule module, Kept code) {
        return new Compilation(
                machines(MachineFactoryCompiler.builder(module).withCache(code).compile()), module);
    }

    /** Compiled classes, and the size above which bodies are not among them. */
    private record Made(Kept kept, int above) {}

    /**
     * Compiles; a body that outgrows a JVM method (64 KiB) is interpreted.
     *
     * <p>The engine can find such bodies by itself, but starts over for each; trying a few sizes
     * bounds the work. The choice does not show in results or fuel.
     */
    private static Made made(Layout layout, WasmModule module) {
        for (int above : INTERPRETED_ABOVE) {
            Kept kept = new Kept();
            var builder = MachineFactoryCompiler.builder(module).withCache(kept);
            Set<Integer> interpreted = interpreted(layout, above);
            if (interpreted.isEmpty()) {
                builder.withInterpreterFallback(InterpreterFallback.FAIL);
            } else {
                builder.withInterpretedFunctions(interpreted);
            }
            try {
                builder.compile();
                return new Made(kept, interpreted.isEmpty() ? NONE_ABOVE : above);
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

    /** What the compiler returns holds the whole module; what is inside of it does not. */
    private static Function<Instance, Machine> machines(Function<Instance, Machine> compiled) {
        return compiled instanceof CompiledModule holder ? holder.machineFactory() : compiled;
    }

    private static WasmModule slim(Layout layout, WasmModule module, Set<Integer> interpreted) {
        int imported = layout.imports.size();
        CodeSection whole = module.codeSection();
        CodeSection.Builder code =
                CodeSection.builder().setRequiresDataCount(whole.isRequiresDataCount());
        for (int i = 0; i < whole.functionBodyCount(); i++) {
            boolean kept = interpreted.contains(imported + i);
            code.addFunctionBody(kept ? whole.getFunctionBody(i) : COMPILED);
        }
        WasmModule.Builder slim =
                WasmModule.builder()
                        .withValidation(false) // the whole module was valid
                        .setTypeSection(module.typeSection())
                        .setImportSection(module.importSection())
                        .setFunctionSection(module.functionSection())
                        .setTableSection(module.tableSection())
                        .setGlobalSection(module.globalSection())
                        .setExportSection(module.exportSection())
                        .setElementSection(module.elementSection())
                        .setDataSection(module.dataSection())
                        .setCodeSection(code.build());
        module.memorySection().ifPresent(slim::setMemorySection);
        module.startSection().ifPresent(slim::setStartSection);
        module.dataCountSection().ifPresent(slim::setDataCountSection);
        return slim.build();
    }

    /** Holds the compiled classes of one module, as a JAR. Belongs to one thread. */
    static final class Kept implements Cache {
        private byte[] classes;

        /** Classes to load, or none for those that are about to be made. */
        Kept(byte... classes) {
            this.classes = classes;
        }

        byte[] classes() {
            return classes;
        }

        @Override
        public byte @Nullable [] get(String module) {
            return classes.length == 0 ? null : classes;
        }

        @Override
        public void putIfAbsent(String module, byte[] made) {
            classes = Rewiring.rewired(made);
        }
    }
}
