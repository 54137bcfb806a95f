package orb.sandbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.TrapCode;
import orb.kernel.port.HostCall;
import orb.sandbox.capability.Capabilities;
import orb.sandbox.fuel.GasSchedule;

/**
 * The import module {@code orb}: what a guest asks of its node, by pointers into its memory.
 *
 * <p>Every module may import it; whether a call does anything is the node's to say. Pointers are
 * checked by the memory and lengths before anything is read; what moves is charged before it moves.
 * The functions keep no state.
 */
final class OrbCalls {
    static final String MODULE = "orb";
    private static final int SECRET_NAME_MAX = 64;

    private static final Map<String, Wasi.HostCall> CALLS = calls();

    private OrbCalls() {}

    /** What asks the node; interrupted when the run's time is up. */
    private interface Asking {
        int ask(FlatMemory memory, int[] arguments) throws InterruptedException;
    }

    /** The call of this name, of this module or of WASI, if it is offered. */
    static Optional<Wasi.HostCall> find(String module, String name) {
        return module.equals(MODULE)
                ? Optional.ofNullable(CALLS.get(name))
                : Wasi.find(module, name);
    }

    private static Map<String, Wasi.HostCall> calls() {
        Map<String, Wasi.HostCall> calls = new TreeMap<>();
        offer(
                calls,
                "kv_get",
                "ii",
                (m, a) ->
                        isTooLong(a[1], HostCall.KEY_MAX)
                                ? of(m).tooLong()
                                : of(m).get(bytes(m, a[0], a[1])));
        offer(
                calls,
                "kv_set",
                "iiii",
                (m, a) ->
                        isTooLong(a[1], HostCall.KEY_MAX) || isTooLong(a[3], HostCall.VALUE_MAX)
                                ? of(m).tooLong()
                                : of(m).set(bytes(m, a[0], a[1]), bytes(m, a[2], a[3])));
        offer(
                calls,
                "kv_delete",
                "ii",
                (m, a) ->
                        isTooLong(a[1], HostCall.KEY_MAX)
                                ? of(m).tooLong()
                                : of(m).delete(bytes(m, a[0], a[1])));
        offer(
                calls,
                "http_request",
                "ii",
                (m, a) ->
                        isTooLong(a[1], Capabilities.REQUEST_MAX)
                                ? of(m).tooLong()
                                : of(m).fetch(bytes(m, a[0], a[1])));
        offer(
                calls,
                "secret_get",
                "ii",
                (m, a) ->
                        isTooLong(a[1], SECRET_NAME_MAX)
                                ? of(m).tooLong()
                                : of(m).secret(bytes(m, a[0], a[1])));
        offer(calls, "result_size", "", (m, a) -> of(m).result().length());
        offer(calls, "result_read", "iii", (m, a) -> read(m, a[0], a[1], a[2]));
        return calls;
    }

    private static void offer(
            Map<String, Wasi.HostCall> calls, String name, String signature, Asking asking) {
        calls.put(
                name,
                new Wasi.HostCall(
                        signature,
                        true,
                        (memory, arguments) -> timed(() -> asking.ask(memory, arguments))));
    }

    /** What waits for the node. */
    private interface Waiting<T> {
        T get() throws InterruptedException;
    }

    private static <T> T timed(Waiting<T> waiting) {
        try {
            return waiting.get();
        } catch (InterruptedException e) {
            throw Stop.trap(TrapCode.DEADLINE, "the time was up");
        }
    }

    private static Capabilities of(FlatMemory memory) {
        return memory.invocation().capabilities();
    }

    private static boolean isTooLong(int length, int max) {
        return length < 0 || length > max;
    }

    private static Bytes bytes(FlatMemory memory, int address, int length) {
        memory.invocation().charge(GasSchedule.moved(length));
        return Bytes.wrap(memory.readBytes(address, length));
    }

    /** Copies of the result from an offset on what fits; how many bytes that were. */
    private static int read(FlatMemory memory, int offset, int address, int room) {
        Bytes result = of(memory).result();
        int from = Math.clamp(Integer.toUnsignedLong(offset), 0, result.length());
        int count = (int) Math.min(Integer.toUnsignedLong(room), result.length() - from);
        memory.invocation().charge(GasSchedule.moved(count));
        memory.write(address, result.array(), from, count);
        return count;
    }

    /**
     * A script's call: one byte that says which, the length of the first argument in two, the first
     * argument, the second. Answered with the number in four bytes and the result, all little
     * endian.
     */
    static byte[] script(FlatMemory memory, byte[] message) {
        if (message.length < 3 || message.length > Capabilities.REQUEST_MAX + 3) {
            return answer(memory, of(memory).tooLong());
        }
        int split = 3 + (message[1] & 0xff) + ((message[2] & 0xff) << 8);
        if (split > message.length) {
            return answer(memory, of(memory).tooLong());
        }
        Bytes all = Bytes.wrap(message);
        Bytes first = all.slice(3, split);
        Bytes second = all.slice(split, message.length);
        Capabilities asked = of(memory);
        int number =
                timed(() ->
                        switch (message[0]) {
                            case 1 -> asked.get(first);
                            case 2 -> asked.set(first, second);
                            case 3 -> asked.delete(first);
                            case 4 -> asked.fetch(second);
                            case 5 -> asked.secret(first);
                            default -> asked.tooLong();
                        });
        return answer(memory, number);
    }

    private static byte[] answer(FlatMemory memory, int number) {
        Bytes result = of(memory).result();
        memory.invocation().charge(GasSchedule.moved(result.length()));
        return ByteBuffer.allocate(4 + result.length())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .put(result.array())
                .array();
    }
}
