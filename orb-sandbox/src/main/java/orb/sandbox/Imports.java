package orb.sandbox;

import java.util.ArrayList;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.sandbox.fuel.GasSchedule;
import orb.sandbox.fuel.Layout;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ValType;

/** Gives a module exactly the host functions that it names, once for all of its instances. */
final class Imports {
    private Imports() {}

    /**
     * The functions behind a module's imports.
     *
     * @throws RefusedException with {@code ORB-0108} naming the import that is not offered, or is
     *     offered with another type
     */
    static ImportValues of(Layout layout, Wasi.Surface surface) {
        List<ImportFunction> functions = new ArrayList<>();
        for (Layout.Import wanted : layout.imports) {
            functions.add(function(layout, wanted, surface));
        }
        return ImportValues.builder().withFunctions(functions).build();
    }

    private static ImportFunction function(
            Layout layout, Layout.Import wanted, Wasi.Surface surface) {
        String name = wanted.module() + "." + wanted.name();
        Wasi.HostCall call =
                surface.find(wanted.module(), wanted.name())
                        .orElseThrow(() -> notOffered(name, "is not offered"));
        FunctionType type = type(call);
        if (!layout.types.get(wanted.type()).equals(signature(call))) {
            throw notOffered(name, "has another type: " + type);
        }
        return new HostFunction(
                wanted.module(),
                wanted.name(),
                type,
                (instance, arguments) -> apply(call, instance, arguments));
    }

    private static long[] apply(Wasi.HostCall call, Instance instance, long[] arguments) {
        FlatMemory memory = (FlatMemory) instance.memory();
        memory.invocation().charge(GasSchedule.HOST_CALL);
        int[] numbers = new int[arguments.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (int) arguments[i];
        }
        int result = call.body().apply(memory, numbers);
        return call.hasResult() ? new long[] {result} : new long[0];
    }

    private static RefusedException notOffered(String name, String why) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.IMPORT_NOT_OFFERED,
                        "the module imports " + name + ", which " + why,
                        "a function sees standard streams, arguments, environment, clock and random"
                                + " bytes of wasi_snapshot_preview1, the host functions of orb, and"
                                + " nothing else"));
    }

    private static FunctionType type(Wasi.HostCall call) {
        List<ValType> params = new ArrayList<>();
        call.signature().chars().forEach(c -> params.add(c == 'I' ? ValType.I64 : ValType.I32));
        return FunctionType.of(params, call.hasResult() ? List.of(ValType.I32) : List.of());
    }

    private static Layout.Signature signature(Wasi.HostCall call) {
        byte[] params = new byte[call.signature().length()];
        for (int i = 0; i < params.length; i++) {
            params[i] = (byte) (call.signature().charAt(i) == 'I' ? Layout.I64 : Layout.I32);
        }
        Bytes results = call.hasResult() ? Bytes.of((byte) Layout.I32) : Bytes.EMPTY;
        return new Layout.Signature(Bytes.wrap(params), results);
    }
}
