package orb.kernel.codec;

import java.util.Arrays;
import orb.kernel.Bytes;

/** Grows canonical bytes, from the size of a receipt; not thread-safe. */
final class CborSink {
    private byte[] buffer = new byte[512];
    private int length;

    /** A head in its shortest form (RFC 8949 section 3). */
    void head(int major, long argument) {
        if (argument < 24) {
            one(major << 5 | (int) argument);
        } else if (argument < 1 << 8) {
            one(major << 5 | 24);
            fixed(argument, 1);
        } else if (argument < 1 << 16) {
            one(major << 5 | 25);
            fixed(argument, 2);
        } else if (argument < 1L << 32) {
            one(major << 5 | 26);
            fixed(argument, 4);
        } else {
            one(major << 5 | 27);
            fixed(argument, 8);
        }
    }

    void one(int value) {
        room(1);
        buffer[length++] = (byte) value;
    }

    /** The low bytes of a number, most significant first. */
    void fixed(long value, int bytes) {
        room(bytes);
        for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
            buffer[length++] = (byte) (value >>> shift);
        }
    }

    void raw(byte[] bytes) {
        room(bytes.length);
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
    }

    Bytes bytes() {
        return Bytes.wrap(Arrays.copyOf(buffer, length));
    }

    private void room(int more) {
        if (length + more > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
        }
    }
}
