package orb.sandbox;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import orb.kernel.Bytes;
import orb.kernel.TrapCode;
import orb.sandbox.fuel.GasSchedule;
import orb.sandbox.fuel.Layout;

/**
 * What the script engine may import: WASI as any guest, and the hooks of its own C interface.
 *
 * <p>Scripts import nothing and see UTC; what the prelude may call are the functions named here:
 * one writes a log line, one computes a digest, one asks the node. They keep no state.
 */
final class ScriptSurface {
    /** Logs its argument, a string. */
    static final String LOG = "log";

    /** The digest, by the algorithm of this name, of a {@code Uint8Array}; as one. */
    static final String DIGEST = "digest";

    /** What {@link OrbCalls#script} says to a {@code Uint8Array}; as one. */
    static final String CAPABILITY = "capability";

    private static final List<String> ALGORITHMS = List.of("SHA-256", "SHA-384", "SHA-512");

    private final Map<String, Integer> functions;

    ScriptSurface(Layout layout) {
        this.functions = Guest.functions(layout);
    }

    Optional<Wasi.HostCall> find(String module, String name) {
        return module.equals("env") ? hook(name) : Wasi.find(module, name);
    }

    private Optional<Wasi.HostCall> hook(String name) {
        return switch (name) {
            case "host_call" -> offer("iiiii", true, this::call);
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

    /** Arguments: address and length of the function's name, this, count and address of values. */
    private int call(FlatMemory memory, int[] arguments) {
        Guest guest = new Guest(memory.invocation().live(), functions);
        if (arguments[1] == LOG.length() && arguments[3] == 1) {
            return log(memory, guest, memory.readInt(arguments[4]));
        }
        if (arguments[1] == DIGEST.length() && arguments[3] == 2) {
            int name = memory.readInt(arguments[4]);
            return digest(memory, guest, name, memory.readInt(arguments[4] + 4));
        }
        if (arguments[1] == CAPABILITY.length() && arguments[3] == 1) {
            int value = memory.readInt(arguments[4]);
            byte[] message = content(memory, guest, value, GasSchedule::moved);
            return array(memory, guest, OrbCalls.script(memory, message));
        }
        throw Stop.trap(TrapCode.ENGINE, "the prelude calls what is not there");
    }

    private static int log(FlatMemory memory, Guest guest, int value) {
        int length = guest.nested("wasm_malloc", 4);
        int text = guest.nested("qjs_get_string_len", value, length);
        int bytes = memory.readInt(length);
        memory.invocation().charge(GasSchedule.moved(Integer.toUnsignedLong(bytes)));
        memory.invocation().log(memory, text, bytes);
        guest.nested("qjs_free_cstring", text);
        guest.nested("wasm_free", length);
        return guest.nested("qjs_get_undefined");
    }

    private static int digest(FlatMemory memory, Guest guest, int name, int value) {
        int length = guest.nested("wasm_malloc", 4);
        int text = guest.nested("qjs_get_string_len", name, length);
        String algorithm = Bytes.wrap(memory.readBytes(text, 7)).utf8();
        guest.nested("qjs_free_cstring", text);
        guest.nested("wasm_free", length);
        if (!ALGORITHMS.contains(algorithm)) {
            throw Stop.trap(TrapCode.ENGINE, "the prelude asks for a digest that is not there");
        }
        byte[] content = content(memory, guest, value, GasSchedule::digested);
        return array(memory, guest, hash(algorithm, content));
    }

    /** What lies in a {@code Uint8Array}, once its price for so many bytes is charged. */
    private static byte[] content(
            FlatMemory memory, Guest guest, int value, LongUnaryOperator price) {
        int sizes = guest.nested("wasm_malloc", 16);
        int buffer =
                guest.nested("qjs_get_typed_array_buffer", value, sizes, sizes + 4L, sizes + 8L);
        int start = guest.nested("qjs_get_array_buffer", buffer, sizes + 12L);
        int length = memory.readInt(sizes + 4);
        memory.invocation().charge(price.applyAsLong(Integer.toUnsignedLong(length)));
        byte[] content = memory.readBytes(start + memory.readInt(sizes), length);
        guest.nested("qjs_free_value", buffer);
        guest.nested("wasm_free", sizes);
        return content;
    }

    private static int array(FlatMemory memory, Guest guest, byte[] content) {
        int place = guest.nested("wasm_malloc", content.length);
        if (place == 0) {
            throw Stop.trap(TrapCode.OUT_OF_MEMORY, "no room for " + content.length + " bytes");
        }
        memory.write(place, content, 0, content.length);
        int made = guest.nested("qjs_new_uint8_array", place, content.length);
        guest.nested("wasm_free", place);
        return made;
    }

    private static byte[] hash(String algorithm, byte[] content) {
        try {
            return MessageDigest.getInstance(algorithm).digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }
}
