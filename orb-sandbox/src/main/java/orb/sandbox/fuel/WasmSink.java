package orb.sandbox.fuel;

import java.util.Arrays;

/** Writes the primitives of the WebAssembly binary format; not thread-safe. */
public final class WasmSink {
    private byte[] buffer;
    private int length;

    public WasmSink(int capacity) {
        buffer = new byte[Math.max(16, capacity)];
    }

    public int length() {
        return length;
    }

    public WasmSink one(int value) {
        if (length == buffer.length) {
            buffer = Arrays.copyOf(buffer, length * 2);
        }
        buffer[length++] = (byte) value;
        return this;
    }

    /** Unsigned LEB128. */
    public WasmSink u32(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            one(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        return one(rest);
    }

    /** Signed LEB128. */
    public WasmSink signed(long value) {
        long rest = value;
        while (rest < -64 || rest > 63) {
            one((int) (rest & 0x7f) | 0x80);
            rest >>= 7;
        }
        return one((int) rest & 0x7f);
    }

    public WasmSink raw(byte[] bytes, int from, int to) {
        int more = to - from;
        if (length + more > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
        }
        System.arraycopy(bytes, from, buffer, length, more);
        length += more;
        return this;
    }

    public WasmSink raw(byte[] bytes) {
        return raw(bytes, 0, bytes.length);
    }

    public WasmSink append(WasmSink other) {
        return raw(other.buffer, 0, other.length);
    }

    /** The other's bytes after their length. */
    public WasmSink sized(WasmSink other) {
        return u32(other.length).append(other);
    }

    public WasmSink section(int id, WasmSink content) {
        return one(id).sized(content);
    }

    public byte[] bytes() {
        return Arrays.copyOf(buffer, length);
    }
}
