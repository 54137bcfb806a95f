package orb.sandbox;

import java.util.Arrays;

/** Writes the primitives of the WebAssembly binary format; not thread-safe. */
final class WasmSink {
    private byte[] buffer;
    private int length;

    WasmSink(int capacity) {
        buffer = new byte[Math.max(16, capacity)];
    }

    int length() {
        return length;
    }

    WasmSink one(int value) {
        if (length == buffer.length) {
            buffer = Arrays.copyOf(buffer, length * 2);
        }
        buffer[length++] = (byte) value;
        return this;
    }

    /** Unsigned LEB128. */
    WasmSink u32(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            one(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        return one(rest);
    }

    /** Signed LEB128. */
    WasmSink signed(long value) {
        long rest = value;
        while (rest < -64 || rest > 63) {
            one((int) (rest & 0x7f) | 0x80);
            rest >>= 7;
        }
        return one((int) rest & 0x7f);
    }

    WasmSink raw(byte[] bytes, int from, int to) {
        int more = to - from;
        if (length + more > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
        }
        System.arraycopy(bytes, from, buffer, length, more);
        length += more;
        return this;
    }

    WasmSink raw(byte[] bytes) {
        return raw(bytes, 0, bytes.length);
    }

    WasmSink append(WasmSink other) {
        return raw(other.buffer, 0, other.length);
    }

    /** The other's bytes after their length. */
    WasmSink sized(WasmSink other) {
        return u32(other.length).append(other);
    }

    WasmSink section(int id, WasmSink content) {
        return one(id).sized(content);
    }

    byte[] bytes() {
        return Arrays.copyOf(buffer, length);
    }
}
