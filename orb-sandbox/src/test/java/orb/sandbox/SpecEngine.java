package orb.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Outcome;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.TrapCode;
import orb.sandbox.fuel.Bounds;
import orb.sandbox.fuel.Layout;
import org.jspecify.annotations.Nullable;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.ByteBufferMemory;
import run.endive.runtime.CallResult;
import run.endive.runtime.GlobalInstance;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportGlobal;
import run.endive.runtime.ImportMemory;
import run.endive.runtime.ImportTable;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.InterpreterMachine;
import run.endive.runtime.Machine;
import run.endive.runtime.Store;
import run.endive.runtime.TableInstance;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.MemoryLimits;
import run.endive.wasm.types.Table;
import run.endive.wasm.types.TableLimits;
import run.endive.wasm.types.ValType;
import run.endive.wasm.types.Value;

/** What runs the specification's tests: the engine as it comes, or the sandbox around it. */
sealed interface SpecEngine {
    /** Reads a module; throws if it is malformed or invalid. */
    void check(byte[] wasm);

    /** Makes an instance of a module; throws if it cannot be linked, or traps. */
    Unit instantiate(byte[] wasm);

    /** Offers the exports of an instance to the modules that follow. */
    void register(String name, Unit unit);

    /** An instance. */
    sealed interface Unit {
        /**
         * The bits of the results; a reference of the host is a number, as it is in the scripts.
         *
         * @throws HostReferenceException if no such reference gets into this unit
         */
        long[] invoke(String function, List<SpecScript.Constant> arguments);

        long get(String global);

        /** Whether a failure is the trap that the specification names. */
        boolean isTrap(String expected, Throwable failure);
    }

    /** The sandbox has no references of the host for anybody. */
    final class HostReferenceException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** The engine with its own memory and tables, and without a rewritten module. */
    final class Plain implements SpecEngine {
        private final Program.Mode mode;
        private final Store store = new Store().addImportValues(host());

        Plain(Program.Mode mode) {
            this.mode = mode;
        }

        private static ImportValues host() {
            Table table = new Table(ValType.FuncRef, new TableLimits(10, 20));
            return ImportValues.builder()
                    .withFunctions(hostFunctions())
                    .addGlobal(global("global_i32", Value.i32(666)))
                    .addGlobal(global("global_i64", Value.i64(666)))
                    .addGlobal(global("global_f32", Value.fromFloat(666.6f)))
                    .addGlobal(global("global_f64", Value.fromDouble(666.6)))
                    .addMemory(
                            new ImportMemory(
                                    "spectest",
                                    "memory",
                                    new ByteBufferMemory(new MemoryLimits(1, 2))))
                    .addTable(
                            new ImportTable(
                                    "spectest",
                                    "table",
                                    new TableInstance(table, Value.REF_NULL_VALUE)))
                    .build();
        }

        private static ImportGlobal global(String name, Value value) {
            return new ImportGlobal(
                    "spectest", name, GlobalInstance.builder().value(value).build());
        }

        @Override
        public void check(byte[] wasm) {
            Parser.parse(wasm);
        }

        @Override
        public Unit instantiate(byte[] wasm) {
            WasmModule module = Parser.parse(wasm);
            Function<Instance, Machine> machines =
                    mode == Program.Mode.COMPILED
                            ? MachineFactoryCompiler::compile
                            : InterpreterMachine::new;
            return new PlainUnit(
                    Instance.builder(module)
                            .withImportValues(store.toImportValues())
                            .withMachineFactory(machines)
                            .build());
        }

        @Override
        public void register(String name, Unit unit) {
            store.register(name, ((PlainUnit) unit).instance());
        }
    }

    /** An instance that nobody meters. */
    record PlainUnit(Instance instance) implements Unit {
        @Override
        public long[] invoke(String function, List<SpecScript.Constant> arguments) {
            FunctionType type = instance.exportType(function);
            long[] numbers = new long[arguments.size()];
            Object[] references = new Object[arguments.size()];
            for (int i = 0; i < numbers.length; i++) {
                SpecScript.Constant one = arguments.get(i);
                numbers[i] = one.bits();
                references[i] = one.isHostReference() && !one.isNull() ? one.bits() : null;
            }
            if (!type.hasObjectRefParams() && !type.hasObjectRefReturns()) {
                return results(instance.export(function).apply(numbers));
            }
            CallResult result = instance.export(function).applyWithRefs(numbers, references);
            long[] bits = new long[type.returns().size()];
            for (int i = 0; i < bits.length; i++) {
                boolean isReference = type.returns().get(i).isObjectRef();
                bits[i] = isReference ? number(result.refResult(i)) : result.longResult(i);
            }
            return bits;
        }

        private static long number(@Nullable Object reference) {
            return reference == null ? Value.REF_NULL_VALUE : (Long) reference;
        }

        @Override
        public long get(String global) {
            return instance.exports().global(global).getValue();
        }

        @Override
        public boolean isTrap(String expected, Throwable failure) {
            return expected.equals("call stack exhausted")
                    || failure instanceof WasmEngineException;
        }
    }

    /** The sandbox: its admission, its rewriting, its memory and its tables. */
    final class Metered implements SpecEngine {
        private static final Fuel PLENTY = new Fuel(1_000_000_000_000L);

        private final Program.Mode mode;
        private final Map<String, ImportFunction> offered = new TreeMap<>();

        Metered(Program.Mode mode) {
            this.mode = mode;
            hostFunctions().forEach(f -> offered.put(key(f.module(), f.name()), f));
        }

