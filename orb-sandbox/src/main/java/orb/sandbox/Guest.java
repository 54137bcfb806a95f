package orb.sandbox;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;
import orb.kernel.Response;
import orb.kernel.TrapCode;
import orb.sandbox.fuel.GasSchedule;
import orb.sandbox.fuel.Layout;

/**
 * The script engine's C interface, spoken from outside: values are addresses in its memory.
 *
 * <p>Nothing is given back to the engine's allocator where the instance ends soon anyway. Belongs
 * to one instance and its thread.
 */
final class Guest {
    private static final int NAMES_MAX = 2_000;

    private final Live live;
    private final Map<String, Integer> functions;

    Guest(Live live, Map<String, Integer> functions) {
        this.live = live;
        this.functions = functions;
    }

    /** The functions that a layout exports, by name. */
    static Map<String, Integer> functions(Layout layout) {
        Map<String, Integer> functions = new TreeMap<>();
        layout.exports.stream()
                .filter(export -> export.kind() == 0)
                .limit(NAMES_MAX)
                .forEach(export -> functions.put(export.name(), export.index()));
        return functions;
    }

    /** Calls an exported function; its single result, or 0 if it has none. */
    int call(String name, long... arguments) {
        Integer index = functions.get(name);
        if (index == null) {
            throw new RefusedException(
                    ErrorCode.INTERNAL, "the script engine has no function " + name);
        }
        long[] results = live.call(index, arguments);
        return results.length == 0 ? 0 : (int) results[0];
    }

    /** As {@link #call}, from within a host function. */
    int nested(String name, long... arguments) {
        Integer index = functions.get(name);
        long[] results = index == null ? new long[0] : live.nested(index, arguments);
        return results.length == 0 ? 0 : (int) results[0];
    }

    FlatMemory memory() {
        return live.memory;
    }

    /** Copies bytes into fresh memory of the engine, with a zero behind them. */
    int place(Bytes bytes) {
        live.invocation.charge(GasSchedule.moved(bytes.length()));
        int address = call("wasm_malloc", bytes.length() + 1L);
        if (address == 0) {
            throw Stop.trap(TrapCode.OUT_OF_MEMORY, "no room for " + bytes.length() + " bytes");
        }
        live.memory.write(address, bytes.array(), 0, bytes.length());
        live.memory.writeByte(address + bytes.length(), (byte) 0);
        return address;
    }

    void free(int address) {
        call("wasm_free", address);
    }

    int string(Bytes utf8) {
        int address = place(utf8);
        int value = call("qjs_new_string", address, utf8.length());
        free(address);
        return value;
    }

    /** A string if the bytes are UTF-8, else a {@code Uint8Array}. */
    int stringOrBytes(Bytes bytes) {
        if (isUtf8(bytes)) {
            return string(bytes);
        }
        int address = place(bytes);
        int value = call("qjs_new_uint8_array", address, bytes.length());
        free(address);
        return value;
    }

    private static boolean isUtf8(Bytes bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.array()));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    int property(int object, String name) {
        int address = place(Bytes.utf8(name));
        return call("qjs_get_prop_string", object, address);
    }

    /** Calls a function of the script with these values. */
    int apply(int function, int... values) {
        Bytes arguments = words(values);
        int address = place(arguments);
        return call("qjs_call", function, call("qjs_get_undefined"), values.length, address);
    }

    private static Bytes words(int... values) {
        ByteBuffer words =
                ByteBuffer.allocate(values.length * 4).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            words.putInt(value);
        }
        return Bytes.wrap(words.array());
    }

    boolean isException(int value) {
        return call("qjs_is_exception", value) != 0;
    }

    /** The content of a string. */
    Bytes text(int value) {
        int length = call("wasm_malloc", 4);
        int address = call("qjs_get_string_len", value, length);
        Bytes text = bytes(address, live.memory.readInt(length));
        call("qjs_free_cstring", address);
        free(length);
        return text;
    }

    /** The content of a string or of a {@code Uint8Array}. */
    Bytes content(int value) {
        if (call("qjs_is_string", value) != 0) {
            return text(value);
        }
        int sizes = call("wasm_malloc", 16);
        int buffer = call("qjs_get_typed_array_buffer", value, sizes, sizes + 4L, sizes + 8L);
        if (isException(buffer)) {
            throw Stop.trap(TrapCode.BAD_OUTPUT, "the body is neither text nor bytes");
        }
        int offset = live.memory.readInt(sizes);
        int length = live.memory.readInt(sizes + 4);
        return bytes(call("qjs_get_array_buffer", buffer, sizes + 12L) + offset, length);
    }

    private Bytes bytes(int address, int length) {
        if (length < 0 || length > Response.BODY_MAX) {
            throw Stop.trap(
                    TrapCode.BAD_OUTPUT,
                    "the output is larger than " + Response.BODY_MAX + " bytes");
        }
        live.invocation.charge(GasSchedule.moved(length));
        return Bytes.wrap(live.memory.readBytes(address, length));
    }

    /** What the engine is complaining about: message, then stack. */
    List<String> exception() {
        int error = call("qjs_get_exception");
        List<String> lines = new ArrayList<>();
        lines.add(text(error).utf8().strip());
        if (call("qjs_is_error", error) != 0) {
            lines.add(text(property(error, "stack")).utf8().stripTrailing());
        }
        return lines;
    }

    /** Runs promise reactions until none is left; what a reaction threw, if one did. */
    Optional<String> runJobs() {
        while (call("qjs_is_job_pending") != 0) {
            if (call("qjs_execute_pending_job") < 0) {
                return Optional.of(String.join("\n", exception()));
            }
        }
        return Optional.empty();
    }
}
