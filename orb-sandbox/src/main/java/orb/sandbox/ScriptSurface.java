package orb.sandbox;

import java.util.Map;
import java.util.Optional;
import orb.sandbox.fuel.GasSchedule;
import orb.sandbox.fuel.Layout;

/**
 * What the script engine may import: WASI as any guest, and the hooks of its own C interface.
 *
 * <p>Scripts import nothing and see UTC; the one hook that does something writes a log line. The
 * functions keep no state.
 */
final class ScriptSurface {
    private final Map<String, Integer> functions;

    ScriptSurface(Layout layout) {
        this.functions = Guest.functions(layout);
    }

    Optional<Wasi.HostCall> find(String module, String name) {
        return module.equals("env") ? hook(name) : Wasi.find(module, name);
    }

    private Optional<Wasi.HostCall> hook(String name) {
        return switch (name) {
            case "host_call" -> offer("iiiii", true, this::log);
            case "host_interrupt" -> offer("", true, (m, a) -> 0);
            case "host_get_timezone_offset", "host_module_normalize", "host_module_load" ->
                    offer("ii", true, (m, a) -> 0);
            case "host_promise_rejection" -> offer("iii", false, (m, a) -> 0);
            default -> Optional.empty();
        };
    }

    private static Optional<Wasi.HostCall> offer(
            String signature, boolean hasResult, Wasi.Body body) {
        return Optional.of(new Wasi.HostCall(signature, hasResult, body));
    }

    /** The prelude's only host function: logs its first argument, a string. */
    private int log(FlatMemory memory, int[] arguments) {
        Guest guest = new Guest(memory.invocation().live(), functions);
        if (arguments[3] > 0) {
            int value = memory.readInt(arguments[4]);
            int length = guest.nested("wasm_malloc", 4);
            int text = guest.nested("qjs_get_string_len", value, length);
            int bytes = memory.readInt(length);
            memory.invocation().charge(GasSchedule.moved(Integer.toUnsignedLong(bytes)));
            memory.invocation().log(memory, text, bytes);
            guest.nested("qjs_free_cstring", text);
            guest.nested("wasm_free", length);
        }
        return guest.nested("qjs_get_undefined");
    }
}