        private static String key(String module, String name) {
            return module.length() + ":" + module + name;
        }

        @Override
        public void check(byte[] wasm) {
            Admission.admit(Bytes.wrap(wasm));
        }

        @Override
        public Unit instantiate(byte[] wasm) {
            Layout layout = Admission.admit(Bytes.wrap(wasm));
            Program program = Program.of(layout, imports(layout), mode);
            Invocation nobody = new Invocation(Request.post(Bytes.EMPTY), RunInputs.FIXED);
            Live live = program.instantiate(nobody, Bounds.MEMORY_PAGES, PLENTY);
            program.start().ifPresent(live::call);
            return new MeteredUnit(live, layout);
        }

        private ImportValues imports(Layout layout) {
            List<ImportFunction> functions = new ArrayList<>();
            for (Layout.Import wanted : layout.imports) {
                ImportFunction found = offered.get(key(wanted.module(), wanted.name()));
                FunctionType type = type(layout.types.get(wanted.type()));
                if (found == null || !found.functionType().equals(type)) {
                    throw new RefusedException(
                            ErrorCode.IMPORT_NOT_OFFERED, wanted.module() + "." + wanted.name());
                }
                functions.add(found);
            }
            return ImportValues.builder().withFunctions(functions).build();
        }

        @Override
        public void register(String name, Unit unit) {
            MeteredUnit metered = (MeteredUnit) unit;
            for (Layout.Export export : metered.layout().exports) {
                if (export.kind() == 0) {
                    HostFunction function =
                            new HostFunction(
                                    name,
                                    export.name(),
                                    type(metered.layout().signature(export.index())),
                                    (instance, arguments) ->
                                            metered.live().nested(export.index(), arguments));
                    offered.put(key(name, export.name()), function);
                }
            }
        }

        private static FunctionType type(Layout.Signature signature) {
            return FunctionType.of(types(signature.params()), types(signature.results()));
        }

        private static List<ValType> types(Bytes types) {
            List<ValType> list = new ArrayList<>();
            for (int i = 0; i < types.length(); i++) {
                list.add(
                        switch (types.at(i)) {
                            case Layout.I32 -> ValType.I32;
                            case Layout.I64 -> ValType.I64;
                            case Layout.F32 -> ValType.F32;
                            case Layout.F64 -> ValType.F64;
                            case Layout.FUNCREF -> ValType.FuncRef;
                            default -> ValType.ExternRef;
                        });
            }
            return list;
        }
    }

    /** An instance as the sandbox makes it. */
    record MeteredUnit(Live live, Layout layout) implements Unit {
        @Override
        public long[] invoke(String function, List<SpecScript.Constant> arguments) {
            int index = index(0, function);
            Layout.Signature type = layout.signature(index);
            if (hasHostReference(type.params()) || hasHostReference(type.results())) {
                throw new HostReferenceException();
            }
            return live.call(
                    index, arguments.stream().mapToLong(SpecScript.Constant::bits).toArray());
        }

        private static boolean hasHostReference(Bytes types) {
            boolean found = false;
            for (int i = 0; i < types.length(); i++) {
                found |= types.at(i) == Layout.EXTERNREF;
            }
            return found;
        }

        @Override
        public long get(String global) {
            return live.global(index(3, global));
        }

        private int index(int kind, String name) {
            return layout.exports.stream()
                    .filter(export -> export.kind() == kind && export.name().equals(name))
                    .findFirst()
                    .orElseThrow()
                    .index();
        }

        @Override
        public boolean isTrap(String expected, Throwable failure) {
            return live.failed(failure) instanceof Outcome.Trapped trapped
                    && Optional.of(trapped.code()).equals(code(expected));
        }

        private static Optional<TrapCode> code(String expected) {
            return switch (expected) {
                case "unreachable" -> Optional.of(TrapCode.UNREACHABLE);
                case "out of bounds memory access", "out of bounds table access" ->
                        Optional.of(TrapCode.OUT_OF_BOUNDS);
                case "integer divide by zero",
                        "integer overflow",
                        "invalid conversion to integer" ->
                        Optional.of(TrapCode.ARITHMETIC);
                case "undefined element", "uninitialized element", "indirect call type mismatch" ->
                        Optional.of(TrapCode.INDIRECT_CALL);
                case "call stack exhausted" -> Optional.of(TrapCode.STACK_EXHAUSTED);
                default ->
                        expected.startsWith("uninitialized element")
                                ? Optional.of(TrapCode.INDIRECT_CALL)
                                : Optional.empty();
            };
        }
    }

    private static long[] results(long[] results) {
        return results == null ? new long[0] : results;
    }

    /** The functions of the module {@code spectest}, which print nothing here. */
    private static List<ImportFunction> hostFunctions() {
        Map<String, List<ValType>> functions = new TreeMap<>();
        functions.put("print", List.of());
        functions.put("print_i32", List.of(ValType.I32));
        functions.put("print_i64", List.of(ValType.I64));
        functions.put("print_f32", List.of(ValType.F32));
        functions.put("print_f64", List.of(ValType.F64));
        functions.put("print_i32_f32", List.of(ValType.I32, ValType.F32));
        functions.put("print_f64_f64", List.of(ValType.F64, ValType.F64));
        List<ImportFunction> list = new ArrayList<>();
        functions.forEach((name, parameters) ->
                list.add(
                        new HostFunction(
                                "spectest",
                                name,
                                FunctionType.of(parameters, List.of()),
                                (instance, arguments) -> new long[0])));
        return list;
    }
}
